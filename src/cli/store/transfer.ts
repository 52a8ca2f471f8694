/** Store paths to and from one stream; see src/format/export-stream.ts. */
import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { CopseError } from "#base";
import {
  ByteReader,
  type ByteSource,
  createHasher,
  EXPORT_END,
  EXPORT_NEXT,
  encodeExportedFacts,
  formatPrefixedHash,
  type Hash,
  hashesEqual,
  readExportedFacts,
  readExportNext,
  type StorePath,
  takeNar,
} from "#format";
import type { Store } from "#store";
import { infoOf, inOrder } from "./store-queries.ts";

/** Throws CopseError `store-path-not-valid`, `store-path-modified`: damage must not spread. */
export async function* exportPaths(
  store: Store,
  paths: readonly StorePath[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const path of inOrder(store, paths)) {
    const info = infoOf(store, path);
    yield EXPORT_NEXT;
    const hasher = createHasher("sha256");
    for await (const chunk of store.dumpNar(path, signal)) {
      hasher.update(chunk);
      yield chunk;
    }
    checkUnmodified(path, info.narHash, hasher.digest());
    yield encodeExportedFacts({ path, references: info.references, deriver: info.deriver });
  }
  yield EXPORT_END;
}

function checkUnmodified(path: StorePath, expected: Hash, actual: Hash): void {
  if (hashesEqual(expected, actual)) return;
  const [before, now] = [expected, actual].map((hash) => formatPrefixedHash(hash, "nix32"));
  throw new CopseError(
    "store-path-modified",
    `hash of path '${path}' has changed from '${before}' to '${now}'!`,
  );
}

/**
 * Hands on each path when it is valid. Their references must be valid or have come before. Throws CopseError
 * `export-invalid`, `nar-invalid`, `store-reference-invalid`.
 */
export async function* importPaths(
  store: Store,
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<StorePath> {
  const reader = new ByteReader(source, { code: "export-invalid", format: "export of store paths" });
  try {
    while (await readExportNext(reader)) yield await importNext(store, reader, signal);
  } finally {
    await reader.close();
  }
}

/** What the NAR is comes behind it, so it waits in a file. */
async function importNext(store: Store, reader: ByteReader, signal: AbortSignal): Promise<StorePath> {
  const spool = store.tempPath();
  try {
    const hasher = createHasher("sha256");
    let narSize = 0;
    await pipeline(
      takeNar(reader),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hasher.update(chunk);
          narSize += chunk.length;
          // The reader's own buffers are views that it may use again.
          yield Buffer.from(chunk);
        }
      },
      createWriteStream(spool, { flags: "wx", mode: 0o600 }),
      { signal },
    );
    const facts = await readExportedFacts(reader);
    const info = { ...facts, narHash: hasher.digest(), narSize, registrationTime: 0, ultimate: false };
    await store.importNar(info, createReadStream(spool), signal);
    return facts.path;
  } finally {
    rmSync(spool, { force: true });
  }
}
