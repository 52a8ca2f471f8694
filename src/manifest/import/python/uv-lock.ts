/**
 * uv.lock: `[[package]]` with name, version and a source, among them the project itself, which is the only one that says what
 * was wanted (`metadata.requires-dist`). A package may be there in several versions, each with the markers under which it counts.
 */
import { isName, normaliseName } from "#format/python";
import { type DraftPackage, MAIN_GROUP } from "../draft.ts";
import type { ProjectFile } from "../project-folder.ts";
import { parseTomlTree } from "../tree/parse-tree.ts";
import type { Tree } from "../tree/tree.ts";
import { keepVersion, type LockImport, noteUnknownLock } from "./lock-file.ts";
import { addIndex } from "./pip-options.ts";
import { groupName } from "./pyproject.ts";
import { wantPython } from "./python-version.ts";
import { gitParts } from "./requirement-entry.ts";
import { sourceParts } from "./uv-settings.ts";

export function importUvLock(file: ProjectFile, wanted: LockImport): void {
  const { draft, hasWishes } = wanted;
  draft.files.push(file.shown);
  const tree = parseTomlTree(file);
  const packages = tree.items("package");
  const itself = packages.filter((one) =>
    ["editable", "virtual"].some((kind) => one.text("source", kind) !== undefined),
  );
  const indexes = new OtherIndexes(packages);
  const requires = tree.at("requires-python");
  if (requires && !hasWishes)
    wantPython(draft, {
      text: requires.text() ?? "",
      isExact: false,
      place: { file: file.shown, line: requires.line },
    });
  for (const one of packages) {
    const [name, version] = [one.text("name"), one.text("version")];
    const registry = one.text("source", "registry");
    if (name === undefined || version === undefined || !isName(name) || registry === undefined) continue;
    const markers = one.texts("resolution-markers").map((text) => `(${text})`);
    keepVersion(wanted, file, { name, version, marker: markers.join(" or ") || undefined, line: one.line });
    if (!hasWishes && indexes.isOther(registry))
      addIndex(draft, registry, { file: file.shown, line: one.line });
  }
  if (!hasWishes) addWishes(itself, file, wanted);
}

/** Most packages come from the index that pip's configuration stands for here. */
class OtherIndexes {
  readonly #main: string | undefined;

  constructor(packages: readonly Tree[]) {
    const counts = new Map<string, number>();
    for (const one of packages) {
      const registry = one.text("source", "registry");
      if (registry !== undefined) counts.set(registry, (counts.get(registry) ?? 0) + 1);
    }
    this.#main = [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
  }

  isOther(registry: string): boolean {
    return registry !== this.#main;
  }
}

function addWishes(itself: readonly Tree[], file: ProjectFile, wanted: LockImport): void {
  const { draft } = wanted;
  if (itself.length === 0)
    noteUnknownLock(wanted, file, "which packages were wanted: the lock does not name its project");
  for (const project of itself) {
    draft.name ??= project.text("name");
    const items = project.items("metadata", "requires-dist");
    const own = nameOf(project);
    const add = (item: Tree, group: string, open: readonly string[] = []): void => {
      const found = wishOf(item, file, wanted);
      if (!found) return;
      if (normaliseName(found.name) !== own) draft.add(found, group);
      // `all = ["mine[gpu,docs]"]` stands for the extras that it names.
      else
        for (const one of items) {
          const extra = extraOf(one.text("marker"));
          if (extra !== undefined && found.extras.includes(extra) && !open.includes(extra))
            add(one, group, [...open, extra]);
        }
    };
    for (const item of items) {
      const extra = extraOf(item.text("marker"));
      add(item, extra === undefined ? MAIN_GROUP : groupName(extra));
    }
    for (const [group, items] of project.entries("metadata", "requires-dev"))
      if (isName(group)) for (const item of items.items()) add(item, normaliseName(group));
  }
}

function nameOf(project: Tree): string {
  const name = project.text("name") ?? "";
  return isName(name) ? normaliseName(name) : name;
}

/** Extras are in the markers: `extra == 'gpu'`. */
const EXTRA = /\bextra\s*==\s*(['"])([A-Za-z0-9._-]+)\1/;

function extraOf(marker: string | undefined): string | undefined {
  const name = EXTRA.exec(marker ?? "")?.[2];
  return name !== undefined && isName(name) ? normaliseName(name) : undefined;
}

function wishOf(item: Tree, file: ProjectFile, wanted: LockImport): DraftPackage | undefined {
  const name = item.text("name");
  if (name === undefined || !isName(name)) return undefined;
  const place = { file: file.shown, line: item.line };
  const git = item.text("git");
  const rest = item
    .text("marker")
    ?.replace(new RegExp(`\\s*(?:and\\s+)?${EXTRA.source}\\s*(?:and\\s+)?`), " ")
    .trim();
  const parts =
    git === undefined
      ? sourceParts(item, { ...wanted, file, place })
      : gitParts(ofUvGit(git), { draft: wanted.draft, place });
  return {
    name,
    extras: item.texts("extras").filter(isName),
    version: parts ? "" : (item.text("specifier") ?? ""),
    ...(rest && { marker: rest.replace(/^\((.*)\)$/s, "$1") }),
    ...parts,
    place,
  };
}

/** `https://host/lab?rev=v2&subdirectory=x` in pip's form. */
function ofUvGit(address: string): string {
  const url = URL.parse(address);
  if (!url) return address;
  const revision =
    url.searchParams.get("rev") ?? url.searchParams.get("tag") ?? url.searchParams.get("branch");
  const folder = url.searchParams.get("subdirectory");
  const plain = `${url.protocol}//${url.host}${url.pathname}`;
  return `${plain}${revision === null ? "" : `@${revision}`}${folder === null ? "" : `#subdirectory=${folder}`}`;
}
