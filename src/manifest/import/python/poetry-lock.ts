/** poetry.lock: `[[package]]` with name and version; what was wanted stands in pyproject.toml. */
import { isName } from "#format/python";
import { MAIN_GROUP } from "../draft.ts";
import type { ProjectFile } from "../project-folder.ts";
import { parseTomlTree } from "../tree/parse-tree.ts";
import { keepVersion, type LockImport } from "./lock-file.ts";

export function importPoetryLock(file: ProjectFile, wanted: LockImport): void {
  const { draft, hasWishes } = wanted;
  draft.files.push(file.shown);
  draft.usesPython = true;
  for (const one of parseTomlTree(file).items("package")) {
    const [name, version] = [one.text("name"), one.text("version")];
    if (name === undefined || version === undefined || !isName(name)) continue;
    const kind = one.text("source", "type");
    const place = { file: file.shown, line: one.line };
    if (kind !== undefined && kind !== "legacy") {
      if (!hasWishes) draft.findings.lose(place, `\`${name}\`, as pyproject.toml says where it comes from`);
      continue;
    }
    const marker = one.text("markers");
    if (hasWishes) keepVersion(wanted, file, { name, version, marker, line: one.line });
    else
      draft.add({ name, extras: [], version: `==${version}`, ...(marker && { marker }), place }, MAIN_GROUP);
  }
}
