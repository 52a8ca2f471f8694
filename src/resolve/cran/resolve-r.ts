/**
 * A request for R packages, answered: from the lock where it has the answer, else from what Debian and the repositories
 * have now, with the locked versions preferred.
 *
 * The repositories are asked only for what Debian does not satisfy, so that a machine without one can do all that Debian
 * can. An index of R's has no SHA-256: what is newly locked is fetched once and hashed, and kept for the build.
 */
import { CopseError } from "#base";
import { type CranRepositories, debianArchitecture } from "#fetch";
import { basePackages, formatRDemand, parseRDemand, type RVersion } from "#format/r";
import type { DebianServices } from "../debian/archive/repository.ts";
import { openCurrent, openLocked } from "../debian/index/suite-indexes.ts";
import { PackageUniverse } from "../debian/solve/universe.ts";
import { type DebianSource, suiteKey } from "../debian/source.ts";
import type { Lock } from "../lock.ts";
import { rKey } from "./candidate.ts";
import { openCranIndex } from "./cran-index.ts";
import { DebianR } from "./debian-r.ts";
import { indexServices } from "./index-services.ts";
import type { RLockAnswer, RLockRequest } from "./lock/answers.ts";
import type { LockedRPackage } from "./lock/lock-schema.ts";
import { lockPackages } from "./lock-packages.ts";
import { rFileUrl } from "./locked-files.ts";
import { describeMixture } from "./solve/solve.ts";
import { solveWithRepositories } from "./solve-with-repositories.ts";

/** What R packages are asked for from. */
export interface RSource {
  readonly debian: DebianSource;
  /** The day of CRAN, such as `2024-03-01`. */
  readonly snapshot?: string | undefined;
  /** Debian's binaries first, unless stated; `sources` takes none of them. */
  readonly from?: "binaries-first" | "sources" | undefined;
}

export interface RRequest extends RSource {
  /** As DESCRIPTION writes them: `lme4 (>= 1.1)`. */
  readonly demands: readonly string[];
  /** Likewise: what holds for packages that something else demands. */
  readonly constraints?: readonly string[] | undefined;
  /** Names of packages whose suggestions are taken as well. */
  readonly suggests?: readonly string[] | undefined;
}

export interface RServices {
  readonly debian: DebianServices;
  readonly repositories: () => CranRepositories;
  /** Indexes are asked again, also where their last answer may still be used. */
  readonly refresh?: boolean | undefined;
}

export interface ResolveROptions extends RRequest {
  readonly lock: Lock;
  readonly services: RServices;
  /** Without regard to what is locked. */
  readonly update?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RAnswer {
  /** R's. */
  readonly version: RVersion;
  /** Each after what it depends on. */
  readonly packages: readonly RPackage[];
}

/** A package of the lock, with where it is fetched from and which of the answer it depends on. */
export type RPackage = LockedRPackage & {
  /** R's names. */
  readonly dependencies: readonly string[];
  readonly url?: string | undefined;
};

/** Throws `r-demand-invalid`, `r-snapshot-invalid` and what the suite's key throws. */
export function rLockRequest(request: RRequest): RLockRequest {
  const { demands, constraints = [], suggests = [] } = request;
  return {
    section: rSectionKey(request),
    demands: canonical(demands),
    ...(constraints.length > 0 && { constraints: canonical(constraints) }),
    ...(suggests.length > 0 && { suggests: canonical(suggests.map((name) => nameAlone(name))) }),
  };
}

function canonical(demands: readonly string[]): string[] {
  return [...new Set(demands.map((text) => formatRDemand(parseRDemand(text))))].sort();
}

function nameAlone(text: string): string {
  if (parseRDemand(text).condition === undefined) return text;
  throw new CopseError(
    "r-demand-invalid",
    `Package whose suggestions are wanted is a name alone: \`${text}\``,
    {
      hint: "a condition on its version belongs into packages or constraints",
    },
  );
}

export function rSectionKey({ debian, snapshot, from }: RSource): string {
  if (snapshot !== undefined && !/^\d{4}-\d\d-\d\d$/.test(snapshot))
    throw new CopseError(
      "r-snapshot-invalid",
      `Day of a snapshot of CRAN is malformed: \`${snapshot.slice(0, 100)}\``,
      {
        hint: "write it as 2024-03-01",
      },
    );
  const words = [suiteKey(debian), debianArchitecture(debian.system), snapshot, from === "sources" && from];
  return words.filter((word) => word).join(" ");
}

/** The lock's answer, where it has one. */
export function lockedRAnswer(lock: Lock, request: RRequest): RAnswer | undefined {
  const found = lock.r.answer(rLockRequest(request));
  return found && answerOf(found, request);
}

/** `lock-missing`, for a frozen lock. */
export function rLockMissing(request: RRequest): CopseError {
  const { section, demands } = rLockRequest(request);
  return new CopseError(
    "lock-missing",
    `Lock has no answer for R packages on ${section} to \`${demands.join(", ")}\``,
    {
      hint: "lock without --frozen first, and keep copse.lock with the project",
    },
  );
}

/**
 * The lock is changed, not saved. Throws `lock-missing`, `cran-unconfigured`, `r-package-unknown`, `r-unsatisfiable`, and
 * what fetching throws.
 */
export async function resolveR(options: ResolveROptions): Promise<RAnswer> {
  const { lock, services } = options;
  const known = options.update ? undefined : lockedRAnswer(lock, options);
  if (known) return known;
  if (lock.isFrozen) throw rLockMissing(options);
  const request = rLockRequest(options);
  const debian = await openDebianR(options);
  const { version } = debian;
  const before = options.update ? undefined : lock.r.section(request.section);
  const solution = await solveWithRepositories(options, { request, debian, before });
  for (const one of solution.mixed) services.debian.notice(describeMixture(one));
  const packages = await lockPackages(options, solution.packages);
  lock.r.record(request, { version, packages });
  return answerOf({ version, packages }, options);
}

/** Names that the repositories have; undefined where none is configured. */
export async function cranNames(
  options: RSource & Pick<ResolveROptions, "services" | "signal">,
): Promise<readonly string[] | undefined> {
  const { services, snapshot, signal } = options;
  if (services.repositories().names.length === 0 && snapshot === undefined) return undefined;
  return (await openCranIndex(indexServices(services), { snapshot, signal })).names();
}

async function openDebianR({ debian, lock, services, signal, update }: ResolveROptions): Promise<DebianR> {
  const suite = suiteKey(debian);
  const locked = lock.suite({ suite, architecture: debianArchitecture(debian.system) });
  const kept = locked && !update ? await openLocked(services.debian, debian, locked.releases) : undefined;
  const opened = kept ?? (await openCurrent(services.debian, debian, { seen: locked?.releases, signal }));
  const preferredVersions = new Map(update ? [] : locked?.packages.map((one) => [one.name, one.version]));
  return new DebianR(
    new PackageUniverse({ sources: opened.indexes, pins: debian.pins, preferredVersions }),
    suite,
  );
}

function answerOf({ version, packages }: RLockAnswer, { snapshot }: RSource): RAnswer {
  const names = new Map(packages.map(({ name }) => [rKey(name), name]));
  return {
    version,
    packages: packages.map((one): RPackage => {
      if (one.kind === "debian") return { ...one, dependencies: [] };
      const demanded = one.demands.map((text) => parseRDemand(text).name);
      const others = demanded.filter((name) => name !== "R" && !basePackages.has(name));
      const dependencies = [...new Set(others.map((name) => names.get(rKey(name)) ?? name))].sort();
      return { ...one, dependencies, url: rFileUrl(one, snapshot) };
    }),
  };
}
