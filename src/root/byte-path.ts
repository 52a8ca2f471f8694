/**
 * Paths as byte strings. A file name on Linux is bytes; package members such as certificates have names beyond
 * ASCII, and nothing promises that they are UTF-8. Inside this folder names are byte strings (one unit per
 * byte), and meet `node:fs` through these functions only.
 */
import { type Dirent, readdirSync } from "node:fs";
import type { ByteString } from "#base";

/** What `node:fs` takes for a path: the string itself where it is ASCII, else its bytes. */
export function fsPath(path: ByteString): string | Buffer {
  return isPlain(path) ? path : Buffer.from(path, "latin1");
}

/** The entries of a directory with byte string names, in byte order. */
export function readDirectory(path: ByteString): Dirent<string>[] {
  const entries = readdirSync(fsPath(path), { withFileTypes: true, encoding: "latin1" });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isPlain(path: ByteString): boolean {
  return !/[^\x00-\x7f]/.test(path);
}
