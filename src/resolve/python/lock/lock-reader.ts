/** How the lock's section "python" is read; what is in it says lock-schema.ts. */
import { isName, type NormalizedName, normaliseName } from "#format/python";
import type { LocatedJson } from "../../located-json.ts";
import { plainJson } from "../../located-json.ts";
import type { LockFields } from "../../lock-fields.ts";
import type { Origin } from "../direct/origin.ts";
import {
  type BuildNeeds,
  type LockedPython,
  type LockedPythonPackage,
  type LockedPythonRequest,
  pythonReferences,
  type RequestSettings,
} from "./lock-schema.ts";

/** Throws `lock-invalid` with the place. */
export function readPythonSections(json: LocatedJson, fields: LockFields): ReadonlyMap<string, LockedPython> {
  const reader = new PythonReader(fields);
  return new Map(
    [...fields.object(json)].map(([key, section]) => {
      if (!/^[23]\.[0-9]{1,3} [a-z0-9_]+-[a-z]+$/.test(key))
        throw fields.fail(section, `Section is of no interpreter and system: \`${key.slice(0, 100)}\``);
      return [key, reader.section(section)];
    }),
  );
}

class PythonReader {
  readonly #fields: LockFields;

  constructor(fields: LockFields) {
    this.#fields = fields;
  }

  section(json: LocatedJson): LockedPython {
    const fields = this.#fields.object(json, ["packages", "requests", "libraries"]);
    const byReference = new Map<string, LockedPythonPackage>();
    const packages = this.#fields.array(fields.get("packages"), json, "packages").map((one) => {
      const found = this.#package(one);
      if (byReference.has(found.file)) throw this.#fields.fail(one, `File is there twice: \`${found.file}\``);
      byReference.set(found.file, found);
      return found;
    });
    const reference = pythonReferences(packages);
    for (const one of packages) byReference.set(reference(one), one);
    const requests = this.#fields
      .array(fields.get("requests"), json, "requests")
      .map((one) => this.#request(one, byReference));
    const libraries = fields.has("libraries") ? this.#libraries(fields.get("libraries") ?? json) : undefined;
    return { packages, requests, ...(libraries && { libraries }) };
  }

  #libraries(json: LocatedJson): ReadonlyMap<string, string> {
    return new Map(
      [...this.#fields.object(json)].map(([library, name]) => {
        if (!libraryPattern.test(library))
          throw this.#fields.fail(name, `This is no library's name: \`${library.slice(0, 100)}\``);
        return [library, this.#fields.matching(name, debianPattern, "name")];
      }),
    );
  }

  #package(json: LocatedJson): LockedPythonPackage {
    const names = [
      "name",
      "version",
      "file",
      "size",
      "sha256",
      "index",
      "origin",
      "dependencies",
      "for",
      "system",
      "build",
    ];
    const fields = this.#fields.object(json, names);
    const match = (name: string, pattern: RegExp) =>
      this.#fields.matching(fields.get(name) ?? this.#fields.missing(json, name), pattern, name);
    const list = (name: string, pattern: RegExp) =>
      this.#fields
        .array(fields.get(name), json, name)
        .map((one) => this.#fields.matching(one, pattern, name));
    return {
      name: this.#name(fields.get("name") ?? this.#fields.missing(json, "name")),
      version: match("version", /^[0-9A-Za-z.!+_-]{1,200}$/),
      file: match("file", filePattern),
      ...(fields.has("size") && { size: this.#fields.size(fields.get("size"), json) }),
      sha256: this.#fields.sha256(fields.get("sha256"), json),
      ...(fields.has("index") && { index: match("index", /^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/) }),
      ...(fields.has("origin") && { origin: this.#origin(fields.get("origin") ?? json) }),
      dependencies: list("dependencies", dependencyPattern),
      ...(fields.has("system") && { system: list("system", debianPattern) }),
      ...(fields.has("build") && { build: this.#build(fields.get("build") ?? json) }),
    };
  }

  #origin(json: LocatedJson): Origin {
    const fields = this.#fields.object(json, ["url", "commit"]);
    const url = this.#fields.matching(
      fields.get("url") ?? this.#fields.missing(json, "url"),
      urlPattern,
      "url",
    );
    const commit = fields.get("commit");
    if (url.startsWith("git+") !== (commit !== undefined))
      throw this.#fields.fail(json, `A repository has a commit, and nothing else has: \`${url}\``);
    return { url, ...(commit && { commit: this.#fields.matching(commit, commitPattern, "commit") }) };
  }

  #build(json: LocatedJson): BuildNeeds {
    const fields = this.#fields.object(json, ["requires", "tools"]);
    return {
      requires: this.#fields.strings(fields.get("requires"), json, "requires"),
      tools: this.#fields
        .array(fields.get("tools"), json, "tools")
        .map((one) => this.#fields.matching(one, debianPattern, "name")),
    };
  }

  #name(json: LocatedJson): NormalizedName {
    const text = this.#fields.matching(json, /^.{1,200}$/, "name");
    if (!isName(text) || normaliseName(text) !== text)
      throw this.#fields.fail(json, `Name of a project is not normalised: \`${text}\``);
    return normaliseName(text);
  }

  #request(json: LocatedJson, packages: ReadonlyMap<string, LockedPythonPackage>): LockedPythonRequest {
    const fields = this.#fields.object(json, ["requirements", "python", "glibc", "settings", "answer"]);
    const version = (name: string) =>
      this.#fields.matching(
        fields.get(name) ?? this.#fields.missing(json, name),
        /^[0-9]+(?:\.[0-9]+)+[a-z0-9+]{0,20}$/,
        name,
      );
    const settings = fields.get("settings");
    if (settings) this.#fields.object(settings);
    return {
      requirements: this.#fields.strings(fields.get("requirements"), json, "requirements"),
      python: version("python"),
      glibc: version("glibc"),
      // Only ever compared with the settings of a question.
      settings: settings ? (plainJson(settings) as RequestSettings) : {},
      answer: this.#fields.array(fields.get("answer"), json, "answer").map((one) => {
        const reference = this.#fields.string(one, json, "answer");
        const found = packages.get(reference);
        if (found) return found;
        throw this.#fields.fail(
          one,
          `Answer names a package that the lock does not have: \`${reference.slice(0, 200)}\``,
        );
      }),
    };
  }
}

/** No path: a file's name alone. */
const filePattern = /^[A-Za-z0-9_][A-Za-z0-9._+!-]{0,250}\.(?:whl|tar\.gz|zip|tar\.bz2|tar\.xz|tgz|git)$/;
const urlPattern = /^[a-z][a-z0-9+.-]*:[\x21-\x7e\x80-\uffff]{1,4000}$/;
const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const libraryPattern = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,200}$/;
const debianPattern = /^[a-z0-9][a-z0-9+.-]{0,100}$/;
const dependencyPattern = /^[a-z0-9][a-z0-9-]{0,200}(?:\[[a-z0-9,-]{1,500}\])?$/;
