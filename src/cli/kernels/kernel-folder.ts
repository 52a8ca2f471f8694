/**
 * Where a Jupyter outside of the environment looks for kernels: a folder with one folder for each.
 *
 *     $JUPYTER_DATA_DIR/kernels, else $XDG_DATA_HOME/jupyter/kernels, else ~/.local/share/jupyter/kernels
 *     PREFIX/share/jupyter/kernels        with --prefix, for a Jupyter that is installed there
 *
 * A kernel of copse's has, beside kernel.json, a link to its environment: it keeps that from being collected, and goes with
 * the folder.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { CopseError } from "#base";
import type { CommandLine, Option } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { type FoundKernel, isKernelName } from "./find-kernels.ts";
import {
  formatKernelSpec,
  type KernelOrigin,
  type KernelSpec,
  launchedSpec,
  originOf,
  parseKernelSpec,
} from "./kernel-spec.ts";

export const PREFIX_OPTION: Option = {
  names: ["--prefix"],
  values: ["FOLDER"],
  help: "of the Jupyter that is meant, such as a virtual environment (default: the user's own kernels)",
  completes: "file",
};

const ENVIRONMENT_LINK = "environment";

export interface InstalledKernel {
  readonly name: string;
  readonly folder: string;
  readonly displayName: string;
  readonly language: string;
  readonly origin: KernelOrigin;
  /** Whether what it starts is there. */
  readonly isThere: boolean;
}

export function kernelsFolder(line: CommandLine, { env, cwd }: CommandContext): string {
  const prefix = line.value("--prefix");
  if (prefix !== undefined) return join(resolve(cwd, prefix), "share/jupyter/kernels");
  const data = env["JUPYTER_DATA_DIR"];
  if (data) return join(resolve(cwd, data), "kernels");
  const base = env["XDG_DATA_HOME"];
  return join(
    base?.startsWith("/") ? base : join(env["HOME"] || homedir(), ".local/share"),
    "jupyter/kernels",
  );
}

export interface InstallRequest {
  readonly kernel: FoundKernel;
  /** The kernel's name for Jupyter. */
  readonly name: string;
  /** What stands behind its name for people. */
  readonly label: string;
  readonly project: string;
  /** The real folder of the built environment, with its launchers in bin. */
  readonly environment: string;
  /** Makes a link that keeps the environment. */
  readonly keep: (link: string) => void;
}

/** @throws CopseError `kernel-occupied`, `kernel-invalid`, `kernel-unwritable`. */
export function installKernel(folder: string, request: InstallRequest): InstalledKernel {
  const { kernel, name, label, project, environment } = request;
  const place = join(folder, name);
  const known = readInstalled(folder, name);
  if (!known && existsSync(place))
    throw new CopseError(
      "kernel-occupied",
      `There is a kernel of this name that is not copse's: \`${place}\``,
      {
        hint: "name this one otherwise with --name",
      },
    );
  const program = basename(kernel.spec.argv[0]);
  if (!existsSync(join(environment, "bin", program)))
    throw new CopseError(
      "kernel-invalid",
      `Kernel ${kernel.name} is started by a program that the environment lacks: \`${program}\``,
    );
  const link = join(place, ENVIRONMENT_LINK);
  const origin = { project, kernel: kernel.name };
  const spec = launchedSpec(kernel.spec, { launcher: join(link, "bin", program), label, origin });
  try {
    mkdirSync(place, { recursive: true });
    request.keep(link);
    for (const [file, bytes] of kernel.resources) writeFileSync(join(place, file), bytes);
    writeFileSync(join(place, "kernel.json"), formatKernelSpec(spec));
  } catch (error) {
    if (error instanceof CopseError) throw error;
    throw new CopseError("kernel-unwritable", `Kernel cannot be written: \`${place}\``, { cause: error });
  }
  return installed(folder, { name, spec, origin });
}

/** Those that copse has installed. */
export function listInstalled(folder: string): InstalledKernel[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => readInstalled(folder, name) ?? []);
}

/** @throws CopseError `kernel-missing` for what is not there or not copse's. */
export function removeKernel(folder: string, name: string): InstalledKernel {
  const known = isKernelName(name) ? readInstalled(folder, name) : undefined;
  if (!known) {
    const names = listInstalled(folder).map((one) => one.name);
    throw new CopseError("kernel-missing", `copse has installed no kernel of this name: \`${name}\``, {
      hint:
        names.length === 0
          ? `there is none of copse's in ${folder}`
          : `those of copse's are ${names.join(", ")}`,
    });
  }
  rmSync(known.folder, { recursive: true });
  return known;
}

function readInstalled(folder: string, name: string): InstalledKernel | undefined {
  const file = join(folder, name, "kernel.json");
  if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return undefined;
  let spec: KernelSpec;
  try {
    spec = parseKernelSpec(readFileSync(file, "utf8"), file);
  } catch (error) {
    // Another program's, which is none of ours to judge.
    if (error instanceof CopseError && error.code === "kernel-invalid") return undefined;
    throw error;
  }
  const origin = originOf(spec);
  return origin && installed(folder, { name, spec, origin });
}

function installed(
  folder: string,
  { name, spec, origin }: { readonly name: string; readonly spec: KernelSpec; readonly origin: KernelOrigin },
): InstalledKernel {
  const { displayName, language, argv } = spec;
  return { name, folder: join(folder, name), displayName, language, origin, isThere: existsSync(argv[0]) };
}
