/** Where in its files a store path mentions others, with a little of what stands around it. */
import { closeSync, openSync, readSync } from "node:fs";
import { type ByteString, byteStringFromText, bytesFromByteString, textFromByteString } from "#base";
import { type StorePath, storePathHash } from "#format";
import { diskTree } from "../trees/disk-tree.ts";
import { childPath, type FileTree } from "../trees/file-tree.ts";
import type { Occurrences } from "./why-depends.ts";

const MARGIN_BYTES = 32;
const DIGEST_BYTES = 32;
const BLOCK_BYTES = 1 << 20;
/** What two blocks share: a mention that straddles them is whole in one, with what stands around it. */
const OVERLAP_BYTES = 2 * MARGIN_BYTES + DIGEST_BYTES;

/** `top` is the real place of a store path. The digest of `target` gets the colour of an arrival. */
export function occurrencesIn(top: string, references: readonly StorePath[], target: StorePath): Occurrences {
  const root = byteStringFromText(top);
  const found = new Map<StorePath, string[]>(references.map((path) => [path, []]));
  const report = (reference: StorePath, text: string): void => void found.get(reference)?.push(text);
  for (const { path, link } of filesOf(diskTree(root), "")) {
    const shown = textFromByteString(path === "" ? "/" : path);
    if (link !== undefined) {
      for (const reference of references) {
        const at = link.indexOf(storePathHash(reference));
        if (at >= 0)
          report(reference, `${shown} -> ${textFromByteString(marked(link, at, reference === target))}`);
      }
      continue;
    }
    for (const [reference, { context, at }] of firstMentions(
      path === "" ? root : `${root}/${path}`,
      references,
    ))
      report(reference, `${shown}: …${marked(printable(context), at, reference === target)}…`);
  }
  return found;
}

/** Regular files and links, in the order of their names. */
function* filesOf(tree: FileTree, path: ByteString): Generator<{ path: ByteString; link?: ByteString }> {
  const node = tree.node(path);
  if (node.kind === "regular") yield { path };
  else if (node.kind === "symlink") yield { path, link: node.target };
  else for (const name of node.names) yield* filesOf(tree, childPath(path, name));
}

interface Mention {
  readonly context: ByteString;
  /** Of the digest in `context`. */
  readonly at: number;
}

function firstMentions(file: ByteString, references: readonly StorePath[]): Map<StorePath, Mention> {
  const mentions = new Map<StorePath, Mention>();
  const missing = new Set(references);
  const fd = openSync(bytesFromByteString(file), "r");
  try {
    const buffer = Buffer.allocUnsafe(BLOCK_BYTES + OVERLAP_BYTES);
    for (let kept = 0; missing.size > 0; ) {
      const count = readSync(fd, buffer, kept, buffer.length - kept, null);
      const length = kept + count;
      const isLast = count === 0;
      for (const reference of missing) {
        const at = buffer.subarray(0, length).indexOf(storePathHash(reference));
        // Too near to the end, what follows it is not here yet; the next block has it again.
        if (at < 0 || (!isLast && at + DIGEST_BYTES + MARGIN_BYTES > length)) continue;
        const start = Math.max(0, at - MARGIN_BYTES);
        const context = buffer.toString("latin1", start, Math.min(length, at + DIGEST_BYTES + MARGIN_BYTES));
        mentions.set(reference, { context, at: at - start });
        missing.delete(reference);
      }
      if (isLast) break;
      kept = Math.min(OVERLAP_BYTES, length);
      buffer.copyWithin(0, length - kept, length);
    }
  } finally {
    closeSync(fd);
  }
  // In the order asked for, whatever was met first.
  return new Map(references.flatMap((path) => (mentions.has(path) ? [[path, mentions.get(path)!]] : [])));
}

function printable(bytes: ByteString): string {
  return bytes.replace(/[^\x20-\x7e]/g, ".");
}

function marked(text: string, at: number, isTarget: boolean): string {
  const colour = isTarget ? "\x1b[32;1m" : "\x1b[34;1m";
  return `${text.slice(0, at)}${colour}${text.slice(at, at + DIGEST_BYTES)}\x1b[0m${text.slice(at + DIGEST_BYTES)}`;
}
