/**
 * R in the lock: the section "r".
 *
 *     "r": {
 *       "bookworm amd64": {
 *         "version": "4.2.2",
 *         "packages": [
 *           {"name":"lme4","version":"1.1-31","repository":"CRAN","file":"src/contrib/lme4_1.1-31.tar.gz","size":…,
 *            "sha256":"…","demands":["R (>= 3.6.0)","Matrix (>= 1.2-1)"],"compiled":true},
 *           {"name":"Matrix","version":"1.5-3","debian":"r-cran-matrix"} ],
 *         "requests": [ {"demands":["lme4"],"answer":["r-cran-matrix","lme4"]} ] } }
 *
 * A package is a source of a repository or one of Debian's binaries, whose own bytes stand in the section "debian". A
 * request may have "constraints", and "suggests" for packages whose suggestions were taken. An answer names the first by its name (`name=version` where there are several), the second by Debian's. The section's key is
 * what Debian's answers stand under, the architecture and, where one is wanted, the day of CRAN (`2024-03-01`) and that
 * Debian's binaries are not (`sources`).
 */
import type { RVersion } from "#format/r";

export interface LockedRSource {
  readonly kind: "source";
  readonly name: string;
  readonly version: RVersion;
  readonly repository: string;
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  /** As DESCRIPTION writes them. */
  readonly demands: readonly string[];
  readonly compiled: boolean;
}

export interface LockedRBinary {
  readonly kind: "debian";
  readonly name: string;
  readonly version: RVersion | undefined;
  readonly debian: string;
}

export type LockedRPackage = LockedRSource | LockedRBinary;

export interface LockedRRequest {
  /** As DESCRIPTION writes them. */
  readonly demands: readonly string[];
  /** Likewise; absent where there are none. */
  readonly constraints?: readonly string[] | undefined;
  /** Names whose suggestions were taken; absent where there are none. */
  readonly suggests?: readonly string[] | undefined;
  /** Each after what it depends on. */
  readonly answer: readonly LockedRPackage[];
}

export interface LockedR {
  /** R's. */
  readonly version: RVersion;
  readonly packages: readonly LockedRPackage[];
  readonly requests: readonly LockedRRequest[];
}

/** How answers name a package of a section. */
export function rReferenceIn(packages: readonly LockedRPackage[]): (one: LockedRPackage) => string {
  const counts = new Map<string, number>();
  for (const one of packages)
    if (one.kind === "source") counts.set(one.name, (counts.get(one.name) ?? 0) + 1);
  return (one) => {
    if (one.kind === "debian") return one.debian;
    return counts.get(one.name) === 1 ? one.name : `${one.name}=${one.version}`;
  };
}
