/**
 * A hash over everything that a tree shows: names, kinds, executable bits, contents, link targets. Two views
 * with the same digest are the same root file system; inode numbers, link counts and owners do not count.
 */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readlinkSync, readSync } from "node:fs";
import type { ByteString } from "#base";
import { fsPath, readDirectory } from "../byte-path.ts";

const CHUNK_BYTES = 1 << 20;

/** SHA-256 in base 16 over a directory's contents. */
export function treeDigest(directory: ByteString): string {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  // Every field ends in a null byte or has its length before it, so that no two trees read the same.
  const field = (text: ByteString) => hash.update(`${text}\0`, "latin1");
  const visit = (path: ByteString): void => {
    for (const entry of readDirectory(path)) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        field("directory").update(`${entry.name}\0`, "latin1");
        visit(child);
        field("end");
      } else if (entry.isSymbolicLink()) {
        field("link").update(`${entry.name}\0`, "latin1");
        field(readlinkSync(fsPath(child), { encoding: "latin1" }));
      } else {
        addFile(child, entry.name);
      }
    }
  };
  const addFile = (path: ByteString, name: ByteString): void => {
    const file = openSync(fsPath(path), "r");
    try {
      const { mode, size } = fstatSync(file);
      field((mode & 0o111) === 0 ? "file" : "executable").update(`${name}\0${size}\0`, "latin1");
      for (let count = 1; count > 0; ) {
        count = readSync(file, chunk, 0, chunk.length, null);
        hash.update(chunk.subarray(0, count));
      }
    } finally {
      closeSync(file);
    }
  };
  visit(directory);
  return hash.digest("hex");
}
