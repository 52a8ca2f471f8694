/**
 * A request for Debian packages, answered: from the lock where it has the answer, else from the signed indexes.
 *
 * Answers for one suite and architecture stay consistent with each other: they are taken from one set of
 * indexes, whose hashes the lock has. A new request is answered from these same indexes while this machine
 * has them in its cache; otherwise from the current ones, with the locked versions preferred. Where the
 * archive has meanwhile dropped a locked version (a point release), the suite's other requests are answered
 * anew as well, as one environment of two Releases would hold versions that were never together.
 */
import { CopseError } from "#base";
import { archiveFileUrl, checkUri, debianArchitecture, snapshotOf } from "#fetch";
import { parseDebRelations } from "#format";
import type { Lock, LockAnswer, LockRequest } from "../lock.ts";
import type { LockedPackage, LockedRelease, LockedRequest } from "../lock-schema.ts";
import { repositoryUris } from "./archive/bases.ts";
import type { DebianServices } from "./archive/repository.ts";
import { openCurrent, openLocked } from "./index/suite-indexes.ts";
import { solveDebian } from "./solve/solve.ts";
import { type Candidate, PackageUniverse } from "./solve/universe.ts";
import { type DebianSource, sourceStatement, suiteKey } from "./source.ts";

export interface ResolveDebianOptions extends DebianSource {
  readonly packages: readonly string[];
  readonly lock: Lock;
  readonly services: DebianServices;
  /** Answer this and all other requests of the suite anew, without regard to what is locked. */
  readonly update?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly archive: string;
  /** A path in the archive. */
  readonly file: string;
  /** Where it is to be fetched: `apt:<archive>@<date>/<file>`, then what the expression states of a repository. */
  readonly urls: readonly string[];
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly python: boolean;
}

export interface DebianAnswer {
  readonly suite: string;
  readonly architecture: string;
  /** Each after what it depends on. */
  readonly packages: readonly DebianPackage[];
  readonly releases: readonly LockedRelease[];
  readonly from: "lock" | "index";
}

/**
 * The lock is changed, not saved. Throws `lock-missing` for a frozen lock without the answer,
 * `debian-package-unknown`, `debian-unsatisfiable`, and what fetching and verifying throw.
 */
export async function resolveDebian(options: ResolveDebianOptions): Promise<DebianAnswer> {
  const request = lockRequest(options, options.packages);
  const { lock } = options;
  const known = options.update ? undefined : lockedDebianAnswer(lock, options);
  if (known) return known;
  if (options.lock.isFrozen) throw lockMissing(options, options.packages);
  const answer = await answerFromIndexes(options, request);
  return answerOf(options, answer, "index");
}

/** The lock's answer, where it has one. */
export function lockedDebianAnswer(
  lock: Lock,
  source: DebianSource & { readonly packages: readonly string[] },
): DebianAnswer | undefined {
  const request = lockRequest(source, source.packages);
  const known = lock.answer(request);
  return known && answerOf(source, known, "lock");
}

/** `lock-missing`: what a frozen lock says to a request that it has no answer for. */
export function lockMissing(source: DebianSource, packages: readonly string[]): CopseError {
  const { suite, architecture, names } = lockRequest(source, packages);
  return new CopseError(
    "lock-missing",
    `Lock has no answer for ${suite} on ${architecture} to \`${names.join(" ")}\``,
    {
      hint: "lock without --frozen first, and keep copse.lock with the project",
    },
  );
}

/** All names of packages, sorted; those of the lock alone where it is frozen. */
export async function debianNames(
  options: Omit<ResolveDebianOptions, "packages" | "update">,
): Promise<readonly string[]> {
  const request = lockRequest(options, []);
  const locked = options.lock.suite(request);
  if (options.lock.isFrozen) return [...new Set(locked?.packages.map(({ name }) => name))].sort();
  const opened =
    (locked && (await openLocked(options.services, options, locked.releases))) ??
    (await openCurrent(options.services, options, { signal: options.signal }));
  return new PackageUniverse({ sources: opened.indexes }).names();
}

function lockRequest(source: DebianSource, names: readonly string[]): LockRequest {
  return {
    suite: suiteKey(source),
    source: sourceStatement(source),
    architecture: debianArchitecture(source.system),
    names: [...new Set(names)].sort(),
  };
}

async function answerFromIndexes(options: ResolveDebianOptions, request: LockRequest): Promise<LockAnswer> {
  const { lock, services } = options;
  const locked = lock.suite(request);
  const kept = locked && !options.update ? await openLocked(services, options, locked.releases) : undefined;
  const opened =
    kept ?? (await openCurrent(services, options, { seen: locked?.releases, signal: options.signal }));
  const versions = new Map(options.update ? [] : locked?.packages.map((one) => [one.name, one.version]));
  const { pins } = options;
  const universe = new PackageUniverse({ sources: opened.indexes, pins, preferredVersions: versions });
  const solve = (names: readonly string[]) =>
    solveDebian({ universe, names, suite: request.suite }).map(lockedPackage);
  const answer: LockAnswer = { packages: solve(request.names), releases: opened.releases };
  const others = locked?.requests.filter(({ names }) => names.join(" ") !== request.names.join(" ")) ?? [];
  if (kept || !locked || (!options.update && others.every((one) => isStillThere(universe, one)))) {
    lock.record(request, answer);
    return answer;
  }
  const again = others.map(({ names }): LockedRequest => ({ names, answer: solve(names) }));
  reportMoves(services, request, { before: locked.packages, after: again.flatMap((one) => one.answer) });
  lock.replace(request, {
    releases: opened.releases,
    requests: [...again, { names: request.names, answer: answer.packages }],
  });
  return answer;
}

function isStillThere(universe: PackageUniverse, request: LockedRequest): boolean {
  return request.answer.every((one) => {
    const found = universe.candidates(one.name).find(({ version }) => version === one.version);
    return found?.sha256 === one.sha256;
  });
}

function reportMoves(
  services: DebianServices,
  request: LockRequest,
  packages: { readonly before: readonly LockedPackage[]; readonly after: readonly LockedPackage[] },
): void {
  const versions = new Map(packages.before.map((one) => [one.name, one.version]));
  const moved = new Set(
    packages.after
      .filter((one) => versions.has(one.name) && versions.get(one.name) !== one.version)
      .map(({ name }) => name),
  );
  if (moved.size > 0)
    services.notice(
      `${request.suite}: the archive has moved on, ${moved.size} locked packages change their versions`,
    );
}

function lockedPackage(one: Candidate): LockedPackage {
  const { name, version, architecture, archive, file, sizeBytes, sha256 } = one;
  return { name, version, architecture, archive, file, size: sizeBytes, sha256, python: isForPython(one) };
}

/** Whether byte code may have to be made for it: it brings modules, or depends on the interpreter. */
function isForPython({ name, depends, preDepends }: Candidate): boolean {
  if (
    /^(?:python3-|python3(?:\.\d+)?$|libpython3(?:\.\d+)?-(?:stdlib|minimal)$|python3(?:\.\d+)?-)/.test(name)
  )
    return true;
  if (!depends.includes("python3") && !preDepends.includes("python3")) return false;
  const relations = [...parseDebRelations(depends), ...parseDebRelations(preDepends)].flat();
  return relations.some((relation) => /^python3(?:\.\d+)?(?:-minimal)?$/.test(relation.name));
}

function answerOf(source: DebianSource, answer: LockAnswer, from: "lock" | "index"): DebianAnswer {
  const urlsOf = fileUrls(source, answer.releases);
  const packages = answer.packages.map(
    ({ size, ...rest }): DebianPackage => ({ ...rest, urls: urlsOf(rest), sizeBytes: size }),
  );
  return {
    suite: suiteKey(source),
    architecture: debianArchitecture(source.system),
    packages,
    releases: answer.releases,
    from,
  };
}

/**
 * A file's addresses. The date is the latest of its archive's Releases: when all of them were current, every file
 * of theirs was there, so that a dated archive has it under that date.
 */
export function fileUrls(
  { repositories = [] }: Pick<DebianSource, "repositories">,
  releases: readonly Pick<LockedRelease, "archive" | "date">[],
): (file: { readonly archive: string; readonly file: string }) => readonly string[] {
  const dates = new Map<string, string>();
  for (const { archive, date } of releases) if (date > (dates.get(archive) ?? "")) dates.set(archive, date);
  return ({ archive, file }) => {
    const date = dates.get(archive);
    const stated = repositories.find(({ name }) => name === archive);
    const uris = stated ? repositoryUris(stated) : [];
    return [
      `apt:${archive}${date === undefined ? "" : `@${snapshotOf(date)}`}/${file}`,
      ...uris.map((uri) => archiveFileUrl(checkUri(uri, `the repository ${archive}`), file).href),
    ];
  };
}
