/**
 * The versions of symbols that a file needs, by library: `GLIBC_2.34` of `libc.so.6` (the LSB's chapter "Symbol
 * Versioning"). They say how new a library must be. Two linked lists: one record for each library, which points to one for
 * each version; links are distances forward.
 */
import { type ElfImage, elfInvalid } from "./image.ts";

export interface VersionNeed {
  /** As in `needed`. */
  readonly library: string;
  readonly versions: readonly string[];
}

const RECORD_BYTES = 16;
const MAX_LIBRARIES = 4096;
const MAX_VERSIONS = 65_536;
const MAX_TABLE_BYTES = 2 << 20;

export async function readVersionNeeds(
  image: ElfImage,
  place: {
    readonly offset: number;
    readonly count: number;
    readonly stringAt: (offset: number) => Promise<string>;
  },
): Promise<readonly VersionNeed[]> {
  if (place.count > MAX_LIBRARIES) throw elfInvalid("it needs versions of too many libraries");
  const table = await image.readUpTo(place.offset, MAX_TABLE_BYTES);
  const needs: VersionNeed[] = [];
  let left = MAX_VERSIONS;
  for (let at = 0, i = 0; i < place.count; i++) {
    const count = table.half(at + 2);
    left -= count;
    if (left < 0) throw elfInvalid("it needs too many versions");
    const versions: string[] = [];
    let version = at + table.word(at + 8);
    for (let j = 0; j < count; j++) {
      versions.push(await place.stringAt(table.word(version + 8)));
      const next = table.word(version + 12);
      if (next === 0) break;
      version += forward(next);
    }
    needs.push({ library: await place.stringAt(table.word(at + 4)), versions });
    const next = table.word(at + 12);
    if (next === 0) break;
    at += forward(next);
  }
  return needs;
}

function forward(distance: number): number {
  if (distance < RECORD_BYTES) throw elfInvalid("versions of libraries overlap");
  return distance;
}
