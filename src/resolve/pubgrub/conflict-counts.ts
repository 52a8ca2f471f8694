/**
 * Which packages keep conflicting. When the same package has been turned down several times by what was decided
 * before it, going on through its versions is often hopeless or leads to very old ones: it is then decided before
 * the packages that turn it down. (The idea is uv's.)
 */
const ENOUGH = 5;

export class ConflictCounts {
  readonly #turnedDown: number[] = [];
  readonly #turningDown: number[] = [];
  readonly #ranks: ("early" | "late" | undefined)[] = [];
  readonly #changed = new Set<number>();

  rank(number: number): "early" | "usual" | "late" {
    return this.#ranks[number] ?? "usual";
  }

  /** `affected` could not be taken because of the others of `packages`. */
  record(affected: number, packages: readonly number[], root: number): void {
    const others = packages.filter((one) => one !== affected && one !== root);
    if (others.length === 0 || affected === root) return;
    this.#count(this.#turnedDown, affected, "early");
    for (const other of others) this.#count(this.#turningDown, other, "late");
  }

  takeChanged(): number[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  #count(counts: number[], number: number, rank: "early" | "late"): void {
    counts[number] = (counts[number] ?? 0) + 1;
    // Ranked once and for good: an order that keeps changing would never come to an end.
    if (counts[number] < ENOUGH || this.#ranks[number] !== undefined) return;
    this.#ranks[number] = rank;
    this.#changed.add(number);
  }
}
