/**
 * Store paths as one stream: what `nix-store --export` writes and `--import` reads. For each path, in an order in which
 * dependencies come first:
 *
 *     1, the path's NAR, the number 0x4558494e ("NIXE" backwards), the path, its references, what made it or "", 0
 *
 * and a 0 at the end. Numbers have 64 bits, the low byte first; texts are written as in a NAR; of a list, its length
 * comes first. Where the last 0 of a path is 1, a signature of a kind that is not used any more follows.
 */
import { CopseError } from "#base";
import type { ByteReader } from "./byte-reader.ts";
import { padding, words } from "./nar.ts";
import { parseStorePath, type StorePath } from "./store-path.ts";

const MAGIC = 0x4558494e;
/** Store paths have 255 bytes at most behind the store's directory. */
const MAX_TEXT_BYTES = 4096;
const MAX_REFERENCES = 1_000_000;

/** What stands behind a path's NAR. */
export interface ExportedFacts {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  readonly deriver: StorePath | undefined;
}

/** Before each path's NAR. */
export const EXPORT_NEXT: Uint8Array = number(1);
/** After the last path. */
export const EXPORT_END: Uint8Array = number(0);

export function encodeExportedFacts({ path, references, deriver }: ExportedFacts): Uint8Array {
  return Buffer.concat([
    number(MAGIC),
    words(path),
    number(references.length),
    words(...references),
    words(deriver ?? ""),
    number(0),
  ]);
}

/** Whether a path follows. Throws CopseError `export-invalid`. */
export async function readExportNext(reader: ByteReader): Promise<boolean> {
  const mark = await readNumber(reader);
  if (mark > 1) {
    throw new CopseError(
      "export-invalid",
      "input doesn't look like something created by 'nix-store --export'",
    );
  }
  return mark === 1;
}

/** Throws CopseError `export-invalid`, `store-path-invalid`. */
export async function readExportedFacts(reader: ByteReader): Promise<ExportedFacts> {
  if ((await readNumber(reader)) !== MAGIC)
    throw new CopseError("export-invalid", "Nix archive cannot be imported; wrong format");
  const path = parseStorePath(await readText(reader));
  const count = await readNumber(reader);
  if (count > MAX_REFERENCES) throw reader.error(`impossible number of references: ${count}`);
  const references: StorePath[] = [];
  for (let i = 0; i < count; i++) references.push(parseStorePath(await readText(reader)));
  const deriver = await readText(reader);
  if ((await readNumber(reader)) === 1) await readText(reader);
  return {
    path,
    references: references.sort(),
    deriver: deriver === "" ? undefined : parseStorePath(deriver),
  };
}

async function readNumber(reader: ByteReader): Promise<number> {
  await reader.need(8);
  return reader.takeUint64();
}

async function readText(reader: ByteReader): Promise<string> {
  const size = await readNumber(reader);
  if (size > MAX_TEXT_BYTES) throw reader.error(`text of ${size} bytes`);
  await reader.need(size + padding(size));
  const text = reader.takeString(size);
  reader.take(padding(size));
  return text;
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
