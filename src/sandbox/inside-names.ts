/**
 * The names by which programs inside an environment reach the host: copse itself and Nix's names for it, and the
 * programs that a project or a user says must stay the host's (docker, sbatch, ssh).
 *
 * All of them are links to one script (inside/host-program.sh), in a folder of the cache that is made once for each
 * set of names and bound into the new root: entering must not cost a process for each. `first` goes before the root's
 * own programs on PATH, for what was asked for by name; `last` goes after them.
 */
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { CopseError, installedPath } from "#base";
import { hostToolPath } from "./host-programs.ts";

export interface InsideNames {
  /** With `first` and `last`. */
  readonly folder: string;
  /** PATH on the way back. It begins with a folder in which copse has all of its names. */
  readonly hostPath: string;
}

/** PATH inside: the programs of the host that were named go first; copse, for those who want it, last. */
export function insidePath(path: readonly string[], options: { readonly withCopse: boolean }): string {
  const last = options.withCopse ? ["/.copse/names/last"] : [];
  return ["/.copse/names/first", ...path, ...last].join(":");
}

export interface InsideNamesOptions {
  readonly cacheDir: string;
  /** The names that copse answers to. */
  readonly ownNames: readonly string[];
  /** What must be the host's. CopseError "host-program-name" for what is not a file name. */
  readonly hostPrograms: readonly string[];
  /** The caller's PATH. */
  readonly path: string;
}

const tool = (name: string) => `/.copse/tools/${name}.sh`;
const refused = ["apt", "apt-get", "sudo"];

export function prepareInsideNames(options: InsideNamesOptions): InsideNames {
  const { cacheDir, ownNames, path } = options;
  const hostPrograms = [...new Set(options.hostPrograms)].sort();
  const bad = hostPrograms.find((name) => !/^[A-Za-z0-9._+-]+$/.test(name) || /^\.+$/.test(name));
  if (bad !== undefined) throw new CopseError("host-program-name", `Not the name of a program: \`${bad}\``);
  const copse = installedPath("bin/copse");
  const folder = join(cacheDir, "inside", folderName([copse, ...ownNames, "", ...hostPrograms]));
  if (!existsSync(folder)) {
    makeFolder(folder, {
      first: hostPrograms.map((name) => [name, tool("host-program")]),
      last: [
        ...ownNames.map((name): Link => [name, tool("host-program")]),
        ...refused.map((name): Link => [name, tool("refuse")]),
      ],
      host: ownNames.map((name) => [name, copse]),
    });
  }
  return { folder, hostPath: [join(folder, "host"), path, hostToolPath].filter(Boolean).join(":") };
}

type Link = readonly [name: string, target: string];

/** Made aside and renamed: a folder that exists is complete. */
function makeFolder(folder: string, parts: Readonly<Record<string, readonly Link[]>>): void {
  const aside = `${folder}.${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  for (const [part, links] of Object.entries(parts)) {
    mkdirSync(join(aside, part), { recursive: true });
    for (const [name, target] of links) symlinkSync(target, join(aside, part, name));
  }
  try {
    renameSync(aside, folder);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    // Somebody else was faster.
    if (!existsSync(folder)) throw error;
  }
}

/** FNV-1a, 64 bits: a name, not a proof. The library with better ones takes a while to load. */
function folderName(words: readonly string[]): string {
  let hash = 0xcbf29ce484222325n;
  for (const unit of Buffer.from(words.join("\0"))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(unit)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}
