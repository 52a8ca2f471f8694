/**
 * `builtin:copse-package`: a Debian package in the shape that Nix's users expect. `bin/` has a launcher for each
 * program, which enters the package's own root (or runs the program directly where a root that has it is `/`
 * already); `lib/`, `include/`, `share/` and the like are links into the unpacked packages.
 *
 * With `environment`, a Python environment, its programs are launched likewise. The interpreter is started by its
 * launcher's name, so that what it tells others of itself can be started from outside; hence the launchers' folder is
 * an environment, too.
 */
import { lstat, mkdir, readdir, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type StorePath, storePathBase } from "#format";
import { type BuildTask, variable, words } from "./context.ts";

/** Folders of a package that show at the top, in the order in which their entries take precedence. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  include: ["usr/include"],
  share: ["usr/share"],
  lib: ["usr/lib"],
  libexec: ["usr/libexec"],
  etc: ["etc"],
};
const PROGRAMS = ["usr/bin", "usr/sbin", "usr/games"];

export async function makePackage(task: BuildTask): Promise<void> {
  const output = task.outputs.get("out") as string;
  await mkdir(output, { recursive: true });
  const environment = task.drv.env.get("environment");
  if (environment !== undefined) await showEnvironment(task, { environment, output });
  const trees = words(task, "packages") as StorePath[];
  for (const [shown, folders] of Object.entries(SHOWN)) {
    for (const folder of folders) {
      for (const tree of trees) await linkEntries(task, { tree, folder, target: join(output, shown) });
    }
  }
  await linkArchitectureLibraries(task, { trees, target: join(output, "lib") });
  for (const tree of trees) await writeLaunchers(task, { tree, target: join(output, "bin") });
}

async function showEnvironment(
  task: BuildTask,
  { environment, output }: { readonly environment: string; readonly output: string },
): Promise<void> {
  const real = task.services.store.realPath(environment);
  for (const name of await namesIn(real))
    if (name !== "bin") await symlink(`${environment}/${name}`, join(output, name));
  await mkdir(join(output, "bin"));
  for (const name of await namesIn(join(real, "bin")))
    await writeLauncher(task, { program: `${environment}/bin/${name}`, script: join(output, "bin", name) });
}

interface LinkRequest {
  readonly tree: StorePath;
  readonly folder: string;
  readonly target: string;
}

/** Links each entry of a folder; where two packages have a folder of one name, its entries are linked instead. */
async function linkEntries(task: BuildTask, request: LinkRequest): Promise<void> {
  const logical = `${request.tree}/${request.folder}`;
  for (const name of await namesIn(task.services.store.realPath(logical))) {
    await linkInto(task, { source: `${logical}/${name}`, link: join(request.target, name) });
  }
}

async function linkInto(
  task: BuildTask,
  request: { readonly source: string; readonly link: string },
): Promise<void> {
  const { source, link } = request;
  await mkdir(join(link, ".."), { recursive: true });
  const present = await lstat(link).catch(() => undefined);
  if (!present) {
    await symlink(source, link);
    return;
  }
  const real = task.services.store.realPath(source);
  if (!(await stat(real)).isDirectory()) return;
  if (present.isSymbolicLink()) await openLinkedFolder(task, link);
  for (const name of await namesIn(real)) {
    await linkInto(task, { source: `${source}/${name}`, link: join(link, name) });
  }
}

/** A link to a folder becomes a folder of links, so that another package's entries can join. */
async function openLinkedFolder(task: BuildTask, link: string): Promise<void> {
  const { unlink } = await import("node:fs/promises");
  const source = await readlink(link);
  await unlink(link);
  await mkdir(link);
  for (const name of await namesIn(task.services.store.realPath(source))) {
    await symlink(`${source}/${name}`, join(link, name));
  }
}

/** Debian keeps libraries in `lib/<triplet>`; `${pkg}/lib/libx.so` must find them all the same. */
async function linkArchitectureLibraries(
  task: BuildTask,
  request: { readonly trees: readonly StorePath[]; readonly target: string },
): Promise<void> {
  for (const tree of request.trees) {
    for (const triplet of ["x86_64-linux-gnu", "aarch64-linux-gnu"]) {
      await linkEntries(task, { tree, folder: `usr/lib/${triplet}`, target: request.target });
    }
  }
}

async function writeLaunchers(
  task: BuildTask,
  request: { readonly tree: StorePath; readonly target: string },
): Promise<void> {
  for (const folder of PROGRAMS) {
    for (const name of await namesIn(task.services.store.realPath(`${request.tree}/${folder}`))) {
      await mkdir(request.target, { recursive: true });
      const script = join(request.target, name);
      if (await lstat(script).catch(() => undefined)) continue;
      await writeLauncher(task, { script, program: `/${folder}/${name}` });
    }
  }
}

/** `program` is a path in the root. */
async function writeLauncher(
  task: BuildTask,
  { script, program }: { readonly script: string; readonly program: string },
): Promise<void> {
  const root = storePathBase(variable(task, "root") as StorePath);
  const launcher = storePathBase(variable(task, "launcher") as StorePath);
  await writeFile(script, launcherScript({ launcher, root, program }), { mode: 0o555 });
}

/**
 * Finds the launcher next to itself in the store, wherever the store lies. Python tells by its own name where it was
 * started, and is started again by that name: it must be the launcher's, for outside there may be another Python.
 */
function launcherScript(names: {
  readonly launcher: string;
  readonly root: string;
  readonly program: string;
}): string {
  const program = `'${names.program.replaceAll("'", "'\\''")}'`;
  const keepsName = /\/python[0-9.]*$/.test(names.program);
  const enter = `exec "$store/${names.launcher}" ${names.root} --`;
  return [
    "#!/bin/sh",
    'self=$(readlink -f "$0") || exit 126',
    "store=${self%/*/bin/*}",
    ...(keepsName
      ? [
          "case $0 in /*) name=$0 ;; *) name=$PWD/$0 ;; esac",
          `${enter} /bin/bash --norc -c 'name=$1; shift; exec -a "$name" "$@"' bash "$name" ${program} "$@"`,
        ]
      : [`${enter} ${program} "$@"`]),
    "",
  ].join("\n");
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}
