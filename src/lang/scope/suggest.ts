/** "Did you mean": the nearest of the names that could have been meant. */
import type { ByteString } from "#base";

/** The name with the fewest edits to `wanted`, if it is near enough to be a slip of the fingers. */
export function nearestName(wanted: ByteString, names: Iterable<ByteString>): ByteString | undefined {
  let limit = Math.max(1, Math.floor(wanted.length / 3));
  let nearest: ByteString | undefined;
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, name, limit);
    if (distance > limit || (nearest !== undefined && distance === limit)) continue;
    nearest = name;
    limit = distance;
  }
  return nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours; above `limit`, some number above it. */
export function editDistance(a: ByteString, b: ByteString, limit = Number.POSITIVE_INFINITY): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (isSame ? 0 : 1));
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      row.push(cost);
    }
    if (Math.min(...row) > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
