/**
 * What pip's configuration says about which versions are taken: constraints, pre-releases, wheels or sources, the time
 * before which a file must have been there. It counts for an answer that is looked for on this machine, where the request
 * itself says nothing of the kind; the lock then has the answer for every machine. What pip could do and a lock cannot (leave
 * out dependencies, install for another machine) is refused by its name.
 */
import { CopseError } from "#base";
import type { PipConfiguration, PipItem, PipOptions } from "#fetch";
import { type NormalizedName, normaliseName, type Requirement } from "#format/python";
import type { PythonSolveSettings } from "../../solve/settings.ts";
import { type ConstraintsReading, readConstraints } from "./constraints.ts";

export interface PipPreferences {
  readonly constraints: readonly Requirement[];
  readonly settings: PythonSolveSettings;
  /** Names of the settings that count. */
  readonly heeded: readonly string[];
}

/** Throws `pip-setting-unsupported`, `pip-constraints`, `pip-config-value`. */
export async function readPipPreferences(
  reading: ConstraintsReading & { readonly nowMs: number },
): Promise<PipPreferences> {
  const { pip, nowMs } = reading;
  refuseUnsupported(pip);
  const { options } = pip;
  const before = options.uploadedPriorTo;
  const settings: PythonSolveSettings = {
    ...(options.pre && { prereleases: "allow" }),
    ...(options.preferBinary && { preferBinary: true }),
    ...formats(options),
    ...(before && { excludeNewer: instantOf(before, nowMs) }),
  };
  const heeded = [
    ...(options.constraints.length > 0 ? ["constraint"] : []),
    ...(options.pre ? ["pre"] : []),
    ...(options.preferBinary ? ["prefer-binary"] : []),
    ...(settings.onlyBinary ? ["only-binary"] : []),
    ...(settings.noBinary ? ["no-binary"] : []),
    ...(before ? ["uploaded-prior-to"] : []),
  ];
  return { constraints: await readConstraints(reading), settings, heeded };
}

/** The request's own settings before pip's: both formats go together, as one takes from the other. */
export function withPipPreferences(
  stated: PythonSolveSettings,
  { settings }: PipPreferences,
): PythonSolveSettings {
  const { onlyBinary, noBinary, ...rest } = settings;
  const hasFormats = stated.onlyBinary !== undefined || stated.noBinary !== undefined;
  return {
    ...rest,
    ...(!hasFormats && onlyBinary && { onlyBinary }),
    ...(!hasFormats && noBinary && { noBinary }),
    ...stated,
  };
}

function refuseUnsupported({ options }: PipConfiguration): void {
  const found = options.unsupported[0];
  if (!found) return;
  const variable = `PIP_${found.key.toUpperCase().replaceAll("-", "_")}`;
  throw new CopseError(
    "pip-setting-unsupported",
    `pip's setting ${found.key} means something that cannot be locked, in \`${found.place}\``,
    {
      hint: found.key.startsWith("no-dep")
        ? `[python.dependencies.NAME] of copse.toml takes single dependencies away; unset it for copse: ${variable}=`
        : `[python] version and platforms of copse.toml say what is locked for; unset it for copse: ${variable}=`,
    },
  );
}

/** What is named by itself goes before `:all:` of the other side. */
function formats({ format }: PipOptions): Pick<PythonSolveSettings, "onlyBinary" | "noBinary"> {
  const only = names(format.onlyBinary);
  const no = names(format.noBinary);
  if (format.onlyBinary.has(":all:"))
    return { onlyBinary: { allBut: no }, ...(no.size > 0 && { noBinary: no }) };
  if (format.noBinary.has(":all:"))
    return { noBinary: { allBut: only }, ...(only.size > 0 && { onlyBinary: only }) };
  return { ...(only.size > 0 && { onlyBinary: only }), ...(no.size > 0 && { noBinary: no }) };
}

function names(texts: ReadonlySet<string>): ReadonlySet<NormalizedName> {
  return new Set([...texts].filter((text) => /^[a-z0-9]/.test(text)).map(normaliseName));
}

const DAY_MS = 86_400_000;

/** A day or a time, in this machine's zone where none is said, as pip reads it; or `P3D`, days before now. */
function instantOf({ value, place }: PipItem, nowMs: number): string {
  const days = /^P(\d{1,5})D$/i.exec(value.trim())?.[1];
  const text = value.trim().replace(" ", "T");
  const time =
    days !== undefined
      ? nowMs - Number(days) * DAY_MS
      : Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new CopseError("pip-config-value", `pip's setting uploaded-prior-to is no time, in \`${place}\``, {
    hint: "pip refuses it too; a time is written 2025-03-01T00:00:00Z",
  });
}
