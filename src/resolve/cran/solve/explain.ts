/**
 * Why no choice of R packages satisfies a request, as sentences: who demands what, and what there is.
 *
 *     lme4 2.0-1 of CRAN needs R (>= 4.4.0), and R is 4.2.2
 *     you ask for lme4 (>= 2.0)
 *     there is lme4 1.1-31 of Debian (r-cran-lme4), which does not satisfy this
 */
import { formatRDemand, type RVersion, satisfiesRDemand } from "#format/r";
import { describeCandidate, type RCandidate } from "../candidate.ts";
import type { Claim } from "./solve.ts";

export interface Unsatisfied {
  readonly name: string;
  readonly claims: readonly Claim[];
  /** All candidates of the name. */
  readonly all: readonly RCandidate[];
  readonly taken: RCandidate | undefined;
  /** R's. */
  readonly version: RVersion;
}

const MAX_CLAIMS = 6;

export function explainUnsatisfied(one: Unsatisfied): string[] {
  const isR = one.all.length === 0 && one.taken === undefined;
  // Claims without a condition, and those that R itself satisfies, exclude nothing.
  const telling = one.claims.filter(({ demand }) => demand.condition !== undefined);
  const shown = (telling.length > 0 ? telling : one.claims).filter(
    ({ demand }) => !isR || !satisfiesRDemand(one.version, demand) || demand.condition === undefined,
  );
  const claims = shown.map(describeClaim);
  const distinct = [...new Set(claims)];
  const more = distinct.length - MAX_CLAIMS;
  return [
    ...distinct.slice(0, MAX_CLAIMS),
    ...(more > 0 ? [`and ${more} more demand versions of it`] : []),
    ...offers(one, isR),
  ];
}

function describeClaim({ from, demand, kind }: Claim): string {
  const text = formatRDemand(demand);
  if (from) return `${describeCandidate(from)} ${kind === "suggestion" ? "suggests" : "needs"} ${text}`;
  return kind === "constraint" ? `you limit ${text}` : `you ask for ${text}`;
}

function offers({ name, all, version, claims }: Unsatisfied, isR: boolean): string[] {
  if (isR && claims.some(({ demand }) => demand.condition)) return [`R is ${version} here`];
  if (all.length === 0) return [`neither Debian nor a repository has ${name}`];
  return all.map((one) => {
    const inner =
      one.kind === "source"
        ? one.demands.find((demand) => demand.name === "R" && !satisfiesRDemand(version, demand))
        : undefined;
    return `there is ${describeCandidate(one)}${inner ? `, which needs ${formatRDemand(inner)}` : ""}`;
  });
}
