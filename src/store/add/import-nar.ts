/** A path that comes as a NAR with its facts: from a binary cache, another store, a bundle. */
import { byteStringFromText, CopseError } from "#base";
import { createHasher, formatHash, hashesEqual } from "#format";
import { checkedOutputs } from "../derivation-check.ts";
import { lockPaths } from "../locks/path-lock.ts";
import type { PathInfo } from "../path-info.ts";
import type { StoreContext } from "../store-context.ts";
import { removeTree } from "../trees/place-tree.ts";
import { restoreTree } from "../trees/restore-tree.ts";
import { putInPlace } from "./put-in-place.ts";

/**
 * Restores the NAR while hashing it and registers it when hash and size are as `info` says. Its references
 * must be valid. Whether `info` can be trusted is the caller's matter. A valid path is left as it is, and the
 * NAR unread. Throws CopseError `hash-mismatch`, `nar-invalid`, `store-reference-invalid`.
 */
export async function importNar(
  context: StoreContext,
  info: PathInfo,
  options: { readonly nar: AsyncIterable<Uint8Array>; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  context.protect(info.path, ...info.references);
  if (context.db.isValid(info.path)) return;
  const temporary = byteStringFromText(context.tempPath());
  const real = context.realPath(info.path);
  try {
    await restoreTree(checked(options.nar, info), temporary, { signal: options.signal });
    using _lock = await lockPaths([real], options.signal);
    if (context.db.isValid(info.path)) return;
    putInPlace(context, temporary, info.path);
    context.db.registerPaths([{ ...info, registrationTime: context.nowSeconds() }], (path) =>
      checkedOutputs(path, (other) => context.realPath(other)),
    );
  } finally {
    removeTree(temporary);
  }
}

async function* checked(nar: AsyncIterable<Uint8Array>, info: PathInfo): AsyncGenerator<Uint8Array> {
  const hasher = createHasher("sha256");
  let size = 0;
  for await (const chunk of nar) {
    size += chunk.length;
    if (size > info.narSize) throw sizeError(info, "more");
    hasher.update(chunk);
    yield chunk;
  }
  if (size !== info.narSize) throw sizeError(info, "less");
  const actual = hasher.digest();
  if (hashesEqual(actual, info.narHash)) return;
  throw new CopseError("hash-mismatch", `NAR does not have the hash that was promised: \`${info.path}\``, {
    hint: `specified: ${formatHash(info.narHash, "sri")}\n      got: ${formatHash(actual, "sri")}`,
  });
}

function sizeError(info: PathInfo, which: "more" | "less"): CopseError {
  return new CopseError(
    "hash-mismatch",
    `NAR has ${which} bytes than the ${info.narSize} promised: \`${info.path}\``,
  );
}
