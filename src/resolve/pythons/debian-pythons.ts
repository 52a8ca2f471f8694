/** Which Pythons the suites of Debian have; all others are built from CPython's sources. */

/** By series: the suites that have it, the one first that environments of this Python are of where none is named. */
const SUITES_OF: ReadonlyMap<string, readonly string[]> = new Map([
  ["3.9", ["bullseye"]],
  ["3.11", ["bookworm"]],
  ["3.13", ["trixie", "forky", "sid"]],
  ["3.14", ["sid", "forky"]],
  ["3.15", ["sid", "forky"]],
]);

/** Of a series (`3.11`) or of the series of a release (`3.11.4`); none where it has to be built. */
export function suitesWithPython(version: string): readonly string[] {
  return SUITES_OF.get(version.split(".").slice(0, 2).join(".")) ?? [];
}

/** `3.9 (bullseye), 3.11 (bookworm), …` */
export function pythonsAtHand(): string {
  return [...SUITES_OF].map(([series, [suite]]) => `${series} (${suite})`).join(", ");
}
