/**
 * Kinds of settings: how each is written in nix.conf, what it is in the program, and how `nix config show` prints it.
 *
 * Surprising in them: sizes take a unit (`min-free = 2G`, powers of 1024); lists are split at white space and nothing can
 * be quoted; sets such as `experimental-features` are printed sorted.
 */
import { CopseError } from "#base";

export interface Kinds {
  flag: boolean;
  /** A whole number, perhaps with a unit K, M, G or T. */
  size: number;
  text: string;
  /** Text or nothing at all. */
  optional: string | null;
  words: readonly string[];
  /** Words whose order means nothing. */
  set: readonly string[];
  sandbox: "true" | "false" | "relaxed";
  /** How many builds at a time; `auto` is as many as there are processors. */
  jobs: number | "auto";
}

export type Kind = keyof Kinds;

interface KindRules<T> {
  /** Undefined where the text is not of this kind. */
  parse(text: string): T | undefined;
  format(value: T): string;
  /** What `extra-NAME` and `NAME = …` of a later file make of two values. */
  append?(before: T, more: T): T;
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

const text: KindRules<string> = { parse: (value) => value, format: (value) => value };

const words: KindRules<readonly string[]> = {
  parse: splitWords,
  format: (value) => value.join(" "),
  append: (before, more) => [...before, ...more],
};

const RULES: { readonly [K in Kind]: KindRules<Kinds[K]> } = {
  flag: { parse: parseFlag, format: String },
  size: { parse: parseSize, format: String },
  text,
  optional: { parse: (value) => (value === "" ? null : value), format: (value) => value ?? "" },
  words,
  set: {
    parse: (value) => sortedSet(splitWords(value)),
    format: (value) => value.join(" "),
    append: (before, more) => sortedSet([...before, ...more]),
  },
  sandbox: {
    parse: (value) => (value === "relaxed" ? value : flagWord(parseFlag(value))),
    format: (value) => value,
  },
  jobs: { parse: (value) => (value === "auto" ? value : parseSize(value)), format: String },
};

/** @throws CopseError `setting-value`. */
export function parseSetting<K extends Kind>(kind: K, name: string, written: string): Kinds[K] {
  const value = RULES[kind].parse(written.trim());
  if (value !== undefined) return value;
  const what = kind === "flag" ? "Boolean setting" : "setting";
  throw new CopseError("setting-value", `${what} '${name}' has invalid value '${written}'`, {
    hint: EXPECTED[kind],
  });
}

const EXPECTED: Readonly<Record<Kind, string>> = {
  flag: "write true or false",
  size: "write a whole number; K, M, G and T after it multiply by powers of 1024",
  text: "",
  optional: "",
  words: "",
  set: "",
  sandbox: "write true, false or relaxed",
  jobs: "write a whole number, or auto for as many as there are processors",
};

export function formatSetting<K extends Kind>(kind: K, value: Kinds[K]): string {
  return RULES[kind].format(value);
}

/** Undefined for kinds that hold a single value. */
export function appendSetting<K extends Kind>(
  kind: K,
  before: Kinds[K],
  more: Kinds[K],
): Kinds[K] | undefined {
  return RULES[kind].append?.(before, more);
}

export function isList(kind: Kind): boolean {
  return RULES[kind].append !== undefined;
}

function parseFlag(value: string): boolean | undefined {
  if (["true", "yes", "1"].includes(value)) return true;
  return ["false", "no", "0"].includes(value) ? false : undefined;
}

function flagWord(value: boolean | undefined): "true" | "false" | undefined {
  return value === undefined ? undefined : value ? "true" : "false";
}

function parseSize(value: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,19})([KMGT]?)$/i.exec(value) ?? [];
  return digits === undefined ? undefined : Number(digits) * UNITS[unit.toUpperCase()]!;
}

function splitWords(value: string): string[] {
  return value.split(/\s+/).filter((word) => word !== "");
}

function sortedSet(value: readonly string[]): string[] {
  return [...new Set(value)].sort();
}
