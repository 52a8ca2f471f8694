/**
 * Unpacking one .deb, in the thread of the caller: an `ar` archive of `debian-binary`, `control.tar.*` and
 * `data.tar.*`, in this order, as `deb(5)` has it. The data become the tree; the control files go to
 * `.copse/control/` in it.
 */
import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from "node:fs";
import { type ByteString, CopseError } from "#base";
import { type ArEntry, readAr, readTar } from "#format";
import { fsPath } from "../byte-path.ts";
import { removeReadOnlyTree } from "../remove-tree.ts";
import { COPSE_DIRECTORY } from "./deb-member-path.ts";
import { decompress } from "./decompress.ts";
import { readControl } from "./package-control.ts";
import { DEFAULT_TREE_LIMITS, PackageTreeWriter, type TreeLimits } from "./package-tree-writer.ts";

export interface UnpackTask {
  readonly kind: "unpack";
  readonly debPath: ByteString;
  /** A directory that does not exist yet; removed again where unpacking fails. */
  readonly target: ByteString;
  readonly limits?: TreeLimits;
  /** A program that does what `xz -dc` does; without it WebAssembly does the work. */
  readonly xzProgram?: string | undefined;
}

const READ_BYTES = 1 << 18;
const MAX_CONTROL_BYTES = 64 << 20;
const SIZE_FACTOR = 20;
const SIZE_ALLOWANCE_BYTES = 2 ** 30;
/** Plain file names only: `control`, `md5sums`, `postinst`, `templates`. */
const CONTROL_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/;

/**
 * Throws "deb-invalid", "ar-invalid", "tar-invalid", "decompression-failed", "deb-member-…", "deb-too-large", always
 * with the names of the package's file and of the member.
 */
export async function unpackPackage(task: UnpackTask): Promise<void> {
  mkdirSync(fsPath(task.target), { mode: 0o755 });
  const place: Place = { file: undefined, member: undefined };
  try {
    const file = createReadStream(fsPath(task.debPath), { highWaterMark: READ_BYTES });
    let stage: Stage = "version";
    for await (const member of readAr(file)) {
      place.member = member.name;
      place.file = undefined;
      stage = await readMember(member, { stage, task, place });
    }
    place.member = undefined;
    if (stage !== "done") throw invalid(`it ends before its ${stage}`);
  } catch (error) {
    removeReadOnlyTree(task.target);
    throw located(error, task, place);
  }
}

/** Where in the package it was read when something went wrong. */
interface Place {
  member: string | undefined;
  file: ByteString | undefined;
}

/** What a file system refuses because of what the package holds. */
const REFUSALS = new Set(["ENAMETOOLONG", "EINVAL", "EILSEQ", "ELOOP", "EMLINK"]);
const MAX_NAME_SHOWN = 120;

function located(error: unknown, task: UnpackTask, place: Place): unknown {
  const refusal = (error as NodeJS.ErrnoException).code;
  const isRefused = !(error instanceof CopseError) && refusal !== undefined && REFUSALS.has(refusal);
  if (!(error instanceof CopseError) && !isRefused) return error;
  const shown = place.file === undefined ? undefined : printable(place.file);
  const where = [place.member, shown].filter((part) => part !== undefined && part !== "").join(", ");
  const deb = task.debPath.replace(/^.*\//s, "").replace(/^[0-9a-z]{32}-/, "");
  const what = error instanceof CopseError ? error.message : `The file system refuses it (${refusal})`;
  return new CopseError(
    error instanceof CopseError ? error.code : "deb-invalid",
    `Cannot unpack a Debian package${where === "" ? "" : `, at ${where}`}: ${what}: \`${deb}\``,
    { hint: "the package itself is like this: whoever made or signed it must mend it", cause: error },
  );
}

function printable(name: ByteString): string {
  const text = name.replace(/[^ -~]/g, (unit) => `\\x${unit.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return text.length > MAX_NAME_SHOWN ? `${text.slice(0, MAX_NAME_SHOWN)}…` : text;
}

/** Which member is due. Members with a leading underscore may stand between them, and are skipped. */
type Stage = "version" | "control" | "data" | "done";

async function readMember(
  member: ArEntry,
  at: { readonly stage: Stage; readonly task: UnpackTask; readonly place: Place },
): Promise<Stage> {
  const { stage, task, place } = at;
  // deb(5): what comes behind the data is ignored.
  if (stage === "done" || member.name.startsWith("_")) return stage;
  switch (stage) {
    case "version":
      if (member.name !== "debian-binary") throw invalid(`it begins with ${member.name}`);
      await readVersion(member);
      return "control";
    case "control":
      if (!/^control\.tar(?:\.|$)/.test(member.name)) throw invalid(`it has ${member.name} as its control`);
      await unpackControl(member, task, place);
      return "data";
    case "data":
      if (!/^data\.tar(?:\.|$)/.test(member.name)) throw invalid(`it has ${member.name} as its data`);
      await unpackData(member, task, place);
      return "done";
  }
}

async function readVersion(member: ArEntry): Promise<void> {
  let text = "";
  for await (const chunk of member.contents) {
    text += Buffer.from(chunk).toString("latin1");
    if (text.length > 64) break;
  }
  if (!/^2\.[0-9]+\n/.test(text))
    throw invalid(`unsupported format version ${JSON.stringify(text.slice(0, 8))}`);
}

async function unpackControl(member: ArEntry, task: UnpackTask, place: Place): Promise<void> {
  const directory = `${task.target}/${COPSE_DIRECTORY}/control`;
  mkdirSync(fsPath(directory), { recursive: true });
  const seen = new Set<string>();
  let bytes = 0;
  for await (const entry of readTar(decompress(member.contents, { sizeBytes: member.sizeBytes }))) {
    place.file = entry.path;
    if (entry.kind === "directory") continue;
    if (entry.kind !== "file" || !CONTROL_NAME.test(entry.path) || seen.has(entry.path)) {
      throw invalid("this cannot be a control file");
    }
    seen.add(entry.path);
    bytes += entry.sizeBytes;
    if (bytes > MAX_CONTROL_BYTES) throw invalid("its control files are too large");
    const file = openSync(`${directory}/${entry.path}`, "wx", 0o444);
    try {
      for await (const chunk of entry.contents) writeAll(file, chunk);
    } finally {
      closeSync(file);
    }
  }
  place.file = undefined;
  if (!seen.has("control")) throw invalid("it has no control file");
}

async function unpackData(member: ArEntry, task: UnpackTask, place: Place): Promise<void> {
  const writer = new PackageTreeWriter(task.target, task.limits ?? limitsOf(task.target));
  const { xzProgram } = task;
  const data = decompress(member.contents, { sizeBytes: member.sizeBytes, xzProgram });
  for await (const entry of readTar(data)) {
    place.file = entry.path;
    await writer.write(entry);
  }
  place.file = undefined;
  writer.finish();
}

/**
 * A few kilobytes can unpack to terabytes. Nobody promises that `Installed-Size` (in KiB) is exact, and packages
 * from elsewhere lack it, but what goes far beyond it is no honest package.
 */
function limitsOf(target: ByteString): TreeLimits {
  const stated = Number(readControl(target)?.get("Installed-Size") ?? Number.NaN);
  if (!Number.isSafeInteger(stated) || stated < 0) return DEFAULT_TREE_LIMITS;
  const maxBytes = stated * 1024 * SIZE_FACTOR + SIZE_ALLOWANCE_BYTES;
  return { ...DEFAULT_TREE_LIMITS, maxBytes: Math.min(maxBytes, DEFAULT_TREE_LIMITS.maxBytes) };
}

function writeAll(file: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) offset += writeSync(file, bytes, offset, bytes.length - offset);
}

function invalid(problem: string): CopseError {
  return new CopseError("deb-invalid", problem);
}
