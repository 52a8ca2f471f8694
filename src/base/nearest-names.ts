/** Names that somebody may have meant: those within a small edit distance, and those that contain the word. */

/** At most five, the nearest first. */
export function nearestNames(wanted: string, names: readonly string[]): string[] {
  const limit = wanted.length <= 4 ? 1 : wanted.length <= 8 ? 2 : 3;
  const scored: { name: string; score: number }[] = [];
  for (const name of names) {
    const distance = editDistance(wanted, name, limit);
    if (distance <= limit) scored.push({ name, score: distance });
    else if (wanted.length >= 3 && isAffixed(name, wanted))
      scored.push({ name, score: limit + 1 + name.length / 1000 });
  }
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, 5).map(({ name }) => name);
}

/** `numpy` within `python3-numpy`: the word as a whole part of the name. */
function isAffixed(name: string, word: string): boolean {
  return name.endsWith(`-${word}`) || name.startsWith(`${word}-`) || name === `lib${word}`;
}

/** Levenshtein's distance with swaps of neighbours; anything above `limit` is returned as `limit + 1`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let smallest = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest > limit) return limit + 1;
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? limit + 1;
}
