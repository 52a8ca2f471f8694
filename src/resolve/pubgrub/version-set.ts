/**
 * Sets of versions of one package. The versions that exist are known before the package is reasoned about, so a
 * version is its ordinal in the package's list, and a set is written down as its *flips*: the ascending ordinals
 * at which membership changes, beginning outside. `[2, 5]` is {2, 3, 4}, `[0]` is everything, `[]` is nothing.
 *
 * This makes sets exact whatever the ecosystem's specifiers mean (a specifier is asked about the versions that
 * exist, nothing is approximated by bounds), and their algebra a merge of short lists of small integers.
 * Complements reach to infinity; that ordinals beyond the list do not exist is the solver's affair, not the set's.
 */
export type VersionSet = readonly number[];

export const NO_VERSIONS: VersionSet = [];
export const ALL_VERSIONS: VersionSet = [0];

export function singleVersion(ordinal: number): VersionSet {
  return [ordinal, ordinal + 1];
}

/** The set of the ordinals below `count` for which `holds` is true. */
export function versionsWhere(count: number, holds: (ordinal: number) => boolean): VersionSet {
  const flips: number[] = [];
  let inside = false;
  for (let ordinal = 0; ordinal < count; ordinal++) {
    if (holds(ordinal) === inside) continue;
    flips.push(ordinal);
    inside = !inside;
  }
  if (inside) flips.push(count);
  return flips;
}

export function isEmptySet(set: VersionSet): boolean {
  return set.length === 0;
}

export function hasVersion(set: VersionSet, ordinal: number): boolean {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (set[middle]! <= ordinal) low = middle + 1;
    else high = middle;
  }
  return (low & 1) === 1;
}

export function complementOf(set: VersionSet): VersionSet {
  return set[0] === 0 ? set.slice(1) : [0, ...set];
}

export function intersectionOf(left: VersionSet, right: VersionSet): VersionSet {
  if (left.length === 0 || right.length === 0) return NO_VERSIONS;
  return merge(left, right, 2);
}

export function unionOf(left: VersionSet, right: VersionSet): VersionSet {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  return merge(left, right, 1);
}

/** The ordinals that at least `enough` of the two sets contain. */
function merge(left: VersionSet, right: VersionSet, enough: 1 | 2): VersionSet {
  const flips: number[] = [];
  let i = 0;
  let j = 0;
  let inside = false;
  while (i < left.length || j < right.length) {
    const at = Math.min(left[i] ?? Number.POSITIVE_INFINITY, right[j] ?? Number.POSITIVE_INFINITY);
    if (left[i] === at) i++;
    if (right[j] === at) j++;
    const now = (i & 1) + (j & 1) >= enough;
    if (now !== inside) flips.push(at);
    inside = now;
  }
  return flips;
}

export function isDisjointFrom(left: VersionSet, right: VersionSet): boolean {
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const leftEnd = left[i + 1] ?? Number.POSITIVE_INFINITY;
    const rightEnd = right[j + 1] ?? Number.POSITIVE_INFINITY;
    if (Math.max(left[i]!, right[j]!) < Math.min(leftEnd, rightEnd)) return false;
    if (leftEnd <= rightEnd) i += 2;
    else j += 2;
  }
  return true;
}

export function isSubsetOf(left: VersionSet, right: VersionSet): boolean {
  let j = 0;
  for (let i = 0; i < left.length; i += 2) {
    const start = left[i]!;
    const end = left[i + 1] ?? Number.POSITIVE_INFINITY;
    while (j < right.length && (right[j + 1] ?? Number.POSITIVE_INFINITY) <= start) j += 2;
    if (j >= right.length || right[j]! > start || (right[j + 1] ?? Number.POSITIVE_INFINITY) < end)
      return false;
  }
  return true;
}

export function isSameSet(left: VersionSet, right: VersionSet): boolean {
  return left.length === right.length && left.every((flip, index) => flip === right[index]);
}

/** The members below `count`, ascending. */
export function* versionsIn(set: VersionSet, count: number): Generator<number> {
  for (let i = 0; i < set.length; i += 2) {
    const end = Math.min(set[i + 1] ?? count, count);
    for (let ordinal = set[i]!; ordinal < end; ordinal++) yield ordinal;
  }
}

/** How many members lie below `count`. */
export function countVersions(set: VersionSet, count: number): number {
  let total = 0;
  for (let i = 0; i < set.length; i += 2)
    total += Math.max(0, Math.min(set[i + 1] ?? count, count) - Math.min(set[i]!, count));
  return total;
}
