/**
 * The lock as data: what `copse.lock` holds, how it is written, and how it is read from a file that anybody
 * may have edited or merged.
 *
 *     { "version": 1,
 *       "debian": {
 *         "bookworm": {
 *           "amd64": {
 *             "releases": [ {"archive":"debian","suite":"bookworm", ... ,"date":"2026-07-11T10:16:37Z"} ],
 *             "packages": [ {"name":"adduser","version":"3.134", ... }, ... one a line, sorted ],
 *             "requests": [ {"names":["git"],"answer":["gcc-12-base", ...]} ] } } } }
 *
 * A request is the sorted names that were asked for; its answer is the names of packages, each after what it
 * depends on. Where two answers need different versions of one package, it is `name=version` in them. Neither
 * hosts nor machines are named: `archive` is what an archive calls itself, `file` a path in it.
 */
import { CopseError, type Source } from "#base";
import { checkArchivePath } from "#fetch";
import { jsonSource, type LocatedJson, parseLocatedJson, parseUnlocatedJson } from "./located-json.ts";

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

export interface LockedRequest {
  readonly names: readonly string[];
  readonly answer: readonly LockedPackage[];
}

/** Answers for one suite and architecture, all taken from the same releases. */
export interface LockedSuite {
  readonly releases: readonly LockedRelease[];
  readonly packages: readonly LockedPackage[];
  readonly requests: readonly LockedRequest[];
}

export interface LockData {
  /** By suite and pockets (`bookworm`, `bookworm+security`), then by architecture. */
  readonly debian: ReadonlyMap<string, ReadonlyMap<string, LockedSuite>>;
}

export const LOCK_VERSION = 1;

// Writing --------------------------------------------------------------------------------------------------

export function formatLock(lock: LockData): string {
  const suites = sortedEntries(lock.debian).map(([suite, architectures]) => {
    const parts = sortedEntries(architectures).map(
      ([name, locked]) => `      ${JSON.stringify(name)}: ${formatSuite(locked)}`,
    );
    return `    ${JSON.stringify(suite)}: {\n${parts.join(",\n")}\n    }`;
  });
  const debian = suites.length === 0 ? "{}" : `{\n${suites.join(",\n")}\n  }`;
  return `{\n  "version": ${LOCK_VERSION},\n  "debian": ${debian}\n}\n`;
}

function formatSuite(locked: LockedSuite): string {
  const packages = [...locked.packages].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version, b.version),
  );
  const word = referenceIn(packages);
  const requests = [...locked.requests].sort((a, b) => compare(a.names.join(" "), b.names.join(" ")));
  const lists: [string, unknown[]][] = [
    ["releases", locked.releases.map((one) => pick(one, releaseKeys))],
    [
      "packages",
      packages.map(({ python, ...rest }) => ({ ...pick(rest, packageKeys), ...(python ? { python } : {}) })),
    ],
    ["requests", requests.map(({ names, answer }) => ({ names, answer: answer.map(word) }))],
  ];
  const parts = lists.map(([name, items]) => {
    const lines = items.map((item) => `          ${JSON.stringify(item)}`);
    return `        "${name}": ${lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n        ]`}`;
  });
  return `{\n${parts.join(",\n")}\n      }`;
}

const releaseKeys = [
  "archive",
  "suite",
  "origin",
  "label",
  "codename",
  "version",
  "date",
  "indexes",
] as const;
const packageKeys = ["name", "version", "architecture", "archive", "file", "size", "sha256"] as const;

/** The order of names in the file is ours, whatever the order in which an object was made. */
function pick<T, K extends keyof T>(value: T, keys: readonly K[]): Partial<T> {
  const picked: Partial<T> = {};
  for (const key of keys) picked[key] = value[key];
  return picked;
}

function referenceIn(packages: readonly LockedPackage[]): (one: LockedPackage) => string {
  const counts = new Map<string, number>();
  for (const { name } of packages) counts.set(name, (counts.get(name) ?? 0) + 1);
  return (one) => (counts.get(one.name) === 1 ? one.name : `${one.name}=${one.version}`);
}

function sortedEntries<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => compare(a, b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// Reading --------------------------------------------------------------------------------------------------

/** Throws `lock-invalid` with the place, and `lock-version`. */
export function parseLock(name: string, text: string): LockData {
  if (text === "") return { debian: new Map() };
  const quick = parseUnlocatedJson(text);
  try {
    if (quick) return new LockReader({ name, text: "" }).lock(quick);
  } catch (error) {
    // It has no place yet: what is wrong is found again below, with one.
    if (!(error instanceof CopseError)) throw error;
  }
  const source = jsonSource(name, text);
  const read = new LockReader(source);
  if (/^(?:<{7}|={7}|>{7})( |$)/m.test(text))
    throw new CopseError("lock-invalid", "Lock holds the marks of a merge conflict", {
      span: { source, start: source.text.search(/^(?:<{7}|={7}|>{7})( |$)/m), end: source.text.length },
      hint: "take either side, then lock again",
    });
  return read.lock(parseLocatedJson(source, "lock-invalid"));
}

class LockReader {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  lock(json: LocatedJson): LockData {
    const fields = this.#object(json, ["version", "debian"]);
    const version = this.#number(fields.get("version"), json, "version");
    if (version !== LOCK_VERSION)
      throw new CopseError(
        "lock-version",
        `Lock is of a version that this copse does not know: \`${version}\``,
        {
          span: this.#span(fields.get("version") ?? json),
          hint: version > LOCK_VERSION ? "it was written by a newer copse" : undefined,
        },
      );
    const debian = new Map<string, ReadonlyMap<string, LockedSuite>>();
    const suites = fields.get("debian");
    for (const [suite, architectures] of suites ? this.#object(suites) : []) {
      debian.set(
        suite,
        new Map([...this.#object(architectures)].map(([name, one]) => [name, this.#suite(one)])),
      );
    }
    return { debian };
  }

  #suite(json: LocatedJson): LockedSuite {
    const fields = this.#object(json, ["releases", "packages", "requests"]);
    const releases = this.#array(fields.get("releases"), json, "releases").map((one) => this.#release(one));
    const byReference = new Map<string, LockedPackage>();
    const packages = this.#array(fields.get("packages"), json, "packages").map((one) => {
      const found = this.#package(one);
      const reference = `${found.name}=${found.version}`;
      if (byReference.has(reference)) throw this.#fail(one, `Package is there twice: \`${reference}\``);
      byReference.set(reference, found);
      return found;
    });
    const word = referenceIn(packages);
    for (const one of packages) byReference.set(word(one), one);
    const requests = this.#array(fields.get("requests"), json, "requests").map((one) =>
      this.#request(one, byReference),
    );
    return { releases, packages, requests };
  }

  #release(json: LocatedJson): LockedRelease {
    const fields = this.#object(json, releaseKeys);
    const text = (name: (typeof releaseKeys)[number]) => this.#string(fields.get(name), json, name);
    const indexes = this.#array(fields.get("indexes"), json, "indexes").map((one) =>
      this.#matching(one, sha256Pattern, "SHA-256"),
    );
    return {
      ...{ archive: text("archive"), suite: text("suite"), origin: text("origin"), label: text("label") },
      ...{ codename: text("codename"), version: text("version"), date: text("date"), indexes },
    };
  }

  #package(json: LocatedJson): LockedPackage {
    const fields = this.#object(json, [...packageKeys, "python"]);
    const match = (name: (typeof packageKeys)[number], pattern: RegExp) =>
      this.#matching(fields.get(name) ?? this.#missing(json, name), pattern, name);
    const file = match("file", /^.{1,1000}$/);
    try {
      checkArchivePath(file);
    } catch (error) {
      throw this.#fail(fields.get("file") ?? json, (error as Error).message);
    }
    const size = this.#number(fields.get("size"), json, "size");
    if (!Number.isSafeInteger(size) || size < 0)
      throw this.#fail(fields.get("size") ?? json, `Size is no whole number: \`${size}\``);
    const python = fields.get("python");
    if (python && python.kind !== "boolean") throw this.#fail(python, "`python` is true or false");
    return {
      name: match("name", /^[a-z0-9][a-z0-9+.-]{0,200}$/i),
      version: match("version", /^[0-9A-Za-z.+~:-]{1,200}$/),
      architecture: match("architecture", /^[a-z0-9-]{1,30}$/),
      archive: match("archive", /^[a-z0-9][a-z0-9.+-]{0,100}$/),
      ...{
        file,
        size,
        sha256: match("sha256", sha256Pattern),
        python: python?.kind === "boolean" && python.value,
      },
    };
  }

  #request(json: LocatedJson, packages: ReadonlyMap<string, LockedPackage>): LockedRequest {
    const fields = this.#object(json, ["names", "answer"]);
    const names = this.#array(fields.get("names"), json, "names").map((one) =>
      this.#string(one, json, "names"),
    );
    const answer = this.#array(fields.get("answer"), json, "answer").map((one) => {
      const reference = this.#string(one, json, "answer");
      const found = packages.get(reference);
      if (!found)
        throw this.#fail(
          one,
          `Answer names a package that the lock does not have: \`${reference.slice(0, 200)}\``,
        );
      return found;
    });
    return { names, answer };
  }

  #object(json: LocatedJson, allowed?: readonly string[]): ReadonlyMap<string, LocatedJson> {
    if (json.kind !== "object") throw this.#fail(json, "An object is expected");
    const other = allowed && [...json.entries].find(([name]) => !allowed.includes(name));
    if (other) throw this.#fail(other[1], `Field is not known: \`${other[0].slice(0, 100)}\``);
    return json.entries;
  }

  #array(json: LocatedJson | undefined, parent: LocatedJson, name: string): readonly LocatedJson[] {
    const value = json ?? this.#missing(parent, name);
    if (value.kind !== "array") throw this.#fail(value, `\`${name}\` is to be a list`);
    return value.items;
  }

  #string(json: LocatedJson | undefined, parent: LocatedJson, name: string): string {
    const value = json ?? this.#missing(parent, name);
    if (value.kind !== "string" || value.value.length > 1000)
      throw this.#fail(value, `\`${name}\` is to be a string`);
    return value.value;
  }

  #number(json: LocatedJson | undefined, parent: LocatedJson, name: string): number {
    const value = json ?? this.#missing(parent, name);
    if (value.kind !== "number") throw this.#fail(value, `\`${name}\` is to be a number`);
    return value.value;
  }

  #matching(json: LocatedJson, pattern: RegExp, name: string): string {
    if (json.kind !== "string" || !pattern.test(json.value)) throw this.#fail(json, `Value is no ${name}`);
    return json.value;
  }

  #missing(json: LocatedJson, name: string): never {
    throw this.#fail(json, `Field is missing: \`${name}\``);
  }

  #fail(json: LocatedJson, message: string): CopseError {
    return new CopseError("lock-invalid", message, { span: this.#span(json) });
  }

  #span(json: LocatedJson) {
    return { source: this.#source, start: json.start, end: json.end };
  }
}

const sha256Pattern = /^[0-9a-f]{64}$/;
