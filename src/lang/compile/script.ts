/**
 * Running generated code, and keeping it. A cache entry holds a unit's text and V8's byte code for it, so that a
 * file seen before is neither parsed nor compiled; which functions are in the byte code depends on what had
 * been called when it was made.
 */
import { Script } from "node:vm";

/** Takes a linkage, answers the function that evaluates the file. */
export type UnitFactory = (linkage: object) => () => unknown;

export interface LoadedScript {
  readonly factory: UnitFactory;
  readonly code: string;
  /** Whether V8 took the byte code that it was given. */
  readonly fromByteCode: boolean;
  /** V8's byte code of what has been compiled by now. */
  byteCode(): Uint8Array;
}

export function loadScript(
  code: string,
  options: { filename: string; byteCode?: Uint8Array | undefined },
): LoadedScript {
  const { filename, byteCode } = options;
  const script = new Script(
    code,
    byteCode === undefined ? { filename } : { filename, cachedData: byteCode as Buffer },
  );
  return {
    factory: script.runInThisContext() as UnitFactory,
    code,
    fromByteCode: byteCode !== undefined && script.cachedDataRejected !== true,
    byteCode: () => script.createCachedData(),
  };
}

export interface CacheEntry {
  readonly code: string;
  readonly byteCode: Uint8Array;
}

/** The length of the code, the code (ASCII), the byte code. */
export function encodeCacheEntry({ code, byteCode }: CacheEntry): Uint8Array {
  const entry = Buffer.allocUnsafe(4 + code.length + byteCode.length);
  entry.writeUInt32LE(code.length, 0);
  entry.write(code, 4, "latin1");
  entry.set(byteCode, 4 + code.length);
  return entry;
}

/** Undefined for what is not a cache entry. */
export function decodeCacheEntry(bytes: Uint8Array): CacheEntry | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 4) return undefined;
  const end = 4 + buffer.readUInt32LE(0);
  if (end > buffer.length) return undefined;
  return { code: buffer.toString("latin1", 4, end), byteCode: buffer.subarray(end) };
}
