/** A finished draft as the text of a copse.toml, in the order in which people read one. */

import { inlineTable, keyText, listText, stringText, TomlText } from "../../toml-text.ts";
import type { DraftPackage } from "../draft.ts";
import { MAIN_GROUP } from "../draft.ts";
import { type FinishedDraft, statedDefaultGroups } from "../finish-draft.ts";

export function manifestText({ draft, python }: FinishedDraft): string {
  const text = new TomlText();
  text.comment(`Imported from ${[...new Set(draft.files)].map(stringText).join(", ")}.`);
  const name = projectName(draft.name);
  text.value("name", name && stringText(name));
  text.value("description", draft.description && stringText(draft.description));
  if (draft.suite || draft.system.size > 0) {
    text.table("system");
    text.value("suite", draft.suite && stringText(draft.suite.name));
    text.list("packages", [...draft.system].sort().map(stringText));
  }
  const pins = new Map(draft.pins.map((pin) => [pin.package, pin]));
  for (const pin of pins.values()) {
    text.table("system.pins", { isItem: true });
    text.value("package", stringText(pin.package));
    text.value("pin", stringText(`version ${pin.version}`));
    text.value("priority", "1001");
  }
  if (draft.usesPython) writePython(text, { draft, python });
  if (draft.usesR) {
    text.table("r");
    text.value("snapshot", draft.snapshot && stringText(draft.snapshot));
    text.list(
      "packages",
      [...draft.r].map(([one, condition]) => stringText(condition === "" ? one : `${one} (${condition})`)),
    );
  }
  writeMap(text, "variables", draft.variables, stringText);
  writeMap(text, "tasks", draft.tasks, (run) =>
    typeof run === "string" ? stringText(run) : inlineTable([["run", listText(run.map(stringText))]]),
  );
  return text.toString();
}

function writePython(text: TomlText, { draft, python }: FinishedDraft): void {
  const groups = [...draft.groups].filter(([name]) => name !== MAIN_GROUP);
  text.table("python");
  text.value("version", python && stringText(python));
  text.list("packages", (draft.groups.get(MAIN_GROUP) ?? []).map(packageText), { isStated: true });
  text.list("default-groups", statedDefaultGroups(draft).map(stringText));
  text.list("constraints", [...draft.constraints.keys()].map(stringText));
  text.list("overrides", [...draft.overrides.keys()].map(stringText));
  text.value("prereleases", draft.prereleases && stringText(draft.prereleases));
  text.value("resolution", draft.resolution && stringText(draft.resolution));
  text.value("exclude-newer", draft.excludeNewer && stringText(draft.excludeNewer));
  text.list("only-binary", [...draft.onlyBinary].map(stringText));
  text.list("no-binary", [...draft.noBinary].map(stringText));
  writeMap(text, "python.indexes", draft.indexes, stringText);
  if (groups.length > 0) {
    text.table("python.groups");
    for (const [name, packages] of groups)
      text.list(keyText(name), packages.map(packageText), { isStated: true });
  }
  for (const [name, { requires, settings }] of draft.builds) {
    text.table(`python.build.${keyText(name)}`);
    text.list("requires", requires.map(stringText));
    const members = [...settings].map(([key, value]) => [keyText(key), stringText(value)] as const);
    text.value("settings", members.length > 0 ? inlineTable(members) : undefined);
  }
}

function writeMap<T>(
  text: TomlText,
  table: string,
  members: ReadonlyMap<string, T>,
  write: (value: T) => string,
): void {
  if (members.size === 0) return;
  text.table(table);
  for (const [name, value] of members) text.value(keyText(name), write(value));
}

/** A requirement as people write it, or a table where that does not say enough. */
export function packageText(wanted: DraftPackage): string {
  const { name, extras, version, marker, url, git, rev, subdirectory, path, editable, index } = wanted;
  const isPlain = (url ?? git ?? path ?? index) === undefined;
  if (isPlain) {
    const parts = [name, extras.length > 0 ? `[${extras.join(",")}]` : "", version];
    return stringText(`${parts.join("")}${marker === undefined ? "" : ` ; ${marker}`}`);
  }
  const members: [string, string | undefined][] = [
    ["name", stringText(name)],
    ["extras", extras.length > 0 ? listText(extras.map(stringText)) : undefined],
    ["version", version === "" ? undefined : stringText(version)],
    ["url", url && stringText(url)],
    ["git", git && stringText(git)],
    ["rev", rev && stringText(rev)],
    ["subdirectory", subdirectory && stringText(subdirectory)],
    ["path", path && stringText(path)],
    ["editable", editable ? "true" : undefined],
    ["index", index && stringText(index)],
    ["marker", marker && stringText(marker)],
  ];
  return inlineTable(members.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}

/** A project may be called what no environment can be. */
function projectName(name: string | undefined): string | undefined {
  const plain = name?.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return plain === "" ? undefined : plain;
}
