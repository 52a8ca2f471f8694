/**
 * A NAR back into files. The decoder has checked names and order, and everything is made with "must not exist", so
 * nothing lands outside of the target, hostile or not.
 */
import { closeSync, mkdirSync, openSync, symlinkSync } from "node:fs";
import type { ByteString } from "#base";
import { decodeNar, type NarEvent } from "#format";
import { fileError } from "#host";
import { finishDirectory, finishFile, makeLink, writeFully } from "./canonical-entries.ts";
import { nativePath } from "./native-path.ts";

export interface RestoreOptions {
  /** With the metadata of the store (default), or as anyone would write files: writable, made now. */
  readonly isCanonical?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `target` is a real path where nothing is yet. Throws CopseError `nar-invalid`; what was made stays then. */
export function restoreTree(
  nar: AsyncIterable<Uint8Array>,
  target: ByteString,
  options: RestoreOptions = {},
): Promise<void> {
  return restoreEvents(decodeNar(nar), target, options);
}

/** The same of a NAR that is being decoded. */
export async function restoreEvents(
  events: AsyncIterable<NarEvent>,
  target: ByteString,
  options: RestoreOptions = {},
): Promise<void> {
  const { isCanonical = true, signal } = options;
  for await (const event of events) {
    signal?.throwIfAborted();
    const path = event.path === "" ? target : `${target}/${event.path}`;
    try {
      if (event.kind === "file") await restoreFile(path, event, isCanonical);
      else restoreEntry(path, event, isCanonical);
    } catch (error) {
      throw fileError(error, path);
    }
  }
}

function restoreEntry(
  path: ByteString,
  event: Exclude<NarEvent, { kind: "file" }>,
  isCanonical: boolean,
): void {
  switch (event.kind) {
    case "directory":
      mkdirSync(nativePath(path), isCanonical ? 0o755 : 0o777);
      break;
    case "directory-end":
      if (isCanonical) finishDirectory(path);
      break;
    case "symlink":
      if (isCanonical) makeLink(path, event.target);
      else symlinkSync(Buffer.from(event.target, "latin1"), nativePath(path));
      break;
  }
}

async function restoreFile(
  path: ByteString,
  file: { readonly executable: boolean; readonly contents: AsyncIterable<Uint8Array> },
  isCanonical: boolean,
): Promise<void> {
  const ordinaryMode = file.executable ? 0o777 : 0o666;
  const fd = openSync(nativePath(path), "wx", isCanonical ? 0o600 : ordinaryMode);
  try {
    for await (const chunk of file.contents) writeFully(fd, chunk);
    if (isCanonical) finishFile(fd, file.executable);
  } finally {
    closeSync(fd);
  }
}
