/**
 * The lock as data: what `copse.lock` holds. How it is written says `lock-writer.ts`, how it is read `lock-reader.ts`.
 *
 *     { "version": 1,
 *       "debian": {
 *         "bookworm": {
 *           "amd64": {
 *             "source": {"repositories":[...],"pins":[...]},
 *             "releases": [ {"archive":"debian","suite":"bookworm", ... ,"date":"2026-07-11T10:16:37Z"} ],
 *             "packages": [ {"name":"adduser","version":"3.134", ... }, ... one a line, sorted ],
 *             "requests": [ {"names":["git"],"answer":["gcc-12-base", ...]} ],
 *             "sources": [ {"name":"hello","version":"2.10-3", ... ,"files":[...]} ] } } } }
 *
 * A request is the sorted names that were asked for; its answer is the names of packages, each after what it
 * depends on. Where two answers need different versions of one package, it is `name=version` in them. Neither
 * hosts nor machines are named: `archive` is what an archive calls itself, `file` a path in it. `source` and
 * `sources` (source packages) are there where they are needed; `source` says what the digest in the section's name
 * is of (see debian/source.ts).
 *
 * Beside "debian" stand the sections of other kinds of packages, where there are any: "python" (python/lock), "r"
 * (cran/lock), "cpython" (cpython/lock.ts).
 */

import type { LockedCpython } from "./cpython/lock.ts";
import type { LockedR } from "./cran/lock/lock-schema.ts";
import type { SourceStatement } from "./debian/source.ts";
import type { LockedPython } from "./python/lock/lock-schema.ts";

export interface LockedRelease {
  readonly archive: string;
  readonly suite: string;
  readonly origin: string;
  readonly label: string;
  readonly codename: string;
  readonly version: string;
  /** ISO 8601, to the second, in UTC. */
  readonly date: string;
  /** SHA-256 of the indexes that answers were taken from. */
  readonly indexes: readonly string[];
  /** What the Release itself has as Suite, where that is not `suite`: `oldstable`. */
  readonly alias?: string | undefined;
  /** Of its packages where no pin says otherwise; 500 where it is not said. */
  readonly priority?: number | undefined;
  /** Nobody's signature was checked, as the user wanted. */
  readonly trusted?: true | undefined;
}

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly archive: string;
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  /** It brings modules for Python, or needs the interpreter. */
  readonly python: boolean;
}

/** A source package: its .dsc and what that names. */
export interface LockedSource {
  readonly name: string;
  readonly version: string;
  readonly archive: string;
  /** `3.0 (quilt)` */
  readonly format: string;
  /** Of the Release that it was found in. */
  readonly date: string;
  /** The .dsc first. */
  readonly files: readonly LockedFile[];
}

export interface LockedFile {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
}

export interface LockedRequest {
  readonly names: readonly string[];
  readonly answer: readonly LockedPackage[];
}

/** Answers for one suite and architecture, all taken from the same releases. */
export interface LockedSuite {
  readonly source?: SourceStatement | undefined;
  readonly releases: readonly LockedRelease[];
  readonly packages: readonly LockedPackage[];
  readonly requests: readonly LockedRequest[];
  readonly sources?: readonly LockedSource[] | undefined;
}

export interface LockData {
  /** By suite and pockets (`bookworm`, `bookworm+security`), then by architecture. */
  readonly debian: ReadonlyMap<string, ReadonlyMap<string, LockedSuite>>;
  /** By interpreter and system: `3.11 x86_64-linux`. */
  readonly python: ReadonlyMap<string, LockedPython>;
  /** By suite and architecture: `bookworm amd64`. */
  readonly r?: ReadonlyMap<string, LockedR> | undefined;
  /** By wanted version and system: `3.12 x86_64-linux`. */
  readonly cpython?: ReadonlyMap<string, LockedCpython> | undefined;
}

export const LOCK_VERSION = 1;

/** The fields of each entry, in the order in which they are written. */
export const releaseKeys = [
  "archive",
  "suite",
  "origin",
  "label",
  "codename",
  "version",
  "date",
  "indexes",
  "alias",
  "priority",
  "trusted",
] as const;
export const sourceKeys = ["name", "version", "archive", "format", "date"] as const;
export const fileKeys = ["file", "size", "sha256"] as const;
export const packageKeys = ["name", "version", "architecture", "archive", "file", "size", "sha256"] as const;

/** How answers name a package of a section: by its name, with the version where there are several. */
export function referenceIn(packages: readonly LockedPackage[]): (one: LockedPackage) => string {
  const counts = new Map<string, number>();
  for (const { name } of packages) counts.set(name, (counts.get(name) ?? 0) + 1);
  return (one) => (counts.get(one.name) === 1 ? one.name : `${one.name}=${one.version}`);
}
