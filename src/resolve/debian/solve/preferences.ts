/**
 * Where copse chooses otherwise than the first alternative. Packages in the table come before the others that
 * satisfy the same dependency, the first in the table first.
 */
const preferred: readonly string[] = [
  // Debian's maintainers put the reference BLAS and LAPACK first, which are slower by an order of magnitude;
  // on Debian machines somebody installs OpenBLAS by hand. The pthread variant is the one that libopenblas0
  // itself prefers.
  "libopenblas0-pthread",
  "libopenblas64-0-pthread",
  // Every Debian has it, as the smallest awk.
  "mawk",
];

const ranks: ReadonlyMap<string, number> = new Map(preferred.map((name, rank) => [name, rank]));

/** Sorts what satisfies one dependency; the order of the rest stays. */
export function byPreference<T extends { readonly name: string }>(candidates: readonly T[]): T[] {
  const rank = (one: T) => ranks.get(one.name) ?? preferred.length;
  return [...candidates].sort((a, b) => rank(a) - rank(b));
}
