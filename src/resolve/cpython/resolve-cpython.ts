/**
 * Which release of CPython a version means: the newest of its series that the archive has, or the one that is named. The
 * archive says nothing of hashes, so the file is fetched to be locked, and kept for whoever builds it.
 */
import { CopseError, isCopseError } from "#base";
import { type CpythonArchive, cpythonFile, type Downloader, isMissingFile } from "#fetch";
import { formatHash } from "#format";
import type { ResolveProgress } from "../debian/archive/repository.ts";
import type { Lock } from "../lock.ts";
import { pythonsAtHand } from "../pythons/debian-pythons.ts";
import { parseWantedPython, type WantedPython } from "../pythons/wanted-python.ts";
import type { CpythonQuestion, LockedCpython } from "./lock.ts";

export interface CpythonServices {
  readonly archive: CpythonArchive;
  readonly downloader: Downloader;
  readonly progress: (event: ResolveProgress) => void;
  /** Something the user should know though it stops nothing. */
  readonly notice: (text: string) => void;
}

export interface ResolveCpythonOptions extends CpythonQuestion {
  /** Ask the archive, whatever the lock has. */
  readonly update?: boolean | undefined;
  readonly lock: Lock;
  readonly services: CpythonServices;
  readonly signal?: AbortSignal | undefined;
}

const MAX_SOURCE_BYTES = 256 * 1024 * 1024;

/**
 * The lock is changed, not saved. Throws `python-version`, `python-release-unknown`, `python-unreachable`, and what
 * fetching throws.
 */
export async function resolveCpython(options: ResolveCpythonOptions): Promise<LockedCpython> {
  const { lock, version, update } = options;
  const wanted = parseWantedPython(version);
  const known = lock.cpython.answer(options) ?? lock.cpython.elsewhere(options);
  const found = known && !update ? known : await newestRelease(options, wanted);
  if (found.sha256 !== known?.sha256)
    options.services.notice(
      `Python ${found.release} will be built from its sources, once; without building there are ${pythonsAtHand()}`,
    );
  lock.cpython.record(options, found);
  return found;
}

/** `lock-missing`, for a frozen lock. */
export function cpythonLockMissing({ version, system }: CpythonQuestion): CopseError {
  return new CopseError("lock-missing", `Lock has no sources of Python on ${system} for \`${version}\``, {
    hint: "lock without --frozen first, and keep copse.lock with the project",
  });
}

async function newestRelease(
  options: ResolveCpythonOptions,
  { series, release }: WantedPython,
): Promise<LockedCpython> {
  const releases = release === undefined ? await releasesOf(options, series) : [release];
  for (const one of releases) {
    const found = await fetchRelease(options, one);
    if (found) return found;
  }
  const others = release === undefined ? [] : await releasesOf(options, series);
  throw new CopseError("python-release-unknown", `CPython has no such release: \`${options.version}\``, {
    hint:
      others.length > 0
        ? `of ${series} the newest is ${others[0]}`
        : `without building there are ${pythonsAtHand()}`,
  });
}

/** Of a series, the newest first. */
async function releasesOf(options: ResolveCpythonOptions, series: string): Promise<readonly string[]> {
  const { archive, downloader, progress } = options.services;
  progress({ activity: "releases of Python" });
  let releases: readonly string[];
  try {
    releases = await archive.releases(downloader, options.signal);
  } catch (error) {
    throw unreachable(options, error);
  }
  const patch = (one: string) => Number(one.slice(series.length + 1));
  return releases.filter((one) => one.startsWith(`${series}.`)).sort((a, b) => patch(b) - patch(a));
}

/** Undefined where the archive has no sources of it: of a release to come, it has candidates only. */
async function fetchRelease(
  options: ResolveCpythonOptions,
  release: string,
): Promise<LockedCpython | undefined> {
  const { archive, downloader, progress } = options.services;
  const file = cpythonFile(release);
  try {
    const { hash, sizeBytes } = await downloader.download({
      url: [...archive.remote(file)],
      target: archive.keptFile(file),
      maxBytes: MAX_SOURCE_BYTES,
      signal: options.signal,
      onProgress: ({ bytes, totalBytes }) =>
        progress({ activity: `sources of Python ${release}`, bytes, totalBytes }),
    });
    return { release, file, size: sizeBytes, sha256: formatHash(hash, "base16") };
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw unreachable(options, error);
  }
}

/** What is at hand without the archive, in one line, and the ways to it. */
function unreachable({ version, services, signal }: ResolveCpythonOptions, cause: unknown): unknown {
  signal?.throwIfAborted();
  if (!isCopseError(cause)) return cause;
  return new CopseError(
    "python-unreachable",
    `No suite has this Python, and its sources cannot be had: \`${version}\``,
    {
      cause,
      hint: `without building there are ${pythonsAtHand()}; or name a mirror of CPython's sources below [sources] of ${services.archive.configurationFile}: python = "https://MIRROR" (${cause.message})`,
    },
  );
}
