/**
 * pylock.toml (the packaging guide's "pylock.toml Specification", once PEP 751): packages with versions, markers and
 * files. It does not say which of them somebody has asked for.
 */
import { isName } from "#format/python";
import { MAIN_GROUP } from "../draft.ts";
import type { ProjectFile } from "../project-folder.ts";
import { parseTomlTree } from "../tree/parse-tree.ts";
import type { Tree } from "../tree/tree.ts";
import { keepVersion, type LockImport } from "./lock-file.ts";
import { wantPython } from "./python-version.ts";
import { sourceParts } from "./uv-settings.ts";

export function importPylock(file: ProjectFile, wanted: LockImport): void {
  const { draft, hasWishes } = wanted;
  draft.files.push(file.shown);
  draft.usesPython = true;
  const tree = parseTomlTree(file);
  const requires = tree.at("requires-python");
  const at = (one: Tree) => ({ file: file.shown, line: one.line });
  if (requires && !hasWishes)
    wantPython(draft, { text: requires.text() ?? "", isExact: false, place: at(requires) });
  for (const one of tree.items("packages")) {
    const [name, version, marker] = [one.text("name"), one.text("version"), one.text("marker")];
    if (name === undefined || !isName(name)) continue;
    const source = one.at("vcs") ?? one.at("archive") ?? one.at("directory");
    if (source) {
      if (!hasWishes) addPlaced(name, one, source, { file, wanted });
      else draft.findings.lose(at(one), `\`${name}\`, unless another file says where it comes from`);
    } else if (version === undefined) draft.findings.lose(at(one), `\`${name}\`: it has no version`);
    else if (hasWishes) keepVersion(wanted, file, { name, version, marker, line: one.line });
    else
      draft.add(
        { name, extras: [], version: `==${version}`, ...(marker && { marker }), place: at(one) },
        MAIN_GROUP,
      );
  }
}

function addPlaced(
  name: string,
  one: Tree,
  source: Tree,
  { file, wanted }: { readonly file: ProjectFile; readonly wanted: LockImport },
): void {
  const { draft } = wanted;
  const place = { file: file.shown, line: source.line };
  const marker = one.text("marker");
  const subdirectory = source.text("subdirectory");
  const commit = source.text("commit-id") ?? source.text("requested-revision");
  const isGit = source.text("type") === "git" && source.text("url") !== undefined;
  const parts = isGit
    ? { git: source.text("url"), ...(commit && { rev: commit }), ...(subdirectory && { subdirectory }) }
    : sourceParts(source, { ...wanted, file, place });
  if (parts) draft.add({ name, extras: [], version: "", ...(marker && { marker }), ...parts, place });
  else draft.findings.lose(place, `where \`${name}\` comes from`);
}
