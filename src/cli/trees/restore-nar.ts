/**
 * An archive (NAR) back into files of the user's own: with ordinary permissions and times, unlike in the store. All is
 * made with "must not exist", so nothing lands outside of the target.
 */
import { closeSync, constants, mkdirSync, openSync, symlinkSync, writeSync } from "node:fs";
import {
  type ByteString,
  byteStringFromText,
  bytesFromByteString,
  CopseError,
  textFromByteString,
} from "#base";
import { type ByteSource, decodeNar, type NarEvent } from "#format";
import { CaseHack } from "./case-hack.ts";

export interface RestoreOptions {
  /** Keep names apart that differ in the case of letters only; see case-hack.ts. */
  readonly useCaseHack: boolean;
  readonly signal: AbortSignal;
}

/** Throws CopseError `nar-invalid`, `file-exists`; what was made stays then. */
export async function restoreNar(source: ByteSource, target: string, options: RestoreOptions): Promise<void> {
  const top = byteStringFromText(target);
  const hack = options.useCaseHack ? new CaseHack() : undefined;
  for await (const event of decodeNar(source)) {
    options.signal.throwIfAborted();
    if (event.kind === "directory-end") continue;
    const name = hack === undefined ? event.path : hack.nameFor(event.path);
    await restoreEvent(event, name === "" ? top : `${top}/${name}`);
  }
}

async function restoreEvent(
  event: Exclude<NarEvent, { kind: "directory-end" }>,
  path: ByteString,
): Promise<void> {
  const native = bytesFromByteString(path);
  switch (event.kind) {
    case "directory":
      making("directory", path, () => mkdirSync(native));
      return;
    case "symlink":
      making("symlink", path, () => symlinkSync(bytesFromByteString(event.target), native));
      return;
    case "file": {
      const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
      const fd = making("file", path, () => openSync(native, flags, event.executable ? 0o777 : 0o666));
      try {
        for await (const chunk of event.contents) writeFully(fd, chunk);
      } finally {
        closeSync(fd);
      }
    }
  }
}

function making<T>(what: string, path: ByteString, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    const shown = JSON.stringify(textFromByteString(path));
    throw new CopseError("file-exists", `creating ${what} ${shown}: File exists`, { cause });
  }
}

function writeFully(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
