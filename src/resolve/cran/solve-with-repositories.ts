/**
 * A solve that asks for more only as far as it needs it: Debian alone, then with the repositories' current versions, then with
 * older ones of theirs, one at a time.
 */
import { CopseError, isCopseError } from "#base";
import { parseRDemand } from "#format/r";
import { OlderVersions } from "./archive/older-versions.ts";
import { type RCandidate, rKey, type SourceCandidate } from "./candidate.ts";
import { CranIndex, openCranIndex } from "./cran-index.ts";
import type { DebianR } from "./debian-r.ts";
import { indexServices } from "./index-services.ts";
import type { RLockRequest } from "./lock/answers.ts";
import type { LockedR, LockedRSource } from "./lock/lock-schema.ts";
import type { ResolveROptions } from "./resolve-r.ts";
import { type RSolution, RUnsatisfiable, solveR } from "./solve/solve.ts";

interface Known {
  readonly request: RLockRequest;
  readonly debian: DebianR;
  /** What the lock has of the section; undefined for an update. */
  readonly before: LockedR | undefined;
}

/** What the repositories offer beside Debian. */
interface Offer {
  readonly index: CranIndex;
  readonly older?: OlderVersions;
}

/** Throws `cran-unconfigured`, `r-package-unknown`, `r-unsatisfiable`, and what fetching throws. */
export async function solveWithRepositories(options: ResolveROptions, known: Known): Promise<RSolution> {
  let failure: CopseError | undefined;
  try {
    // Which packages a package suggests is known to an index alone.
    if (!known.request.suggests) return solveFrom(options, known, { index: new CranIndex([]) });
  } catch (error) {
    if (!(error instanceof RUnsatisfiable)) throw error;
    failure = error;
  }
  try {
    return await solveWithIndex(options, known);
  } catch (error) {
    if (!isCopseError(error, "cran-unconfigured")) throw error;
    const wanted = known.request.demands.join(", ");
    const what = failure ? "satisfy" : "say what is suggested by";
    throw new CopseError(
      "cran-unconfigured",
      `Debian alone does not ${what} \`${wanted}\`, and no repository of R packages is configured`,
      { hint: error.hint, cause: failure },
    );
  }
}

async function solveWithIndex(options: ResolveROptions, known: Known): Promise<RSolution> {
  const { services, snapshot, signal } = options;
  const { debian } = services;
  const reading = indexServices(services);
  const index = await openCranIndex(reading, { snapshot, signal });
  const { version } = known.debian;
  const { downloader, progress } = debian;
  const older = new OlderVersions({ ...reading, downloader, progress, snapshot, version, signal });
  for (;;) {
    try {
      const solution = solveFrom(options, known, { index, older });
      for (const one of solution.packages)
        if (one.kind === "source" && older.of(one.name).includes(one))
          debian.notice(describeOlder(one, index.find(one.name)[0]));
      return solution;
    } catch (error) {
      if (!(error instanceof RUnsatisfiable)) throw error;
      // Each round has one version more, and how many are looked at is bounded.
      if (!(await older.findOne(error.wanted, (name) => index.find(name)))) throw error;
    }
  }
}

function describeOlder({ name, version, repository }: SourceCandidate, newest?: SourceCandidate): string {
  const place = `${name} ${version} is from the archive of ${repository}`;
  return newest ? `${place}: ${newest.version} cannot be used here` : `${place}, which has no other any more`;
}

function solveFrom(
  options: ResolveROptions,
  { request, debian, before }: Known,
  { index, older }: Offer,
): RSolution {
  const locked = (before?.packages ?? []).filter((one) => one.kind === "source");
  const withoutDebian = options.from === "sources";
  return solveR({
    demands: request.demands.map(parseRDemand),
    constraints: (request.constraints ?? []).map(parseRDemand),
    suggestsOf: request.suggests ?? [],
    version: debian.version,
    candidates(name): readonly RCandidate[] {
      const indexed = [...index.find(name), ...(older?.of(name) ?? [])];
      const spelled = indexed[0]?.name ?? name;
      const suggests = indexed[0]?.suggests;
      const binary = withoutDebian ? undefined : debian.find(spelled);
      const kept = locked
        .filter((one) => rKey(one.name) === rKey(name))
        .map((one) => {
          const same = indexed.find(({ version }) => version === one.version);
          return { ...candidateOfLocked(one), suggests: same?.suggests ?? suggests };
        });
      const others = indexed.filter((one) => !kept.some(({ version }) => version === one.version));
      return [...(binary ? [{ ...binary, suggests }] : []), ...kept, ...others];
    },
    nearest: (name) => index.nearest(name),
    way:
      options.snapshot === undefined
        ? "an earlier day of CRAN, as snapshot, has versions for an older R; a newer suite has a newer R"
        : "another day as snapshot, or another suite, may have versions that go together",
  });
}

function candidateOfLocked(one: LockedRSource): SourceCandidate {
  const { compiled, demands, ...rest } = one;
  return { ...rest, demands: demands.map(parseRDemand), needsCompilation: compiled };
}
