/** Pipfile.lock: JSON, a table from names to versions and hashes for each category of the Pipfile. */
import { isName } from "#format/python";
import type { ProjectFile } from "../project-folder.ts";
import { parseJsonTree } from "../tree/parse-tree.ts";
import { keepVersion, type LockImport } from "./lock-file.ts";
import { addIndex } from "./pip-options.ts";
import { pipenvGroup, pipenvPackage } from "./pipfile.ts";
import { wantPython } from "./python-version.ts";

export function importPipfileLock(file: ProjectFile, wanted: LockImport): void {
  const { draft, hasWishes } = wanted;
  draft.files.push(file.shown);
  draft.usesPython = true;
  const tree = parseJsonTree(file);
  if (!hasWishes) {
    for (const source of tree.items("_meta", "sources")) {
      const url = source.text("url");
      if (url !== undefined)
        addIndex(draft, url, { file: file.shown, line: source.line }, source.text("name"));
    }
    const python =
      tree.at("_meta", "requires", "python_full_version") ?? tree.at("_meta", "requires", "python_version");
    const place = { file: file.shown, line: python?.line };
    if (python) wantPython(draft, { text: python.text() ?? "", isExact: true, place });
  }
  for (const [category, table] of tree.entries()) {
    if (category === "_meta") continue;
    const group = pipenvGroup(category);
    for (const [name, entry] of table.entries()) {
      const version = entry.text("version")?.replace(/^==/, "");
      if (!hasWishes && group !== undefined) {
        const found = pipenvPackage(name, entry, { ...wanted, file });
        if (found) draft.add(found, group);
      } else if (version !== undefined && isName(name))
        keepVersion(wanted, file, { name, version, marker: entry.text("markers"), line: entry.line });
    }
  }
}
