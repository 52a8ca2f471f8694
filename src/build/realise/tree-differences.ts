/**
 * Where two file trees differ, for a person to read: which entries are in one only, are of another kind, can be executed
 * or not, lead elsewhere, or have other contents, and there from which byte on, with the text around it.
 *
 *     bin/tool: contents differ from byte 1204 (line 31)
 *       - built 2026-11-22
 *       + built 2026-11-23
 */
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from "node:fs";

export interface TreePair {
  readonly before: string;
  readonly after: string;
}

/** After as many there is one line that says how many more. */
const SHOWN = 20;

export function describeTreeDifferences(pair: TreePair): string[] {
  const lines: string[] = [];
  let hidden = 0;
  for (const difference of differences(pair, "")) {
    if (lines.length < SHOWN) lines.push(...difference);
    else hidden++;
  }
  if (hidden > 0) lines.push(`and ${hidden} more`);
  return lines;
}

function* differences({ before, after }: TreePair, name: string): Generator<string[]> {
  const label = name === "" ? "." : name;
  const [a, b] = [before, after].map((path) => lstatSync(path, { throwIfNoEntry: false }));
  if (!a || !b) {
    yield [`${label}: only in the ${a ? "first" : "second"} build`];
    return;
  }
  if (kindOf(a) !== kindOf(b)) {
    yield [`${label}: a ${kindOf(a)} in the first build, a ${kindOf(b)} in the second`];
    return;
  }
  if (a.isDirectory()) {
    const names = new Set([...readdirSync(before), ...readdirSync(after)]);
    for (const entry of [...names].sort()) {
      const below = { before: `${before}/${entry}`, after: `${after}/${entry}` };
      yield* differences(below, name === "" ? entry : `${name}/${entry}`);
    }
  } else if (a.isSymbolicLink()) {
    const [was, is] = [readlinkSync(before), readlinkSync(after)];
    if (was !== is) yield [`${label}: leads elsewhere`, `  - ${was}`, `  + ${is}`];
  } else {
    if ((a.mode & 0o111) !== (b.mode & 0o111))
      yield [`${label}: executable in the ${(a.mode & 0o111) !== 0 ? "first" : "second"} build only`];
    const difference = contentsDifference({ before, after });
    if (difference) yield [`${label}: ${difference[0]}`, ...difference.slice(1)];
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "folder";
  if (stats.isSymbolicLink()) return "symbolic link";
  return stats.isFile() ? "file" : "special file";
}

const BLOCK = 1 << 20;
/** Of the text around the first difference. */
const EXCERPT_BYTES = 200;

function contentsDifference({ before, after }: TreePair): string[] | undefined {
  const [a, b] = [openSync(before, "r"), openSync(after, "r")];
  try {
    const [blockA, blockB] = [Buffer.alloc(BLOCK), Buffer.alloc(BLOCK)];
    let line = 1;
    for (let position = 0; ; position += BLOCK) {
      const partA = blockA.subarray(0, readSync(a, blockA, 0, BLOCK, position));
      const partB = blockB.subarray(0, readSync(b, blockB, 0, BLOCK, position));
      if (partA.equals(partB)) {
        if (partA.length === 0) return undefined;
        line += countNewlines(partA);
        continue;
      }
      const at = firstDifference(partA, partB);
      line += countNewlines(partA.subarray(0, at));
      const lines = [lineAround(partA, at), lineAround(partB, at)];
      const isText = lines.every((text) => text !== undefined);
      return [
        `contents differ from byte ${position + at}${isText ? ` (line ${line})` : ""}`,
        ...(isText ? [`  - ${lines[0]}`, `  + ${lines[1]}`] : []),
      ];
    }
  } finally {
    closeSync(a);
    closeSync(b);
  }
}

function firstDifference(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

/** Undefined for what is not text. */
function lineAround(bytes: Buffer, at: number): string | undefined {
  const start = Math.max(bytes.lastIndexOf(10, Math.max(0, at - 1)) + 1, at - EXCERPT_BYTES, 0);
  const newline = bytes.indexOf(10, at);
  const end = Math.min(newline < 0 ? bytes.length : newline, at + EXCERPT_BYTES);
  const text = bytes.subarray(start, Math.max(start, end)).toString("utf8");
  // Control characters and broken UTF-8 are not for a terminal.
  return /[\0-\x08\x0b-\x1f\x7f\ufffd]/.test(text) ? undefined : text;
}
