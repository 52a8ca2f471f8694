/**
 * A Python environment: packages merged into what CPython takes for a virtual environment (PEP 405).
 *
 *     pyvenv.cfg                                   home = /usr/bin, or where the interpreter is
 *     bin/python3, python, python3.11              -> /usr/bin/python3.11, of the root that it is used in
 *     bin/jupyter ...                              scripts with this environment's interpreter
 *     lib/python3.11/site-packages/**              links to the files of the unpacked wheels and of their byte code
 *     share/, etc/, include/ ...                   likewise
 *
 * The interpreter finds `pyvenv.cfg` beside the folder that it was started from, before links are followed; so
 * site-packages of this environment are seen, and none of the system's. Links are to files, never to folders:
 * libraries find each other by `$ORIGIN/../../other_package/lib`, and Python namespaces grow together from several
 * wheels.
 */
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { type ByteString, CopseError } from "#base";
import { parseEntryPoints } from "#format/python";
import { fsPath } from "../byte-path.ts";
import {
  describeCollisions,
  type MergedFile,
  type MergedTrees,
  mergeTrees,
  type PackageTree,
} from "./merge-trees.ts";
import { checkScriptName, entryPointScript, type ScriptEntryPoint, withInterpreter } from "./script-text.ts";

export interface PythonEnvironmentTask {
  readonly kind: "python-environment";
  /** Each after what it depends on. */
  readonly packages: readonly PackageTree[];
  /** The interpreter's name: `python3.11`. */
  readonly python: string;
  /** Its path in the root where the environment is used, if it is not in `/usr/bin`. */
  readonly interpreter?: ByteString | undefined;
  /** `3.11.2` */
  readonly pythonVersion: string;
  /** The logical path that the environment will have. */
  readonly storePath: ByteString;
  /** A directory that does not exist yet. */
  readonly target: ByteString;
}

/** What the user should know though it stops nothing, a sentence each. */
export type EnvironmentNotes = readonly string[];

/** @throws CopseError `python-collision`, `python-script`, `python-metadata` naming the package. */
export function makePythonEnvironment(task: PythonEnvironmentTask): EnvironmentNotes {
  const { target, python } = task;
  const merged = mergeTrees(task.packages);
  const notes = describeCollisions(merged.collisions);
  mkdirSync(fsPath(target));
  for (const folder of [...merged.folders].sort())
    mkdirSync(fsPath(`${target}/${folder}`), { recursive: true });
  mkdirSync(fsPath(`${target}/bin`), { recursive: true });
  mkdirSync(fsPath(`${target}/lib/${python}/site-packages`), { recursive: true });
  write(`${target}/pyvenv.cfg`, configuration(task), 0o444);
  const interpreters = new Set([python, "python3", "python"]);
  for (const name of interpreters) symlinkSync(fsPath(interpreterOf(task)), fsPath(`${target}/bin/${name}`));
  const scripts = scriptsOf(task, merged);
  for (const [name, script] of scripts) {
    if (interpreters.has(name))
      notes.push(`${script.owner} has a program of its own called ${name}: it is left out`);
    else write(`${target}/bin/${name}`, script.contents, 0o555);
  }
  for (const [path, { source }] of merged.files) {
    const program = /^bin\/([^/]+)$/s.exec(path)?.[1];
    if (program !== undefined && (scripts.has(program) || interpreters.has(program))) continue;
    if (path === "pyvenv.cfg") continue;
    symlinkSync(fsPath(source), fsPath(`${target}/${path}`));
  }
  return notes;
}

/** `executable` and `command`, which venv writes too, tell nothing that the interpreter asks for. */
function configuration(task: PythonEnvironmentTask): string {
  const home = dirname(interpreterOf(task));
  return `home = ${home}\ninclude-system-site-packages = false\nversion = ${task.pythonVersion}\n`;
}

function interpreterOf({ interpreter, python }: PythonEnvironmentTask): ByteString {
  return interpreter ?? `/usr/bin/${python}`;
}

interface Script {
  readonly owner: string;
  readonly contents: Buffer;
}

/** All programs that name the interpreter, by name; a later package's wins. */
function scriptsOf(task: PythonEnvironmentTask, merged: MergedTrees): Map<ByteString, Script> {
  const interpreter = `${task.storePath}/bin/python3`;
  const scripts = new Map<ByteString, Script>();
  for (const [path, file] of merged.files) {
    if (!/^bin\/[^/]+$/s.test(path)) continue;
    const contents = withInterpreter(readFileSync(fsPath(file.realPath)), interpreter);
    if (contents) scripts.set(path.slice("bin/".length), { owner: file.owner.name, contents });
  }
  for (const [path, file] of merged.files) {
    if (!/^lib\/[^/]+\/site-packages\/[^/]+\.dist-info\/entry_points\.txt$/s.test(path)) continue;
    for (const entry of entryPointsOf(file)) {
      const contents = Buffer.from(located(file, () => entryPointScript(entry, interpreter)));
      scripts.set(Buffer.from(entry.name).toString("latin1"), { owner: file.owner.name, contents });
    }
  }
  return scripts;
}

function entryPointsOf(file: MergedFile): ScriptEntryPoint[] {
  return located(file, () => {
    const groups = parseEntryPoints(readFileSync(fsPath(file.realPath)));
    return ["console_scripts", "gui_scripts"].flatMap((group) =>
      groups
        .filter((entry) => entry.group === group)
        .map(({ name, module, attribute }) => {
          checkScriptName(name);
          return { name, module, attribute: attribute ?? "" };
        }),
    );
  });
}

function located<T>({ owner }: MergedFile, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    throw new CopseError(error.code, `In ${owner.name}: ${error.message}`, {
      cause: error,
      hint: error.hint,
    });
  }
}

function write(path: ByteString, contents: Buffer | string, mode: number): void {
  const bytes = Buffer.from(contents as string);
  const file = openSync(fsPath(path), "wx", 0o600);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  } finally {
    closeSync(file);
  }
  chmodSync(fsPath(path), mode);
}
