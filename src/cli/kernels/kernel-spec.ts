/**
 * kernel.json: how Jupyter starts a kernel ("Kernel specs" in jupyter-client's documentation).
 *
 *     { "argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
 *       "display_name": "Python 3", "language": "python", "metadata": { "debugger": true } }
 *
 * A kernel that copse has installed has one more entry in its metadata, by which it is known again:
 *
 *     "copse": { "project": "/home/ann/study", "kernel": "python3" }
 */
import { basename } from "node:path";
import { CopseError } from "#base";

export interface KernelSpec {
  readonly argv: readonly [string, ...string[]];
  readonly displayName: string;
  readonly language: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** All other entries, such as `env` and `interrupt_mode`, as they are. */
  readonly others: Readonly<Record<string, unknown>>;
}

/** What copse says of a kernel that it has installed. */
export interface KernelOrigin {
  readonly project: string;
  /** Its name in the environment. */
  readonly kernel: string;
}

/** Throws CopseError `kernel-invalid`. */
export function parseKernelSpec(text: string, place: string): KernelSpec {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CopseError("kernel-invalid", `Description of a Jupyter kernel is no JSON: \`${place}\``, {
      cause,
    });
  }
  const entries = recordOf(json) ?? {};
  const { argv, display_name: displayName, language, metadata, ...others } = entries;
  const words = Array.isArray(argv) ? argv : [];
  const [program, ...rest] = words;
  if (typeof program !== "string" || !rest.every((word) => typeof word === "string"))
    throw new CopseError(
      "kernel-invalid",
      `Description of a Jupyter kernel does not say how to start it: \`${place}\``,
    );
  return {
    argv: [program, ...(rest as string[])],
    displayName: typeof displayName === "string" ? displayName : basename(program),
    language: typeof language === "string" ? language : "",
    metadata: recordOf(metadata) ?? {},
    others,
  };
}

export function formatKernelSpec({ argv, displayName, language, metadata, others }: KernelSpec): string {
  const json = { argv, display_name: displayName, language, ...others, metadata };
  return `${JSON.stringify(json, undefined, 1)}\n`;
}

/** The same kernel, started through a launcher of its environment. */
export function launchedSpec(
  spec: KernelSpec,
  {
    launcher,
    label,
    origin,
  }: { readonly launcher: string; readonly label: string; readonly origin: KernelOrigin },
): KernelSpec {
  return {
    ...spec,
    argv: [launcher, ...spec.argv.slice(1)],
    displayName: `${spec.displayName} (${label})`,
    metadata: { ...spec.metadata, copse: origin },
  };
}

export function originOf({ metadata }: KernelSpec): KernelOrigin | undefined {
  const { project, kernel } = recordOf(metadata["copse"]) ?? {};
  return typeof project === "string" && typeof kernel === "string" ? { project, kernel } : undefined;
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
