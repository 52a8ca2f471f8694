/**
 * The Jupyter kernels that an environment brings: folders `share/jupyter/kernels/NAME` with a kernel.json, of its inputs, of
 * `$JUPYTER_PATH`, and of its root. The first of a name counts, as for Jupyter.
 */
import { dirname, join } from "node:path";
import { CopseError } from "#base";
import type { Environment } from "#build/warm";
import { type KernelSpec, parseKernelSpec } from "./kernel-spec.ts";
import { SeenFiles } from "./seen-files.ts";

export interface FoundKernel {
  /** `python3`, `ir`. */
  readonly name: string;
  readonly spec: KernelSpec;
  /** Pictures and scripts that a notebook shows it with, by their names. */
  readonly resources: ReadonlyMap<string, Buffer>;
}

const MAX_SPEC_BYTES = 64 * 1024;
const MAX_RESOURCE_BYTES = 1024 * 1024;
const RESOURCE = /^(?:logo-[A-Za-z0-9._-]+\.(?:png|svg)|kernel\.(?:js|css))$/;

/** Throws `kernel-invalid`. */
export function findKernels(environment: Environment): FoundKernel[] {
  const files = new SeenFiles(environment);
  const found = new Map<string, FoundKernel>();
  for (const folder of kernelFolders(environment)) {
    for (const name of files.list(folder)) {
      const text = isKernelName(name)
        ? files.read(join(folder, name, "kernel.json"), MAX_SPEC_BYTES)
        : undefined;
      if (text === undefined || found.has(name)) continue;
      const spec = parseKernelSpec(text.toString("utf8"), join(folder, name, "kernel.json"));
      found.set(name, { name, spec, resources: resourcesOf(files, join(folder, name)) });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** As Jupyter names kernels: letters, digits, dots, dashes and underscores. */
export function isKernelName(text: string): boolean {
  return text.length <= 100 && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text);
}

/** @throws CopseError `kernel-missing`, for an environment without a kernel or without the named one. */
export function kernelsNamed(
  kernels: readonly FoundKernel[],
  wanted: readonly string[],
): readonly FoundKernel[] {
  if (kernels.length === 0)
    throw new CopseError("kernel-missing", "The environment has no Jupyter kernel", {
      hint: "ipykernel is Python's, IRkernel is R's: add one of them to the environment",
    });
  const missing = wanted.find((name) => !kernels.some((one) => one.name === name));
  if (missing !== undefined)
    throw new CopseError(
      "kernel-missing",
      `The environment has no Jupyter kernel of this name: \`${missing}\``,
      {
        hint: `it has ${kernels.map(({ name }) => name).join(", ")}`,
      },
    );
  return wanted.length === 0 ? kernels : kernels.filter(({ name }) => wanted.includes(name));
}

function kernelFolders({ path, variables }: Environment): string[] {
  const ofInputs = path.map((folder) => join(dirname(folder), "share/jupyter"));
  const ofVariable = (variables["JUPYTER_PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return [...ofVariable, ...ofInputs, "/usr/local/share/jupyter", "/usr/share/jupyter"].map((folder) =>
    join(folder, "kernels"),
  );
}

function resourcesOf(files: SeenFiles, folder: string): Map<string, Buffer> {
  const resources = new Map<string, Buffer>();
  for (const name of files.list(folder)) {
    const bytes = RESOURCE.test(name) ? files.read(join(folder, name), MAX_RESOURCE_BYTES) : undefined;
    if (bytes) resources.set(name, bytes);
  }
  return resources;
}
