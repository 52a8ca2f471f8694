/** In what a root of copse may differ from an installed Debian, and why; docs/system-layer.md says it for readers. */

export interface Difference {
  readonly path: string;
  /** `missing` and `added` are seen from copse's root. */
  readonly difference: string;
}

interface DifferenceClass {
  readonly name: string;
  readonly paths: RegExp;
  /** Default: all. */
  readonly kinds?: readonly string[];
}

const CLASSES: readonly DifferenceClass[] = [
  { name: "byte code: alike each time, by a path of its own", paths: /\/__pycache__(?:\/|$)|\.pyc$/ },
  { name: "dpkg's and apt's books, lists of files", paths: /^\/var\/(?:lib|cache)\/(?:dpkg|apt)(?:\/|$)/ },
  {
    name: "books of debconf, ucf, PAM, systemd, Python",
    paths: /^\/var\/(?:cache\/debconf|lib\/(?:ucf|pam|systemd|python))(?:\/|$)/,
  },
  { name: "logs and backups", paths: /^\/var\/(?:log|backups)(?:\/|$)/ },
];

/** Undefined for a difference that nothing explains. */
export function differenceClass({ path, difference }: Difference): string | undefined {
  const found = CLASSES.find(
    ({ paths, kinds }) => paths.test(path) && (kinds === undefined || kinds.includes(difference)),
  );
  return found?.name;
}
