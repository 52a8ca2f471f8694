/**
 * How `copse.lock` is read: from a file that anybody may have edited or merged. Everything is checked before anything
 * is believed, and what is wrong is pointed at.
 */
import { CopseError } from "#base";
import { checkArchivePath } from "#fetch";
import { readCpythonSections } from "./cpython/lock.ts";
import { readRSections } from "./cran/lock/lock-reader.ts";
import { type SourceStatement, statementDigest } from "./debian/source.ts";
import {
  jsonSource,
  type LocatedJson,
  parseLocatedJson,
  parseUnlocatedJson,
  plainJson,
} from "./located-json.ts";
import { LockFields, MENDING_HINT, sha256Pattern } from "./lock-fields.ts";
import {
  fileKeys,
  LOCK_VERSION,
  type LockData,
  type LockedPackage,
  type LockedRelease,
  type LockedRequest,
  type LockedSource,
  type LockedSuite,
  packageKeys,
  referenceIn,
  releaseKeys,
  sourceKeys,
} from "./lock-schema.ts";
import { readPythonSections } from "./python/lock/lock-reader.ts";

/** Throws `lock-invalid` with the place, and `lock-version`. */
export function parseLock(name: string, text: string): LockData {
  if (text === "") return { debian: new Map(), python: new Map() };
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
      hint: "`copse lock` mends it",
    });
  return read.lock(parseLocatedJson(source, { code: "lock-invalid", hint: MENDING_HINT }));
}

class LockReader extends LockFields {
  lock(json: LocatedJson): LockData {
    const fields = this.object(json, ["version", "debian", "python", "r", "cpython"]);
    const version = this.number(fields.get("version"), json, "version");
    if (version !== LOCK_VERSION)
      throw new CopseError(
        "lock-version",
        `Lock is of a version that this copse does not know: \`${version}\``,
        {
          span: this.span(fields.get("version") ?? json),
          hint: version > LOCK_VERSION ? "it was written by a newer copse" : undefined,
        },
      );
    const debian = new Map<string, ReadonlyMap<string, LockedSuite>>();
    const suites = fields.get("debian");
    for (const [suite, architectures] of suites ? this.object(suites) : []) {
      debian.set(
        suite,
        new Map([...this.object(architectures)].map(([name, one]) => [name, this.#suite(one, suite)])),
      );
    }
    const python = fields.get("python");
    const r = fields.get("r");
    const cpython = fields.get("cpython");
    return {
      debian,
      python: python ? readPythonSections(python, this) : new Map(),
      r: r && readRSections(r, this),
      cpython: cpython && readCpythonSections(cpython, this),
    };
  }

  #suite(json: LocatedJson, name: string): LockedSuite {
    const fields = this.object(json, ["source", "releases", "packages", "requests", "sources"]);
    const source = this.#statement(fields.get("source"), json, name);
    const releases = this.array(fields.get("releases"), json, "releases").map((one) => this.#release(one));
    const byReference = new Map<string, LockedPackage>();
    const packages = this.array(fields.get("packages"), json, "packages").map((one) => {
      const found = this.#package(one);
      const reference = `${found.name}=${found.version}`;
      if (byReference.has(reference)) throw this.fail(one, `Package is there twice: \`${reference}\``);
      byReference.set(reference, found);
      return found;
    });
    const word = referenceIn(packages);
    for (const one of packages) byReference.set(word(one), one);
    const requests = this.array(fields.get("requests"), json, "requests").map((one) =>
      this.#request(one, byReference),
    );
    const sources = fields.get("sources");
    return {
      ...(source && { source }),
      ...{ releases, packages, requests },
      ...(sources && {
        sources: this.array(sources, json, "sources").map((one) => this.#sourcePackage(one)),
      }),
    };
  }

  /** What was stated is not read back, only held against the section's name: who wrote the one wrote the other. */
  #statement(json: LocatedJson | undefined, section: LocatedJson, name: string): SourceStatement | undefined {
    const digest = /\/([0-9a-f]{12})$/.exec(name)?.[1];
    if (!json && digest === undefined) return undefined;
    if (!json) throw this.fail(section, `Section does not say what it was made of: \`${name}\``);
    const statement = plainJson(json) as SourceStatement;
    if (digest === statementDigest(statement)) return statement;
    throw this.fail(json, `Repositories and pins are not those of the section: \`${name}\``);
  }

  #sourcePackage(json: LocatedJson): LockedSource {
    const fields = this.object(json, [...sourceKeys, "files"]);
    const match = (name: (typeof sourceKeys)[number], pattern: RegExp) =>
      this.matching(fields.get(name) ?? this.missing(json, name), pattern, name);
    return {
      name: match("name", namePattern),
      version: match("version", versionPattern),
      archive: match("archive", archivePattern),
      format: match("format", /^[0-9a-z.() ]{1,40}$/),
      date: match("date", datePattern),
      files: this.array(fields.get("files"), json, "files").map((one) => {
        const entries = this.object(one, fileKeys);
        return {
          file: this.#file(entries.get("file"), one),
          size: this.size(entries.get("size"), one),
          sha256: this.sha256(entries.get("sha256"), one),
        };
      }),
    };
  }

  #release(json: LocatedJson): LockedRelease {
    const fields = this.object(json, releaseKeys);
    const text = (name: (typeof releaseKeys)[number]) => this.string(fields.get(name), json, name);
    const date = this.matching(fields.get("date") ?? this.missing(json, "date"), datePattern, "date");
    const indexes = this.array(fields.get("indexes"), json, "indexes").map((one) =>
      this.matching(one, sha256Pattern, "SHA-256"),
    );
    const alias = fields.get("alias");
    const priority = fields.get("priority");
    const trusted = fields.get("trusted");
    if (trusted && !(trusted.kind === "boolean" && trusted.value))
      throw this.fail(trusted, "`trusted` is true where it is there");
    return {
      ...{ archive: text("archive"), suite: text("suite"), origin: text("origin"), label: text("label") },
      ...{ codename: text("codename"), version: text("version"), date, indexes },
      ...(alias && { alias: this.string(alias, json, "alias") }),
      ...(priority && { priority: this.number(priority, json, "priority") }),
      ...(trusted && { trusted: true as const }),
    };
  }

  #package(json: LocatedJson): LockedPackage {
    const fields = this.object(json, [...packageKeys, "python"]);
    const match = (name: (typeof packageKeys)[number], pattern: RegExp) =>
      this.matching(fields.get(name) ?? this.missing(json, name), pattern, name);
    const file = this.#file(fields.get("file"), json);
    const size = this.size(fields.get("size"), json);
    const python = fields.get("python");
    if (python && python.kind !== "boolean") throw this.fail(python, "`python` is true or false");
    return {
      name: match("name", namePattern),
      version: match("version", versionPattern),
      architecture: match("architecture", /^[a-z0-9-]{1,30}$/),
      archive: match("archive", archivePattern),
      ...{
        file,
        size,
        sha256: match("sha256", sha256Pattern),
        python: python?.kind === "boolean" && python.value,
      },
    };
  }

  #file(json: LocatedJson | undefined, parent: LocatedJson): string {
    const file = this.matching(json ?? this.missing(parent, "file"), /^.{1,1000}$/, "file");
    try {
      checkArchivePath(file);
    } catch (error) {
      throw this.fail(json ?? parent, (error as Error).message);
    }
    return file;
  }

  #request(json: LocatedJson, packages: ReadonlyMap<string, LockedPackage>): LockedRequest {
    const fields = this.object(json, ["names", "answer"]);
    const names = this.array(fields.get("names"), json, "names").map((one) =>
      this.string(one, json, "names"),
    );
    const answer = this.array(fields.get("answer"), json, "answer").map((one) => {
      const reference = this.string(one, json, "answer");
      const found = packages.get(reference);
      if (!found)
        throw this.fail(
          one,
          `Answer names a package that the lock does not have: \`${reference.slice(0, 200)}\``,
        );
      return found;
    });
    return { names, answer };
  }
}

const namePattern = /^[a-z0-9][a-z0-9+.-]{0,200}$/i;
const versionPattern = /^[0-9A-Za-z.+~:-]{1,200}$/;
const archivePattern = /^[a-z0-9][a-z0-9.+-]{0,100}$/;
const datePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
