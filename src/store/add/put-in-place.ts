/**
 * The last step before a tree is registered: what the settings ask of new files, then the rename to its place. Killed
 * after it, what lies there is not valid, and replaced by whoever makes the path again.
 */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { type ByteString, byteStringFromText } from "#base";
import type { StorePath } from "#format";
import { fileError } from "#host";
import { optimiseTree } from "../optimise/optimise.ts";
import type { StoreContext } from "../store-context.ts";
import { kindOf, sortedEntries } from "../trees/dump-tree.ts";
import { nativePath } from "../trees/native-path.ts";
import { moveIntoPlace } from "../trees/place-tree.ts";

/** `made` is canonical. The caller holds the lock on the path, or knows that everyone would put the same file there. */
export function putInPlace(context: StoreContext, made: ByteString, path: StorePath): void {
  const { settings } = context;
  const real = context.realPath(path);
  try {
    if (settings["auto-optimise-store"]) optimiseTree(context, made);
    if (settings["fsync-store-paths"]) syncTree(made);
    if (made !== byteStringFromText(real)) moveIntoPlace(made, byteStringFromText(real));
    if (settings["fsync-store-paths"]) sync(dirname(real));
  } catch (error) {
    throw fileError(error, real);
  }
}

function syncTree(path: ByteString): void {
  switch (kindOf(path)) {
    case "directory":
      for (const { name } of sortedEntries(path)) syncTree(`${path}/${name}`);
      sync(nativePath(path));
      return;
    case "regular":
      sync(nativePath(path));
      return;
    default:
      return;
  }
}

function sync(path: string | Buffer): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
