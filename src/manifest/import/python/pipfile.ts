/** Pipfile: packages and groups of pipenv, its indexes, the Python that it wants, and its scripts. */
import { isName, MARKER_VARIABLES, normaliseName } from "#format/python";
import { type Draft, type DraftPackage, MAIN_GROUP } from "../draft.ts";
import type { Place } from "../findings.ts";
import type { ProjectFile, ProjectFolder } from "../project-folder.ts";
import { parseTomlTree } from "../tree/parse-tree.ts";
import type { Tree } from "../tree/tree.ts";
import { exactVersion, noteLooseness } from "./looseness.ts";
import { addIndex } from "./pip-options.ts";
import { wantPython } from "./python-version.ts";
import { bothMarkers, sourceParts } from "./uv-settings.ts";

export interface PipfileImport {
  readonly draft: Draft;
  readonly folder: ProjectFolder;
}

const TABLES_OF_ITS_OWN = new Set(["source", "requires", "scripts", "pipenv"]);

export function importPipfile(file: ProjectFile, { draft, folder }: PipfileImport): void {
  draft.files.push(file.shown);
  draft.usesPython = true;
  const tree = parseTomlTree(file);
  const at = (one: Tree): Place => ({ file: file.shown, line: one.line });
  for (const source of tree.items("source")) {
    const url = source.text("url");
    if (url !== undefined) addIndex(draft, url, at(source), source.text("name"));
    if (source.flag("verify_ssl") === false)
      draft.findings.lose(
        at(source),
        "`verify_ssl = false`: say it in pip's own configuration, which copse reads",
      );
  }
  const python = tree.at("requires", "python_full_version") ?? tree.at("requires", "python_version");
  if (python) wantPython(draft, { text: python.text() ?? "", isExact: true, place: at(python) });
  if (tree.flag("pipenv", "allow_prereleases")) draft.prereleases = "allow";
  for (const [name, script] of tree.entries("scripts")) {
    const command = script.text() ?? script.text("cmd");
    if (command !== undefined && /^[A-Za-z0-9][A-Za-z0-9._:-]*$/.test(name)) draft.tasks.set(name, command);
    else draft.findings.lose(at(script), `the script \`${name}\``);
  }
  for (const [category, table] of tree.entries()) {
    if (TABLES_OF_ITS_OWN.has(category) || !table.isTable) continue;
    const group = pipenvGroup(category);
    if (group === undefined) draft.findings.lose(at(table), `[${category}]`);
    else
      for (const [name, one] of table.entries()) {
        const found = pipenvPackage(name, one, { draft, folder, file });
        if (found) draft.add(found, group);
      }
  }
}

/** `packages`, `dev-packages`, and categories of the user's own. */
export function pipenvGroup(category: string): string | undefined {
  if (category === "packages" || category === "default") return MAIN_GROUP;
  if (category === "dev-packages" || category === "develop") return "dev";
  return isName(category) ? normaliseName(category) : undefined;
}

/** One entry, of a Pipfile or a Pipfile.lock. */
export function pipenvPackage(
  name: string,
  entry: Tree,
  { draft, folder, file }: PipfileImport & { readonly file: ProjectFile },
): DraftPackage | undefined {
  const place = { file: file.shown, line: entry.line };
  if (!isName(name)) {
    draft.findings.lose(place, `\`${name}\` is no name of a package`);
    return undefined;
  }
  const text = entry.text() ?? entry.text("version") ?? "*";
  const version = text === "*" ? "" : /^[0-9]/.test(text) ? `==${text}` : text;
  const parts = sourceParts(entry, { draft, folder, file, place });
  const isPlaced = parts !== undefined;
  const index = entry.text("index");
  const marker = pipenvMarker(entry);
  const found: DraftPackage = {
    name,
    extras: entry.texts("extras").filter(isName),
    version: isPlaced ? "" : version,
    ...(marker !== undefined && { marker }),
    ...parts,
    ...(index !== undefined && { index: draft.indexName(index) }),
    place,
  };
  if (!isPlaced && (entry.text("path") ?? entry.text("file")) !== undefined)
    draft.findings.lose(place, `\`${name}\`: what it is taken from is not in this project`);
  if (!isPlaced && exactVersion(found) === undefined) noteLooseness(draft, [{ name, place }]);
  return found;
}

/** `markers = "..."`, and `sys_platform = "== 'linux'"`. */
function pipenvMarker(entry: Tree): string | undefined {
  let marker = entry.text("markers");
  for (const variable of MARKER_VARIABLES) {
    const comparison = entry.text(variable);
    if (comparison !== undefined) marker = bothMarkers(marker, `${variable} ${comparison}`);
  }
  return marker;
}
