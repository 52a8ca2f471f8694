/**
 * Which files pip reads, and what they and the environment say, as `pip config list` shows it.
 * https://pip.pypa.io/en/stable/topics/configuration/
 *
 * From the weakest to the strongest: the machine's files (`pip/pip.conf` below each of `$XDG_CONFIG_DIRS`,
 * `/etc/pip.conf`), the user's (`~/.pip/pip.conf`, `~/.config/pip/pip.conf`), the virtual environment's, the file that
 * `$PIP_CONFIG_FILE` names, and variables `PIP_…`. Surprising: `PIP_CONFIG_FILE=/dev/null` switches all files off, and
 * one that exists hides the user's files.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { CopseError } from "#base";
import { IniError, parseIni } from "./ini.ts";

export type PipEnvironment = Readonly<Record<string, string | undefined>>;

export interface PipFilesOptions {
  readonly env: PipEnvironment;
  /** Stands for `/` where files of the machine are read. */
  readonly root?: string | undefined;
}

export interface PipItem {
  readonly value: string;
  /** The file's path, or `$VARIABLE`. */
  readonly place: string;
}

/** `section.key` to what is said last; sections are `global`, commands' names and `:env:`. */
export type PipItems = ReadonlyMap<string, PipItem>;

const VARIANTS = ["global", "user", "site", "env"] as const;
type Variant = (typeof VARIANTS)[number];

export function pipConfigFiles({
  env,
  root = "/",
}: PipFilesOptions): ReadonlyMap<Variant, readonly string[]> {
  const home = env["HOME"] ?? homedir();
  const expand = (path: string) => (path === "~" || path.startsWith("~/") ? home + path.slice(1) : path);
  const below = (path: string) => (root === "/" ? path : join(root, path));
  const set = (name: string) => ((env[name] ?? "").trim() === "" ? undefined : env[name]);
  const machine = (set("XDG_CONFIG_DIRS") ?? "/etc/xdg")
    .split(delimiter)
    .map((path) => join(expand(path), "pip"));
  const user = join(set("XDG_CONFIG_HOME") ?? join(home, ".config"), "pip");
  const named = env["PIP_CONFIG_FILE"];
  const hidesUser = named !== undefined && named !== "" && existsSync(named);
  const prefix = env["VIRTUAL_ENV"] || below("/usr");
  return new Map<Variant, readonly string[]>([
    ["global", [...machine, "/etc"].map((path) => below(join(path, "pip.conf")))],
    ["user", hidesUser ? [] : [join(home, ".pip/pip.conf"), join(user, "pip.conf")]],
    ["site", [join(prefix, "pip.conf")]],
    ["env", named === undefined ? [] : [named]],
  ]);
}

/** Throws `pip-config-invalid` for a file that pip would not read either. */
export function readPipItems(options: PipFilesOptions): PipItems {
  const files = pipConfigFiles(options);
  const items = new Map<string, PipItem>();
  // A key keeps the place in which it was first seen, as in Python's dictionaries, and takes the later value.
  if (files.get("env")?.[0] !== "/dev/null")
    for (const variant of VARIANTS) {
      const own = new Map<string, PipItem>();
      for (const file of files.get(variant) ?? [])
        for (const [key, item] of readFileItems(file)) own.set(key, item);
      for (const [key, item] of own) items.set(key, item);
    }
  for (const [name, value] of Object.entries(options.env)) {
    if (!name.startsWith("PIP_") || value === undefined) continue;
    const key = name.slice(4).toLowerCase();
    if (key !== "version" && key !== "help")
      items.set(`:env:.${normaliseKey(key)}`, { value, place: `$${name}` });
  }
  return items;
}

function* readFileItems(file: string): Iterable<[string, PipItem]> {
  for (const [section, entries] of parseFile(file))
    for (const [key, value] of entries) yield [`${section}.${normaliseKey(key)}`, { value, place: file }];
}

function parseFile(file: string): ReturnType<typeof parseIni> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    // pip goes on without a file that is not there, is a folder, or may not be read.
    if (error instanceof Error && "code" in error) return new Map();
    throw error;
  }
  try {
    return parseIni(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof IniError ? error.message : "not UTF-8";
    throw new CopseError(
      "pip-config-invalid",
      `pip's configuration cannot be read (${reason}): \`${file}\``,
      {
        cause: error,
        hint: "pip refuses this file too; `pip config debug` lists the files that it reads",
      },
    );
  }
}

function normaliseKey(name: string): string {
  return name.toLowerCase().replaceAll("_", "-").replace(/^--/, "");
}
