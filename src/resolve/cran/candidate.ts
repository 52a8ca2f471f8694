/**
 * What an R package may be taken as: Debian's binary, or a source package of a repository.
 *
 * Debian has one version of each in a suite, a repository one or a few; so a name has a handful of candidates, and the
 * preferred one that satisfies what is demanded is the answer.
 */
import type { RDemand, RVersion } from "#format/r";

export interface DebianCandidate {
  readonly kind: "debian";
  /** R's name. */
  readonly name: string;
  /** Undefined where Debian's number does not tell R's: it satisfies what any version does. */
  readonly version: RVersion | undefined;
  /** `r-cran-lme4` */
  readonly debian: string;
  /** The R packages that it depends on, by Debian's names. */
  readonly requires: readonly string[];
  /** As a repository's index has it for the name. */
  readonly suggests?: readonly RDemand[] | undefined;
}

export interface SourceCandidate {
  readonly kind: "source";
  readonly name: string;
  readonly version: RVersion;
  readonly repository: string;
  /** `src/contrib/lme4_1.1-31.tar.gz` */
  readonly file: string;
  /** Depends, Imports and LinkingTo. */
  readonly demands: readonly RDemand[];
  readonly suggests?: readonly RDemand[] | undefined;
  readonly needsCompilation: boolean;
  /** What the index says of the file's bytes. */
  readonly md5?: string | undefined;
  /** What the lock, or an index that knows it, says of them. */
  readonly sha256?: string | undefined;
  readonly size?: number | undefined;
}

export type RCandidate = DebianCandidate | SourceCandidate;

/** R does not tell names apart by their letters' case alone, and Debian writes all of them small. */
export function rKey(name: string): string {
  return name.toLowerCase();
}

/** How messages name a candidate. */
export function describeCandidate(one: RCandidate): string {
  return one.kind === "debian"
    ? `${one.name} ${one.version ?? "of an unknown version"} of Debian (${one.debian})`
    : `${one.name} ${one.version} of ${one.repository}`;
}
