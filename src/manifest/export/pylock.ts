/**
 * pylock.toml, the lock file that installers share (the packaging guide's "pylock.toml Specification", once PEP 751).
 *
 * copse.lock names no host, and a pylock must say where each file is: as a URL, which the configured index is asked for, or as a path into a folder
 * of files. One is for one Python and one system, as each of copse's answers; `environments` says which.
 */
import { parseRequirement } from "#format/python";
import { inlineTable, listText, stringText, TomlText } from "../toml-text.ts";
import { type ExportedPackage, isWheel } from "./locked-file.ts";

export interface PylockPlatform {
  /** `3.11` */
  readonly python: string;
  /** In Nix's words. */
  readonly system: string;
}

/** A folder of the user's own. */
export interface OwnDirectory {
  readonly name: string;
  /** Relative to the exported file. */
  readonly path: string;
  readonly isEditable: boolean;
}

export interface PylockOptions extends PylockPlatform {
  readonly directories?: readonly OwnDirectory[] | undefined;
}

export function formatPylock(packages: readonly ExportedPackage[], options: PylockOptions): string {
  const text = new TomlText();
  text.value("lock-version", stringText("1.0"));
  text.value("environments", listText([stringText(environmentOf(options))]));
  text.value("requires-python", stringText(`==${options.python}.*`));
  text.value("created-by", stringText("copse"));
  const entries = [
    ...packages.map((one) => [one.locked.name as string, () => writePackage(text, one)] as const),
    ...(options.directories ?? []).map((one) => [one.name, () => writeDirectory(text, one)] as const),
  ];
  for (const [, write] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) write();
  return text.toString();
}

function writePackage(text: TomlText, { locked, place, isDirect }: ExportedPackage): void {
  const { name, version, file, size, sha256, dependencies } = locked;
  text.table("packages", { isItem: true });
  text.value("name", stringText(name));
  text.value("version", stringText(version));
  text.value("requires-python", place.requiresPython && stringText(place.requiresPython));
  text.list(
    "dependencies",
    namesOf(dependencies).map((one) => inlineTable([["name", stringText(one)]])),
  );
  const members: [string, string | undefined][] = [
    ["name", isDirect ? undefined : stringText(file)],
    ["upload-time", isDirect ? undefined : timeText(place.uploadTime)],
    ["url", place.url && stringText(place.url)],
    ["path", place.path && stringText(place.path)],
    ["size", size === undefined ? undefined : String(size)],
    ["hashes", inlineTable([["sha256", stringText(sha256)]])],
  ];
  const record = inlineTable(members.flatMap(([key, value]) => (value ? [[key, value] as const] : [])));
  if (isDirect) text.value("archive", record);
  else if (isWheel(file)) text.list("wheels", [record]);
  else text.value("sdist", record);
}

function writeDirectory(text: TomlText, { name, path, isEditable }: OwnDirectory): void {
  text.table("packages", { isItem: true });
  text.value("name", stringText(name));
  text.value(
    "directory",
    inlineTable([
      ["path", stringText(path)],
      ["editable", String(isEditable)],
    ]),
  );
}

/** TOML's own dates have no quotes. What is none is left out: it is for people. */
function timeText(time: string | undefined): string | undefined {
  return time !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/.test(time)
    ? time
    : undefined;
}

function namesOf(dependencies: readonly string[]): string[] {
  return [...new Set(dependencies.map((text) => parseRequirement(text).name as string))].sort();
}

/** The machines that an answer is for, as a marker. */
export function environmentOf({ python, system }: PylockPlatform): string {
  const machine = system.split("-")[0] ?? system;
  return [
    "implementation_name == 'cpython'",
    `python_version == '${python}'`,
    "sys_platform == 'linux'",
    `platform_machine == '${machine}'`,
  ].join(" and ");
}
