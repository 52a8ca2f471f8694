/**
 * A request for R packages, answered: from the lock where it has the answer, else from what Debian and the repositories
 * have now, with the locked versions preferred.
 *
 * The repositories are asked only for what Debian does not satisfy, so that a machine without one can do all that Debian
 * can. An index of R's has no SHA-256: what is newly locked is fetched once and hashed, and kept for the build.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { CopseError, isCopseError, mapConcurrently } from "#base";
import { type CranRepositories, debianArchitecture, HttpCache } from "#fetch";
import { createHasher, formatHash, type Hash, hashesEqual, parseHash } from "#format";
import { basePackages, formatRDemand, parseRDemand, type RVersion } from "#format/r";
import type { DebianServices } from "../debian/archive/repository.ts";
import { openCurrent, openLocked } from "../debian/index/suite-indexes.ts";
import { PackageUniverse } from "../debian/solve/universe.ts";
import { type DebianSource, suiteKey } from "../debian/source.ts";
import type { Lock } from "../lock.ts";
import { type RCandidate, rKey, type SourceCandidate } from "./candidate.ts";
import { CranIndex, cranCacheDirectory, openCranIndex } from "./cran-index.ts";
import { DebianR } from "./debian-r.ts";
import type { RLockAnswer, RLockRequest } from "./lock/answers.ts";
import type { LockedR, LockedRPackage, LockedRSource } from "./lock/lock-schema.ts";
import { rFileUrl } from "./locked-files.ts";
import { describeMixture, type RSolution, solveR } from "./solve/solve.ts";

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
}

export interface RServices {
  readonly debian: DebianServices;
  readonly repositories: () => CranRepositories;
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
  const demands = request.demands.map((text) => formatRDemand(parseRDemand(text)));
  return { section: rSectionKey(request), demands: [...new Set(demands)].sort() };
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

interface Known {
  readonly request: RLockRequest;
  readonly debian: DebianR;
  readonly before: LockedR | undefined;
}

async function solveWithRepositories(options: ResolveROptions, known: Known): Promise<RSolution> {
  const { services, snapshot, signal } = options;
  let failure: CopseError;
  try {
    return solveFrom(options, known, new CranIndex([]));
  } catch (error) {
    if (!isCopseError(error, "r-package-unknown") && !isCopseError(error, "r-unsatisfiable")) throw error;
    failure = error;
  }
  try {
    const index = await openCranIndex(indexServices(services), { snapshot, signal });
    return solveFrom(options, known, index);
  } catch (error) {
    if (!isCopseError(error, "cran-unconfigured")) throw error;
    const wanted = known.request.demands.join(", ");
    throw new CopseError(
      "cran-unconfigured",
      `Debian alone does not satisfy \`${wanted}\`, and no repository of R packages is configured`,
      { hint: error.hint, cause: failure },
    );
  }
}

function solveFrom(
  options: ResolveROptions,
  { request, debian, before }: Known,
  index: CranIndex,
): RSolution {
  const locked = (before?.packages ?? []).filter((one) => one.kind === "source");
  const withoutDebian = options.from === "sources";
  return solveR({
    demands: request.demands.map(parseRDemand),
    version: debian.version,
    candidates(name) {
      const indexed = index.find(name);
      const spelled = indexed[0]?.name ?? name;
      const binary = withoutDebian ? undefined : debian.find(spelled);
      const kept = locked.filter((one) => rKey(one.name) === rKey(name)).map(candidateOfLocked);
      const others = indexed.filter((one) => !kept.some(({ version }) => version === one.version));
      return [...(binary ? [binary] : []), ...kept, ...others];
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

function indexServices({ debian, repositories }: RServices) {
  const { downloader, cacheDir, clock, progress } = debian;
  const cache = new HttpCache({ directory: cranCacheDirectory(cacheDir), client: downloader.client, clock });
  return { repositories: repositories(), cache, progress };
}

async function lockPackages(
  options: ResolveROptions,
  packages: readonly RCandidate[],
): Promise<LockedRPackage[]> {
  const { signal = new AbortController().signal } = options;
  const locked = new Map<RCandidate, LockedRPackage>();
  await mapConcurrently(packages, { limit: 8, signal }, async (one, aborted) => {
    locked.set(one, one.kind === "source" ? await lockSource(options, one, aborted) : binaryOf(one));
  });
  return packages.flatMap((one) => locked.get(one) ?? []);
}

function binaryOf({ name, version, debian }: RCandidate & { readonly kind: "debian" }): LockedRPackage {
  return { kind: "debian", name, version, debian };
}

async function lockSource(
  options: ResolveROptions,
  one: SourceCandidate,
  signal: AbortSignal,
): Promise<LockedRSource> {
  const { name, version, repository, file, needsCompilation } = one;
  const demands = [...new Set(one.demands.map(formatRDemand))];
  const bytes =
    one.sha256 !== undefined && one.size !== undefined
      ? { sha256: one.sha256, size: one.size }
      : await fetchSource(options, one, signal);
  return {
    kind: "source",
    ...{ name, version, repository, file, size: bytes.size, sha256: bytes.sha256, demands },
    compiled: needsCompilation,
  };
}

/** What nobody knows the hash of is fetched; what the index says of the bytes must hold. */
async function fetchSource(
  { services, snapshot }: ResolveROptions,
  { repository, file, md5, sha256, name }: SourceCandidate,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly size: number }> {
  const { downloader, progress } = services.debian;
  const repositories = services.repositories();
  const target = repositories.keptFile(repository, file);
  const expectedHash = sha256 ? parseHash(sha256, "sha256") : md5 ? parseHash(md5, "md5") : undefined;
  // A file that no index has a hash of may be another one by now.
  if (expectedHash === undefined || !(await hasHash(target, expectedHash))) {
    const bases = repositories.bases(repository, snapshot);
    await downloader.download({
      url: bases.map((base) => repositories.location(base, file)),
      ...{ target, signal, expectedHash, maxBytes: MAX_SOURCE_BYTES },
      onProgress: ({ bytes, totalBytes }) => progress({ activity: `source of ${name}`, bytes, totalBytes }),
    });
  }
  const hash = await hashFile(target, "sha256");
  return { sha256: formatHash(hash, "base16"), size: (await stat(target)).size };
}

const MAX_SOURCE_BYTES = 2 * 1024 ** 3;

async function hasHash(path: string, expected: Hash): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() === true && hashesEqual(await hashFile(path, expected.algorithm), expected);
}

async function hashFile(path: string, algorithm: Hash["algorithm"]): Promise<Hash> {
  const hasher = createHasher(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    hasher.update(chunk as Buffer);
  return hasher.digest();
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
