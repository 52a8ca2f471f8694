/**
 * Where settings come from, the later ones winning:
 *
 *     $NIX_CONF_DIR/nix.conf (default: /etc/nix)
 *     $NIX_USER_CONF_FILES, else nix/nix.conf in $XDG_CONFIG_DIRS and $XDG_CONFIG_HOME; of several the first wins
 *     $NIX_CONFIG, text of the same form
 *     $NIX_PATH, for nix-path alone
 *     the command line
 *
 * A name that nobody knows is a warning, not an error: nix.conf is shared with other versions of Nix.
 */
import { readFileSync } from "node:fs";
import { CopseError } from "#base";
import { missingFeature } from "./features.ts";
import { appendSetting, type Kind, type Kinds, parseSetting } from "./kinds.ts";
import { type Assignment, parseNixConf } from "./nix-conf.ts";
import { splitSearchPath } from "./search-path.ts";
import { SETTINGS, type SettingName, type Settings, settingNamed } from "./table.ts";

type Env = Readonly<Record<string, string | undefined>>;

export interface SettingSources {
  readonly env: Env;
  /** From the command line, in order. */
  readonly overrides: readonly Assignment[];
  readonly warn: (text: string) => void;
}

/** @throws CopseError `setting-value`, `nix-conf-syntax`, `nix-conf-include`, `nix-conf-unreadable`. */
export function readSettings(sources: SettingSources): Settings {
  const { env } = sources;
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(SETTINGS) as SettingName[]) values[name] = SETTINGS[name].initial;
  const assigned = new Set<SettingName>();
  const assign = (assignment: Assignment): void => {
    const name = assignTo(values, assignment, sources.warn);
    if (name !== undefined) assigned.add(name);
  };
  for (const file of [systemConfFile(env), ...userConfFiles(env).toReversed()]) {
    const text = readIfThere(file);
    if (text !== undefined) parseNixConf(text, { name: file, readFile: readIfThere }).forEach(assign);
  }
  const inline = env["NIX_CONFIG"];
  if (inline) parseNixConf(inline, { name: "NIX_CONFIG", readFile: readIfThere }).forEach(assign);
  if (env["NIX_PATH"] !== undefined) values["nix-path"] = splitSearchPath(env["NIX_PATH"]);
  sources.overrides.forEach(assign);
  dropUnavailable(values, assigned, sources.warn);
  return values as unknown as Settings;
}

/** `flakes` is of no use without fetchTree, so that comes with it. */
const IMPLIED_FEATURES: Readonly<Record<string, readonly string[]>> = { flakes: ["fetch-tree"] };

function assignTo(
  values: Record<string, unknown>,
  { name, value }: Assignment,
  warn: (text: string) => void,
): SettingName | undefined {
  const isAppended = settingNamed(name) === undefined && name.startsWith("extra-");
  const known = settingNamed(isAppended ? name.slice("extra-".length) : name);
  if (known === undefined) {
    warn(`unknown setting '${name}'`);
    return undefined;
  }
  const kind: Kind = SETTINGS[known].kind;
  const parsed = parseSetting(kind, known, value);
  const appended = isAppended ? appendSetting(kind, values[known] as Kinds[Kind], parsed) : parsed;
  if (appended === undefined) {
    throw new CopseError("setting-value", `setting '${known}' is not a list, nothing can be appended to it`);
  }
  values[known] = known === "experimental-features" ? withImplied(appended as readonly string[]) : appended;
  if (known === "experimental-features") warnOfStabilized(appended as readonly string[], warn);
  if (known === "warn-short-path-literals") {
    const level = appended === true ? "warn" : "ignore";
    values["lint-short-path-literals"] = level;
    warn(`'${known}' is deprecated, use 'lint-short-path-literals = ${level}' instead`);
  }
  return known;
}

/** Known only when all is read: a later line can turn the feature on. */
function dropUnavailable(
  values: Record<string, unknown>,
  assigned: ReadonlySet<SettingName>,
  warn: (text: string) => void,
): void {
  const features = values["experimental-features"] as readonly string[];
  for (const name of assigned) {
    const feature = missingFeature(name, features);
    if (feature === undefined) continue;
    warn(`Ignoring setting '${name}' because experimental feature '${feature}' is not enabled`);
    values[name] = SETTINGS[name].initial;
  }
}

/** What was an experimental feature and is a setting now. */
const STABILIZED: Readonly<Record<string, string>> = { "no-url-literals": "lint-url-literals = fatal" };

function warnOfStabilized(features: readonly string[], warn: (text: string) => void): void {
  for (const feature of features) {
    const setting = STABILIZED[feature];
    if (setting === undefined) continue;
    warn(
      `experimental feature '${feature}' has been stabilized and renamed; use '${setting}' setting instead`,
    );
  }
}

function withImplied(features: readonly string[]): readonly string[] {
  return [...new Set(features.flatMap((name) => [name, ...(IMPLIED_FEATURES[name] ?? [])]))].sort();
}

export function systemConfFile(env: Env): string {
  return `${env["NIX_CONF_DIR"] || "/etc/nix"}/nix.conf`;
}

/** The first of them wins. */
export function userConfFiles(env: Env): string[] {
  const named = env["NIX_USER_CONF_FILES"];
  if (named !== undefined) return named.split(":").filter((file) => file !== "");
  const home = env["XDG_CONFIG_HOME"] || `${env["HOME"] ?? ""}/.config`;
  const further = (env["XDG_CONFIG_DIRS"] || "/etc/xdg").split(":");
  return [home, ...further].filter((folder) => folder !== "").map((folder) => `${folder}/nix/nix.conf`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new CopseError("nix-conf-unreadable", `Configuration file cannot be read: \`${path}\``, {
      cause: error,
    });
  }
}
