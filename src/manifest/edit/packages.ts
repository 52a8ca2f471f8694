/** Adding and removing packages. Each kind stands in a list of its own: Debian's, Python's (or a group of it), R's. */
import { CopseError, nearestNames } from "#base";
import { normalisedName } from "../expression/package-entries.ts";
import type { Manifest } from "../manifest.ts";
import { editManifest, type TomlObject, type TomlValue, tableAt } from "./edit-manifest.ts";
import { layOutList } from "./list-layout.ts";

export interface PackageList {
  readonly kind: "python" | "system" | "r";
  /** Of `[python.groups]`. */
  readonly group?: string | undefined;
  /** Of `[env]`. */
  readonly environment?: string | undefined;
}

/** What is added: a requirement as it is typed, or a table that says more. */
export type AddedPackage = string | (TomlObject & { readonly name: string });

export interface PackageChange {
  readonly name: string;
  readonly change: "added" | "changed" | "removed" | "unchanged";
}

export interface PackageEdit {
  readonly manifest: Manifest;
  readonly changes: readonly PackageChange[];
}

/** Where the list stands: keys of tables, the last is the list's. */
export function listPath({ kind, group, environment }: PackageList): readonly string[] {
  if (group !== undefined) return ["python", "groups", group];
  const inside = [kind, "packages"];
  return environment === undefined ? inside : ["env", environment, ...inside];
}

/** A package that is there already gets what is said of it now. */
export function addPackages(
  manifest: Manifest,
  list: PackageList,
  packages: readonly AddedPackage[],
): PackageEdit {
  const changes: PackageChange[] = [];
  const table = listPath(list);
  const key = table.at(-1) as string;
  const parents = table.slice(0, -1);
  const edited = editManifest(
    manifest,
    (document) => {
      const parent = tableAt(document, parents);
      parent[key] ??= [];
      for (const added of packages) changes.push(addTo(parent[key] as TomlValue, list, added));
    },
    { table: parents },
  );
  return { manifest: layOutList(manifest, edited, table), changes };
}

function addTo(target: TomlValue, list: PackageList, added: AddedPackage): PackageChange {
  const name = nameOf(list, added);
  const value = typeof added === "string" ? added.trim() : added;
  if (Array.isArray(target)) {
    const at = target.findIndex((item) => nameOf(list, item) === name);
    if (at < 0) {
      target.push(value);
      return { name, change: "added" };
    }
    if (JSON.stringify(target[at]) === JSON.stringify(value)) return { name, change: "unchanged" };
    target[at] = value;
    return { name, change: "changed" };
  }
  return addToTable(target as TomlObject, name, value);
}

/** `[python.packages]` from names to versions. */
function addToTable(table: TomlObject, name: string, value: TomlValue): PackageChange {
  const key = Object.keys(table).find((each) => normalisedName(each) === name) ?? name;
  const change = Object.hasOwn(table, key) ? "changed" : "added";
  if (typeof value === "string") {
    const [, extras, version = ""] = /^[A-Za-z0-9._-]+\s*(?:\[([^\]]*)\])?\s*([^;@]*)$/.exec(value) ?? [];
    if (version === "" && !/^[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?$/.test(value))
      throw new CopseError("manifest-package", `Name it by hand in [python.packages]: \`${value}\``);
    const wanted = version.trim() === "" ? "*" : version.trim();
    table[key] =
      extras === undefined
        ? wanted
        : { version: wanted, extras: extras.split(",").map((extra) => extra.trim()) };
  } else {
    const { name: _, ...rest } = value as TomlObject;
    table[key] = rest;
  }
  return { name: key, change };
}

/** From every list where it stands, or from the one that is meant. @throws CopseError `package-absent`. */
export function removePackages(
  manifest: Manifest,
  lists: readonly PackageList[],
  names: readonly string[],
): PackageEdit {
  const changes: PackageChange[] = [];
  const edited = editManifest(manifest, (document) => {
    for (const given of names) {
      const removed = lists.filter((list) => removeFrom(document, list, given));
      if (removed.length === 0) throw absent(document, lists, given);
      changes.push({ name: given, change: "removed" });
    }
  });
  const laidOut = lists.reduce((current, list) => layOutList(manifest, current, listPath(list)), edited);
  return { manifest: laidOut, changes };
}

function removeFrom(document: TomlObject, list: PackageList, given: string): boolean {
  const found = find(document, list);
  const name = nameOf(list, given);
  if (Array.isArray(found)) {
    const kept = found.filter((item) => nameOf(list, item) !== name);
    if (kept.length === found.length) return false;
    found.splice(0, found.length, ...kept);
    return true;
  }
  if (typeof found !== "object") return false;
  const key = Object.keys(found).find((each) => normalisedName(each) === name);
  if (key === undefined) return false;
  delete found[key];
  return true;
}

function find(document: TomlObject, list: PackageList): TomlValue | undefined {
  let value: TomlValue | undefined = document;
  for (const name of listPath(list)) {
    if (typeof value !== "object" || Array.isArray(value)) return undefined;
    value = value[name];
  }
  return value;
}

function absent(document: TomlObject, lists: readonly PackageList[], given: string): CopseError {
  const names = lists.flatMap((list) => {
    const found = find(document, list);
    if (Array.isArray(found)) return found.map((item) => nameOf(list, item));
    return typeof found === "object" ? Object.keys(found) : [];
  });
  const near = nearestNames(given, names);
  return new CopseError("package-absent", `copse.toml does not name this package: \`${given}\``, {
    hint:
      near.length > 0
        ? `did you mean ${near.join(", ")}?`
        : "what is there because something else needs it, `copse why NAME` explains",
  });
}

/** The name that a requirement, or a table, is for: as the list's kind compares names. */
function nameOf({ kind }: PackageList, item: TomlValue): string {
  if (typeof item === "object" && !Array.isArray(item)) return normalisedName(String(item["name"] ?? ""));
  const text = String(item).trim();
  const name = /^[A-Za-z0-9](?:[A-Za-z0-9._+-]*[A-Za-z0-9+])?/.exec(text)?.[0] ?? text;
  return kind === "python" ? normalisedName(name) : name;
}
