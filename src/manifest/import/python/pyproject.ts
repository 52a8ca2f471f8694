/**
 * pyproject.toml: what a project needs, by the standards (`[project]`, `[dependency-groups]`), and by the tools that add to them
 * ([tool.uv], [tool.poetry], ...).
 *
 * Extras and groups both become groups of copse.toml. A project that can be built itself is added as an editable
 * package of its own, as its tools would install it.
 */
import { dirname } from "node:path";
import { isName, normaliseName } from "#format/python";
import { type Draft, MAIN_GROUP } from "../draft.ts";
import type { Place } from "../findings.ts";
import type { ProjectFile, ProjectFolder } from "../project-folder.ts";
import { parseTomlTree } from "../tree/parse-tree.ts";
import type { Tree } from "../tree/tree.ts";
import { dependencyGroups } from "./dependency-groups.ts";
import { exactVersion, noteLooseness } from "./looseness.ts";
import { importPoetry } from "./poetry.ts";
import { wantPython } from "./python-version.ts";
import { entryOfRequirement } from "./requirement-entry.ts";
import { importRequirements } from "./requirements-file.ts";
import { importUvSettings, UvSources } from "./uv-settings.ts";

export interface PyprojectImport {
  readonly draft: Draft;
  readonly folder: ProjectFolder;
  readonly seen: Set<string>;
}

export function importPyproject(file: ProjectFile, wanted: PyprojectImport): void {
  const { draft } = wanted;
  draft.files.push(file.shown);
  const tree = parseTomlTree(file);
  new PyprojectReader(file, tree, wanted).read();
}

/** A group's name as copse.toml can have it. */
export function groupName(text: string): string {
  return normaliseName(text).replace(/[^a-z0-9-]/g, "-");
}

class PyprojectReader {
  readonly #file: ProjectFile;
  readonly #tree: Tree;
  readonly #wanted: PyprojectImport;
  readonly #sources: UvSources;
  readonly #name: string | undefined;

  constructor(file: ProjectFile, tree: Tree, wanted: PyprojectImport) {
    this.#file = file;
    this.#tree = tree;
    this.#wanted = wanted;
    this.#name = tree.text("project", "name") ?? tree.text("tool", "poetry", "name");
    importUvSettings(tree, { ...wanted, file });
    this.#sources = new UvSources(tree, { ...wanted, file });
  }

  read(): void {
    const { draft } = this.#wanted;
    const tree = this.#tree;
    draft.usesPython = true;
    draft.name ??= this.#name;
    draft.description ??= tree.text("project", "description") ?? tree.text("tool", "poetry", "description");
    const requires = tree.at("project", "requires-python");
    if (requires)
      wantPython(draft, { text: requires.text() ?? "", isExact: false, place: this.#at(requires) });
    this.#requirements(tree.items("project", "dependencies"), MAIN_GROUP);
    this.#extras();
    this.#groups();
    this.#dynamic();
    importPoetry(tree, { ...this.#wanted, file: this.#file });
    this.#toolsOfOthers();
    this.#itself();
  }

  #at(tree: Tree): Place {
    return { file: this.#file.shown, line: tree.line };
  }

  #requirements(items: readonly Tree[], group: string): void {
    for (const item of items) {
      const text = item.text();
      if (text !== undefined) this.#requirement(text, { group, place: this.#at(item) });
    }
  }

  #requirement(text: string, { group, place }: { readonly group: string; readonly place: Place }): void {
    const { draft, folder } = this.#wanted;
    const found = entryOfRequirement(text, { draft, folder, from: dirname(this.#file.path), place });
    if (!found) return;
    if (
      this.#name !== undefined &&
      isName(this.#name) &&
      normaliseName(found.name) === normaliseName(this.#name)
    ) {
      this.#own(found.extras, group);
      return;
    }
    for (const one of this.#sources.apply(found, group)) {
      draft.add(one, group);
      const isLoose = exactVersion(one) === undefined && (one.url ?? one.git ?? one.path) === undefined;
      if (isLoose) noteLooseness(draft, [{ name: one.name, place }]);
    }
  }

  readonly #open = new Set<string>();

  /** `all = ["mine[gpu,docs]"]` stands for the extras that it names. */
  #own(extras: readonly string[], group: string): void {
    for (const extra of extras) {
      if (this.#open.has(extra)) continue;
      this.#open.add(extra);
      const [, found] =
        this.#tree
          .entries("project", "optional-dependencies")
          .find(([name]) => isName(name) && normaliseName(name) === extra) ?? [];
      if (found) this.#requirements(found.items(), group);
      this.#open.delete(extra);
    }
  }

  #extras(): void {
    for (const [name, list] of this.#tree.entries("project", "optional-dependencies")) {
      if (!isName(name)) continue;
      this.#open.add(normaliseName(name));
      this.#requirements(list.items(), groupName(name));
      this.#open.delete(normaliseName(name));
    }
  }

  #groups(): void {
    const { draft } = this.#wanted;
    const groups = dependencyGroups(this.#tree.at("dependency-groups"), (place, text) =>
      draft.findings.lose({ file: this.#file.shown, line: place.line }, text),
    );
    for (const [name, requirements] of groups)
      for (const { text, line } of requirements)
        this.#requirement(text, { group: groupName(name), place: { file: this.#file.shown, line } });
    // uv's own, from before the standard; pdm's likewise.
    this.#requirements(this.#tree.items("tool", "uv", "dev-dependencies"), "dev");
    for (const [name, list] of this.#tree.entries("tool", "pdm", "dev-dependencies"))
      if (isName(name)) this.#requirements(list.items(), groupName(name));
  }

  /** setuptools reads lists from files. */
  #dynamic(): void {
    const { draft } = this.#wanted;
    const dynamic = this.#tree.at("project", "dynamic");
    for (const field of dynamic?.texts() ?? []) {
      if (field === "dependencies") {
        const files = this.#tree.texts("tool", "setuptools", "dynamic", "dependencies", "file");
        for (const path of files) this.#include(path, MAIN_GROUP, this.#at(dynamic as Tree));
        if (files.length === 0)
          draft.findings.lose(this.#at(dynamic as Tree), "dependencies that only the project's build knows");
      } else if (field === "optional-dependencies") {
        for (const [name, one] of this.#tree.entries(
          "tool",
          "setuptools",
          "dynamic",
          "optional-dependencies",
        ))
          for (const path of one.texts("file"))
            if (isName(name)) this.#include(path, groupName(name), this.#at(one));
      }
    }
  }

  #include(path: string, group: string, place: Place): void {
    const file = this.#wanted.folder.readIncluded(path, dirname(this.#file.path));
    if (file) importRequirements(file, { ...this.#wanted, group });
    else this.#wanted.draft.findings.lose(place, `\`${path}\`: there is no such file in this project`);
  }

  #toolsOfOthers(): void {
    for (const tool of ["pixi", "conda-lock", "hatch.envs"]) {
      const found = this.#tree.at("tool", ...tool.split("."));
      if (found) this.#wanted.draft.findings.lose(this.#at(found), `[tool.${tool}]`);
    }
    const scripts = this.#tree.at("tool", "pdm", "scripts") ?? this.#tree.at("tool", "poe", "tasks");
    if (scripts) this.#wanted.draft.findings.lose(this.#at(scripts), "tasks of another tool");
  }

  /** What has no build system is a list of packages rather than one itself. */
  #itself(): void {
    const { draft, folder } = this.#wanted;
    const build = this.#tree.at("build-system");
    const isPackage =
      (this.#tree.flag("tool", "uv", "package") ?? build !== undefined) &&
      this.#tree.flag("tool", "poetry", "package-mode") !== false;
    if (!isPackage || this.#name === undefined || !isName(this.#name)) return;
    const path = folder.relative(".", dirname(this.#file.path));
    const place = this.#at(build ?? this.#tree);
    draft.add({ name: this.#name, extras: [], version: "", path, editable: true, place });
  }
}
