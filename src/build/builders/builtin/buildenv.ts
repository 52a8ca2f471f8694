/**
 * `builtin:buildenv`: a user environment, the union of several packages as a tree of links. A folder that one package
 * alone has is a link to it; where two have it, it becomes a folder whose entries are linked. Of two files of one name
 * the one with the lower priority number wins; of equal numbers neither, and that is an error.
 */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { CopseError } from "#base";
import type { BuildTask } from "../context.ts";
import { LogicalFiles } from "./logical-files.ts";

interface Package {
  readonly path: string;
  readonly priority: number;
}

/** Packages that packages bring along come after all that were asked for. */
const PROPAGATED_PRIORITY = 1000;

/** What would only collide, and serves nobody in an environment. */
const LEFT_OUT = [
  ...["/propagated-build-inputs", "/nix-support", "/perllocal.pod", "/info/dir", "/log"],
  ...["/manifest.nix", "/manifest.json"],
];

export async function buildEnvironment(task: BuildTask): Promise<void> {
  const output = task.outputs.get("out") as string;
  const manifest = requireVariable(task, "manifest");
  const packages = parsePackages(requireVariable(task, "derivations"));
  mkdirSync(output, { recursive: true });
  const links = new EnvironmentLinks(task);
  for (const { path, priority } of packages.toSorted(inOrder)) links.add(path, output, priority);
  links.addPropagated(output);
  symlinkSync(manifest, join(output, "manifest.nix"));
}

function inOrder(a: Package, b: Package): number {
  return a.priority - b.priority || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}

/** By turns: whether it is active, its priority, how many outputs, these. */
function parsePackages(text: string): Package[] {
  const tokens = text.split(/[ \t\n\r]+/).filter((token) => token !== "");
  const packages: Package[] = [];
  for (let at = 0; at < tokens.length; ) {
    const isActive = tokens[at++] !== "false";
    const priority = wholeNumber(tokens[at++]);
    const end = at + 1 + wholeNumber(tokens[at]);
    if (end > tokens.length) throw malformed(text);
    for (at++; at < end; at++) if (isActive) packages.push({ path: tokens[at] as string, priority });
  }
  return packages;

  function wholeNumber(token: string | undefined): number {
    if (!/^-?\d{1,9}$/.test(token ?? "")) throw malformed(text);
    return Number(token);
  }
}

function malformed(text: string): CopseError {
  return new CopseError(
    "buildenv-invalid",
    `List of an environment's packages is malformed: \`${text.slice(0, 300)}\``,
  );
}

class EnvironmentLinks {
  readonly #task: BuildTask;
  readonly #files: LogicalFiles;
  /** By real path of the link. */
  readonly #priorities = new Map<string, number>();
  readonly #done = new Set<string>();
  #postponed = new Set<string>();

  constructor(task: BuildTask) {
    this.#task = task;
    this.#files = new LogicalFiles(task.services.store);
  }

  add(path: string, output: string, priority: number): void {
    if (this.#done.has(path)) return;
    this.#done.add(path);
    this.#link(path, output, priority);
    const listed = this.#files.resolve(`${path}/nix-support/propagated-user-env-packages`);
    if (!listed) return;
    for (const more of readFileSync(listed.real, "latin1").split(/[ \n]+/)) {
      if (more !== "" && !this.#done.has(more)) this.#postponed.add(more);
    }
  }

  addPropagated(output: string): void {
    let priority = PROPAGATED_PRIORITY;
    while (this.#postponed.size > 0) {
      const packages = [...this.#postponed].sort();
      this.#postponed = new Set();
      for (const path of packages) this.add(path, output, priority++);
    }
  }

  /** `source` is a logical path. */
  #link(source: string, target: string, priority: number): void {
    this.#task.signal.throwIfAborted();
    const folder = this.#files.resolve(source);
    if (!folder)
      throw new CopseError("file-not-found", `opening directory '${source}': No such file or directory`);
    if (!lstatSync(folder.real).isDirectory()) {
      this.#warn(`not including '${source}' in the user environment because it's not a directory`);
      return;
    }
    for (const name of readdirSync(folder.real).sort()) {
      if (name.startsWith(".")) continue;
      this.#linkEntry({ source: `${source}/${name}`, target: join(target, name), priority });
    }
  }

  #linkEntry(entry: { readonly source: string; readonly target: string; readonly priority: number }): void {
    const { source, target, priority } = entry;
    const found = this.#files.resolve(source);
    if (!found) {
      this.#warn(`skipping dangling symlink '${this.#shown(target)}'`);
      return;
    }
    if (LEFT_OUT.some((suffix) => source.endsWith(suffix))) return;
    const present = lstatSync(target, { throwIfNoEntry: false });
    if (lstatSync(found.real).isDirectory()) {
      if (present?.isDirectory() || present?.isSymbolicLink()) {
        if (present.isSymbolicLink()) this.#openFolder(entry);
        this.#link(source, target, priority);
        return;
      }
    } else if (present?.isSymbolicLink()) {
      const before = this.#priorities.get(target) ?? 0;
      if (before === priority) throw conflict(readlinkSync(target), source);
      if (before < priority) return;
      unlinkSync(target);
    } else if (present?.isDirectory()) {
      throw new CopseError(
        "buildenv-collision",
        `collision between non-directory '${source}' and directory '${this.#shown(target)}'`,
      );
    }
    symlinkSync(source, target);
    this.#priorities.set(target, priority);
  }

  /** A link to one package's folder becomes a folder of links, so that another package's entries can join. */
  #openFolder(entry: { readonly source: string; readonly target: string }): void {
    const { source, target } = entry;
    const other = this.#files.resolve(readlinkSync(target));
    if (!other || !lstatSync(other.real).isDirectory()) {
      throw new CopseError(
        "buildenv-collision",
        `collision between "${source}" and non-directory "${other?.logical ?? readlinkSync(target)}"`,
      );
    }
    unlinkSync(target);
    mkdirSync(target, 0o755);
    this.#link(other.logical, target, this.#priorities.get(target) ?? 0);
  }

  /** A link by the name that it will have. */
  #shown(target: string): string {
    const { outputs, drv } = this.#task;
    return target.replace(outputs.get("out") as string, () => drv.outputs.get("out")?.path ?? "");
  }

  #warn(text: string): void {
    this.#task.services.progress({ kind: "message", level: "warning", text });
  }
}

function conflict(one: string, other: string): CopseError {
  return new CopseError(
    "buildenv-conflict",
    `Unable to build profile. There is a conflict for the following files:\n\n  "${one}"\n  "${other}"`,
    { hint: "give one of the packages a higher priority: a lower number in meta.priority" },
  );
}

function requireVariable({ drv }: BuildTask, name: string): string {
  const value = drv.env.get(name);
  if (value === undefined) throw new CopseError("buildenv-invalid", `attribute '${name}' missing`);
  return value;
}
