/**
 * CPython's sources in the lock: the section "cpython", a line for each version that was asked for.
 *
 *     "cpython": {
 *       "3.12 x86_64-linux": {"release":"3.12.8","file":"3.12.8/Python-3.12.8.tar.xz","size":20489808,"sha256":"…"} }
 */
import { CPYTHON_ARCHIVE, cpythonFile } from "#fetch";
import type { LocatedJson } from "../located-json.ts";
import { type LockFields, sha256Pattern } from "../lock-fields.ts";

export interface LockedCpython {
  readonly release: string;
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
}

export interface CpythonQuestion {
  /** `3.12`, or `3.12.4` */
  readonly version: string;
  /** In Nix's words. */
  readonly system: string;
}

export class CpythonAnswers {
  readonly #sections = new Map<string, LockedCpython>();
  readonly #asked = new Set<string>();

  get data(): ReadonlyMap<string, LockedCpython> {
    return this.#sections;
  }

  reset(sections: ReadonlyMap<string, LockedCpython>): void {
    this.#sections.clear();
    for (const [key, one] of sections) this.#sections.set(key, one);
  }

  answer(question: CpythonQuestion): LockedCpython | undefined {
    this.#asked.add(sectionKey(question));
    return this.#sections.get(sectionKey(question));
  }

  /** What another system has for this version: the sources are the same for all. */
  elsewhere({ version }: CpythonQuestion): LockedCpython | undefined {
    return [...this.#sections].find(([key]) => key.startsWith(`${version} `))?.[1];
  }

  record(question: CpythonQuestion, answer: LockedCpython): void {
    this.#sections.set(sectionKey(question), answer);
  }

  /** Drops what was not asked for since the lock was opened, of the sections that are meant. */
  prune(isMeant: (section: string) => boolean = () => true): void {
    for (const key of [...this.#sections.keys()])
      if (isMeant(key) && !this.#asked.has(key)) this.#sections.delete(key);
  }
}

function sectionKey({ version, system }: CpythonQuestion): string {
  return `${version} ${system}`;
}

export function formatCpythonSections(sections: ReadonlyMap<string, LockedCpython>): string {
  const lines = [...sections]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { release, file, size, sha256 }]) => {
      return `    ${JSON.stringify(key)}: ${JSON.stringify({ release, file, size, sha256 })}`;
    });
  return `{\n${lines.join(",\n")}\n  }`;
}

/** Throws `lock-invalid` with the place. */
export function readCpythonSections(json: LocatedJson, fields: LockFields): Map<string, LockedCpython> {
  return new Map(
    [...fields.object(json)].map(([key, one]) => {
      const [, version] = /^(3\.[0-9]{1,2}(?:\.[0-9]{1,2})?) [a-z0-9_]+-linux$/.exec(key) ?? [];
      if (version === undefined) throw fields.fail(one, `Section is of no version of Python: \`${key}\``);
      return [key, readOne(one, version, fields)];
    }),
  );
}

function readOne(json: LocatedJson, version: string, fields: LockFields): LockedCpython {
  const entries = fields.object(json, ["release", "file", "size", "sha256"]);
  const entry = (name: string) => entries.get(name) ?? fields.missing(json, name);
  const release = fields.matching(entry("release"), /^3\.[0-9]{1,2}\.[0-9]{1,2}$/, "release of Python");
  if (release !== version && !release.startsWith(`${version}.`))
    throw fields.fail(entry("release"), `Release is none of \`${version}\``);
  const file = fields.string(entries.get("file"), json, "file");
  if (file !== cpythonFile(release)) throw fields.fail(entry("file"), `File is not that of \`${release}\``);
  return {
    ...{ release, file, size: fields.size(entries.get("size"), json) },
    sha256: fields.matching(entry("sha256"), sha256Pattern, "sha256"),
  };
}

/** Where a locked file is asked for. */
export function cpythonUrl({ file }: Pick<LockedCpython, "file">): string {
  return `${CPYTHON_ARCHIVE}:${file}`;
}

/** For `copse fetch`. */
export function lockedCpythonFiles(sections: ReadonlyMap<string, LockedCpython>) {
  return [...sections.values()].map((one) => ({
    ...{ file: one.file, size: one.size, sha256: one.sha256, archive: CPYTHON_ARCHIVE },
    urls: [cpythonUrl(one)],
  }));
}
