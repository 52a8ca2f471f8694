/**
 * Making files, directories and links that have canonical metadata from the start: see canonical.ts. Whoever writes
 * a tree entry by entry uses these; a tree that others wrote is made canonical afterwards.
 */
import { chmodSync, fchmodSync, futimesSync, lstatSync, lutimesSync, symlinkSync, writeSync } from "node:fs";
import type { ByteString } from "#base";
import { nativePath } from "./native-path.ts";

export const CANONICAL_MTIME_SECONDS = 1;

/** When everything is in it. */
export function finishDirectory(path: ByteString): void {
  const native = nativePath(path);
  chmodSync(native, 0o555);
  lutimesSync(native, CANONICAL_MTIME_SECONDS, CANONICAL_MTIME_SECONDS);
}

/** When everything is written. */
export function finishFile(fd: number, isExecutable: boolean): void {
  fchmodSync(fd, isExecutable ? 0o555 : 0o444);
  futimesSync(fd, CANONICAL_MTIME_SECONDS, CANONICAL_MTIME_SECONDS);
}

export function makeLink(path: ByteString, target: ByteString): void {
  const native = nativePath(path);
  symlinkSync(Buffer.from(target, "latin1"), native);
  lutimesSync(native, CANONICAL_MTIME_SECONDS, CANONICAL_MTIME_SECONDS);
}

export function writeFully(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

/** Takes the executable bit from a file that is canonical otherwise. Whether it had one. */
export function finishLooseFile(path: ByteString): boolean {
  const native = nativePath(path);
  if ((lstatSync(native).mode & 0o111) === 0) return false;
  chmodSync(native, 0o444);
  lutimesSync(native, CANONICAL_MTIME_SECONDS, CANONICAL_MTIME_SECONDS);
  return true;
}
