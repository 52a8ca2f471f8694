/**
 * A NAR back into files, with canonical metadata from the start. The decoder has checked names and order, and
 * everything is made with "must not exist", so nothing lands outside of the target, hostile or not.
 */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import type { ByteString } from "#base";
import { decodeNar } from "#format";
import { CANONICAL_MTIME_SECONDS } from "./canonical.ts";
import { nativePath } from "./native-path.ts";

/** `target` is a real path where nothing is yet. Throws CopseError `nar-invalid`; what was made stays then. */
export async function restoreTree(
  nar: AsyncIterable<Uint8Array>,
  target: ByteString,
  signal?: AbortSignal,
): Promise<void> {
  for await (const event of decodeNar(nar)) {
    signal?.throwIfAborted();
    const path = nativePath(event.path === "" ? target : `${target}/${event.path}`);
    switch (event.kind) {
      case "directory":
        mkdirSync(path, 0o755);
        break;
      case "directory-end":
        chmodSync(path, 0o555);
        setTime(path);
        break;
      case "symlink":
        symlinkSync(Buffer.from(event.target, "latin1"), path);
        setTime(path);
        break;
      case "file":
        await restoreFile(path, event);
        break;
    }
  }
}

async function restoreFile(
  path: string | Buffer,
  file: { readonly executable: boolean; readonly contents: AsyncIterable<Uint8Array> },
): Promise<void> {
  const fd = openSync(path, "wx", 0o600);
  try {
    for await (const chunk of file.contents) writeFully(fd, chunk);
    fchmodSync(fd, file.executable ? 0o555 : 0o444);
    futimesSync(fd, CANONICAL_MTIME_SECONDS, CANONICAL_MTIME_SECONDS);
  } finally {
    closeSync(fd);
  }
}

function writeFully(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

function setTime(path: string | Buffer): void {
  lutimesSync(path, CANONICAL_MTIME_SECONDS, CANONICAL_MTIME_SECONDS);
}
