/** From where a builder made its outputs to where the store takes them from, having looked at what they are. */
import { lstatSync, renameSync, type Stats } from "node:fs";
import { CopseError } from "#base";
import type { BuildTask } from "../context.ts";

/** Anyone but the builder could have changed what its group or the world may write to. */
const WRITABLE_BY_OTHERS = 0o022;

export interface MadeOutput {
  readonly name: string;
  /** The real path at which it is. */
  readonly made: string;
  /** Who must own it, where a user of its own built it. */
  readonly owner?: number | undefined;
}

/** Throws CopseError `output-missing`, `output-kind`, `output-suspicious`, `output-not-flat`. */
export function takeOutput(task: BuildTask, output: MadeOutput): void {
  const info = lstatSync(output.made, { throwIfNoEntry: false });
  if (!info) {
    throw new CopseError(
      "output-missing",
      `builder for '${task.drvPath}' failed to produce output path for output '${output.name}' at "${finalPath(task, output)}"`,
      { hint: `the builder must write to $${output.name}` },
    );
  }
  checkKind(task, output, info);
  checkOwnership(task, output, info);
  checkFlat(task, output, info);
  renameSync(output.made, task.outputs.get(output.name) as string);
}

/** Where the output belongs: the place at which it was made is nobody's business. */
function finalPath(task: BuildTask, { name, made }: MadeOutput): string {
  return task.drv.outputs.get(name)?.path || made;
}

function checkKind(task: BuildTask, output: MadeOutput, info: Stats): void {
  if (info.isFile() || info.isDirectory() || info.isSymbolicLink()) return;
  throw new CopseError("output-kind", `file "${finalPath(task, output)}" has an unsupported type`, {
    hint: "an output is a file, a folder or a symbolic link",
  });
}

function checkOwnership(task: BuildTask, output: MadeOutput, info: Stats): void {
  const { name, owner } = output;
  const isOpen = !info.isSymbolicLink() && (info.mode & WRITABLE_BY_OTHERS) !== 0;
  if (!isOpen && (owner === undefined || info.uid === owner)) return;
  throw new CopseError(
    "output-suspicious",
    `suspicious ownership or permission on "${finalPath(task, output)}" for output '${name}'; rejecting this build output`,
  );
}

function checkFlat(task: BuildTask, output: MadeOutput, info: Stats): void {
  const hashAlgo = task.drv.outputs.get(output.name)?.hashAlgo ?? "";
  const isFlat = hashAlgo !== "" && !/^(?:r|git):/.test(hashAlgo);
  if (!isFlat || (info.isFile() && (info.mode & 0o100) === 0)) return;
  throw new CopseError(
    "output-not-flat",
    `output path "${finalPath(task, output)}" should be a non-executable regular file since recursive hashing is not enabled (one of outputHashMode={flat,text} is true)`,
    { hint: 'for a folder or a program, set outputHashMode = "recursive"' },
  );
}
