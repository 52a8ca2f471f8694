/** `[tool.poetry]` of pyproject.toml: dependencies with poetry's operators, its groups, extras and sources. */
import { isName, normaliseName } from "#format/python";
import { type Draft, type DraftPackage, MAIN_GROUP } from "../draft.ts";
import type { Place } from "../findings.ts";
import type { ProjectFile, ProjectFolder } from "../project-folder.ts";
import type { Tree } from "../tree/tree.ts";
import { exactVersion, noteLooseness } from "./looseness.ts";
import { addIndex } from "./pip-options.ts";
import { poetryVersion } from "./poetry-versions.ts";
import { wantPython } from "./python-version.ts";
import { bothMarkers, sourceParts } from "./uv-settings.ts";

export interface PoetryImport {
  readonly draft: Draft;
  readonly folder: ProjectFolder;
  readonly file: ProjectFile;
}

export function importPoetry(tree: Tree, wanted: PoetryImport): void {
  const poetry = tree.at("tool", "poetry");
  if (poetry) new PoetryReader(poetry, wanted).read();
}

class PoetryReader {
  readonly #poetry: Tree;
  readonly #wanted: PoetryImport;

  constructor(poetry: Tree, wanted: PoetryImport) {
    this.#poetry = poetry;
    this.#wanted = wanted;
  }

  read(): void {
    const { draft } = this.#wanted;
    for (const source of this.#poetry.items("source")) {
      const url = source.text("url");
      // Poetry's own name for the public index stands without an address.
      if (url !== undefined) addIndex(draft, url, this.#at(source), source.text("name"));
    }
    const extras = this.#extras();
    this.#table(this.#poetry.entries("dependencies"), (name, one) =>
      one.flag("optional") ? (extras.get(normaliseName(name)) ?? []) : [MAIN_GROUP],
    );
    this.#table(this.#poetry.entries("dev-dependencies"), () => ["dev"]);
    for (const [group, body] of this.#poetry.entries("group")) {
      if (!isName(group)) continue;
      const name = normaliseName(group);
      if (body.flag("optional") !== true) draft.defaultGroups.add(name);
      this.#table(body.entries("dependencies"), () => [name]);
    }
    const scripts = this.#poetry.at("scripts");
    if (scripts && this.#poetry.flag("package-mode") === false)
      draft.findings.lose(this.#at(scripts), "[tool.poetry.scripts]");
  }

  #at(tree: Tree): Place {
    return { file: this.#wanted.file.shown, line: tree.line };
  }

  /** Which extras name a package. */
  #extras(): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>();
    for (const [extra, names] of this.#poetry.entries("extras")) {
      if (!isName(extra)) continue;
      for (const name of names.texts()) {
        if (!isName(name)) continue;
        const key = normaliseName(name);
        found.set(key, [...(found.get(key) ?? []), normaliseName(extra)]);
      }
    }
    return found;
  }

  #table(
    entries: readonly (readonly [string, Tree])[],
    groupsOf: (name: string, one: Tree) => readonly string[],
  ): void {
    const { draft } = this.#wanted;
    for (const [name, value] of entries) {
      if (name.toLowerCase() === "python") this.#python(value);
      else if (!isName(name)) draft.findings.lose(this.#at(value), `\`${name}\` is no name of a package`);
      else
        for (const one of value.isList ? value.items() : [value]) {
          const groups = groupsOf(name, one);
          const found = this.#package(name, one);
          if (found) for (const group of groups) draft.add(found, group);
          if (groups.length === 0) draft.findings.lose(this.#at(one), `\`${name}\`: no extra names it`);
        }
    }
  }

  #python(value: Tree): void {
    const text = value.text() ?? value.text("version") ?? "";
    const version = poetryVersion(text);
    if (version)
      wantPython(this.#wanted.draft, { text: version.specifiers, isExact: false, place: this.#at(value) });
    else this.#wanted.draft.findings.lose(this.#at(value), `the version of Python: \`${text}\``);
  }

  #package(name: string, value: Tree): DraftPackage | undefined {
    const { draft } = this.#wanted;
    const place = this.#at(value);
    const text = value.text() ?? value.text("version") ?? "";
    const version = poetryVersion(text);
    if (!version) {
      draft.findings.lose(place, `\`${name}\`: its version, \`${text}\``);
      return undefined;
    }
    if (version.isWider)
      draft.findings.lose(
        place,
        `\`${name}\`: alternatives are written as the range around them: \`${text}\``,
      );
    const marker = bothMarkers(value.text("markers"), pythonMarker(value.text("python")));
    const source = value.text("source");
    const parts = sourceParts(value, { ...this.#wanted, place }) ?? {};
    if (value.text("path") !== undefined && parts.path === undefined)
      draft.findings.lose(place, `\`${name}\`: \`${value.text("path")}\` is not in this project`);
    const isPlaced = (parts.git ?? parts.url ?? parts.path) !== undefined;
    const found: DraftPackage = {
      name,
      extras: value.texts("extras").filter(isName),
      version: isPlaced ? "" : version.specifiers,
      ...(marker !== undefined && { marker }),
      ...parts,
      ...(source !== undefined && { index: draft.indexName(source) }),
      place,
    };
    if (!isPlaced && exactVersion(found) === undefined) noteLooseness(draft, [{ name, place }]);
    return found;
  }
}

/** `^3.9` as a marker. */
export function pythonMarker(text: string | undefined): string | undefined {
  const version = text === undefined ? undefined : poetryVersion(text);
  if (!version || version.specifiers === "") return undefined;
  return version.specifiers
    .split(",")
    .map((clause) => {
      const [, operator = "", number = ""] = /^([<>=!~]+)(.*)$/.exec(clause) ?? [];
      const variable =
        number.replace(".*", "").split(".").length > 2 ? "python_full_version" : "python_version";
      // A marker compares `python_version` as a version, so that `== 3.9.*` is `== 3.9`.
      return `${variable} ${operator} "${variable === "python_version" ? number.replace(/\.\*$/, "") : number}"`;
    })
    .join(" and ");
}
