/**
 * The values of pip's options, as `pip install` and `pip download` would take them from the configuration.
 *
 * `[global]`, then the command's own section, then the environment: each replaces what came before it, lists included.
 * Lists are separated by white space, lines included. An empty value counts as none. Keys have aliases: an option's
 * every long name is a key (`timeout` and `default-timeout`, `index-url` and `pypi-url`).
 */
import { homedir } from "node:os";
import { CopseError } from "#base";
import type { PipEnvironment, PipItem, PipItems } from "./config-files.ts";
import { splitPython } from "./ini.ts";

export type PipCommand = "install" | "download";
export type KeyringProvider = "auto" | "disabled" | "import" | "subprocess";

/** Which projects are to be had as wheels or as sources alone; `:all:` stands for every one. */
export interface FormatControl {
  readonly noBinary: ReadonlySet<string>;
  readonly onlyBinary: ReadonlySet<string>;
}

export interface PipOptions {
  /** Undefined: pip's own default. */
  readonly indexUrl: string | undefined;
  readonly extraIndexUrls: readonly string[];
  readonly noIndex: boolean;
  readonly findLinks: readonly string[];
  readonly trustedHosts: readonly string[];
  readonly cert: string | undefined;
  readonly clientCert: string | undefined;
  readonly proxy: string | undefined;
  readonly timeoutSeconds: number;
  readonly retries: number;
  readonly pre: boolean;
  readonly preferBinary: boolean;
  readonly format: FormatControl;
  /** Paths or URLs of constraints files. */
  readonly constraints: readonly string[];
  readonly keyringProvider: KeyringProvider;
  /** As written: a time, or a span before now. */
  readonly uploadedPriorTo: PipItem | undefined;
  /** Settings that change what pip installs in a way that nothing here does. */
  readonly unsupported: readonly { readonly key: string; readonly place: string }[];
}

/** Of these, a value other than "no" makes pip leave out dependencies or install for another machine. */
const UNSUPPORTED_FLAGS = ["no-deps", "no-dependencies", "ignore-requires-python"] as const;
const UNSUPPORTED_VALUES = ["platform", "python-version", "implementation", "abi"] as const;

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["pypi-url", "index-url"],
  ["default-timeout", "timeout"],
]);

const KEYRING_PROVIDERS = ["auto", "disabled", "import", "subprocess"] as const;

/** Throws `pip-config-value`. */
export function readPipOptions(items: PipItems, command: PipCommand, env: PipEnvironment): PipOptions {
  const values = new Map<string, PipItem>();
  const formats: { readonly key: "no-binary" | "only-binary"; readonly value: string }[] = [];
  for (const section of ["global", command, ":env:"])
    for (const [name, item] of items) {
      const dot = name.indexOf(".");
      if (name.slice(0, dot) !== section || item.value === "") continue;
      const key = ALIASES.get(name.slice(dot + 1)) ?? name.slice(dot + 1);
      values.set(key, item);
      // The two formats take from each other, in the order in which they are said.
      if (key === "no-binary" || key === "only-binary") formats.push({ key, value: checkFormat(item, key) });
    }
  const text = (key: string) => values.get(key)?.value;
  const list = (key: string) => splitPython(text(key) ?? "");
  const path = (key: string) => {
    const value = text(key);
    return value === undefined ? undefined : expandUser(value, env);
  };
  return {
    indexUrl: text("index-url"),
    extraIndexUrls: list("extra-index-url"),
    noIndex: flag(values, "no-index"),
    findLinks: list("find-links"),
    trustedHosts: list("trusted-host"),
    cert: path("cert"),
    clientCert: path("client-cert"),
    proxy: text("proxy"),
    timeoutSeconds: number(values, "timeout", { fallback: 15, isInteger: false }),
    retries: number(values, "retries", { fallback: 5, isInteger: true }),
    pre: flag(values, "pre"),
    preferBinary: flag(values, "prefer-binary"),
    format: formatControl(formats),
    constraints: list("constraint"),
    keyringProvider: keyringProvider(values),
    uploadedPriorTo: values.get("uploaded-prior-to"),
    unsupported: [
      ...UNSUPPORTED_FLAGS.filter((key) => flag(values, key)),
      ...UNSUPPORTED_VALUES.filter((key) => values.has(key)),
    ].map((key) => ({ key, place: (values.get(key) as PipItem).place })),
  };
}

export function expandUser(path: string, env: PipEnvironment): string {
  return path === "~" || path.startsWith("~/") ? (env["HOME"] ?? homedir()) + path.slice(1) : path;
}

function flag(values: ReadonlyMap<string, PipItem>, key: string): boolean {
  const item = values.get(key);
  if (item === undefined) return false;
  const word = item.value.toLowerCase();
  if (["y", "yes", "t", "true", "on", "1"].includes(word)) return true;
  if (["n", "no", "f", "false", "off", "0"].includes(word)) return false;
  throw invalid(item, key, "is neither yes nor no");
}

function number(
  values: ReadonlyMap<string, PipItem>,
  key: string,
  { fallback, isInteger }: { readonly fallback: number; readonly isInteger: boolean },
): number {
  const item = values.get(key);
  if (item === undefined) return fallback;
  const text = item.value.trim();
  const value = isInteger ? parseInteger(text) : FLOAT.test(text) ? Number(text) : undefined;
  if (value !== undefined) return value;
  throw invalid(item, key, "is no number");
}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;

/** As Python's optparse: `0x10` is 16, `0b10` is 2, `010` is 8. */
function parseInteger(text: string): number | undefined {
  const [, prefix = "", digits = ""] = /^(0x|0b|0(?=.)|)(.*)$/i.exec(text) ?? [];
  const radix = prefix === "" ? 10 : prefix === "0" ? 8 : prefix.toLowerCase() === "0x" ? 16 : 2;
  const allowed = { 2: /^[01]+$/, 8: /^[0-7]+$/, 10: /^[+-]?\d+$/, 16: /^[0-9a-f]+$/i }[radix] as RegExp;
  return digits.length < 10 && allowed.test(digits) ? Number.parseInt(digits, radix) : undefined;
}

function keyringProvider(values: ReadonlyMap<string, PipItem>): KeyringProvider {
  const item = values.get("keyring-provider");
  if (item === undefined) return "auto";
  const provider = KEYRING_PROVIDERS.find((one) => one === item.value);
  if (provider === undefined)
    throw invalid(item, "keyring-provider", `is none of ${KEYRING_PROVIDERS.join(", ")}`);
  return provider;
}

function checkFormat(item: PipItem, key: string): string {
  if (item.value.startsWith("-")) throw invalid(item, key, "begins with a dash");
  return item.value;
}

/** A later word takes a project from the other side; `:none:` empties its own side, `:all:` both. */
function formatControl(
  said: readonly { readonly key: "no-binary" | "only-binary"; readonly value: string }[],
): FormatControl {
  const noBinary = new Set<string>();
  const onlyBinary = new Set<string>();
  for (const { key, value } of said) {
    const [target, other] = key === "no-binary" ? [noBinary, onlyBinary] : [onlyBinary, noBinary];
    let names = value.split(",");
    let isAllOnly = false;
    while (names.includes(":all:")) {
      target.clear();
      other.clear();
      target.add(":all:");
      names = names.slice(names.indexOf(":all:") + 1);
      isAllOnly = !names.includes(":none:");
      if (isAllOnly) break;
    }
    if (isAllOnly) continue;
    for (const name of names) {
      if (name === ":none:") {
        target.clear();
        continue;
      }
      const normalised = name.replaceAll(/[-_.]+/g, "-").toLowerCase();
      other.delete(normalised);
      target.add(normalised);
    }
  }
  return { noBinary, onlyBinary };
}

/** Values may hold logins: the key and the place are named, never the value. */
function invalid(item: PipItem, key: string, what: string): CopseError {
  return new CopseError("pip-config-value", `pip's setting ${key} ${what}, in \`${item.place}\``, {
    hint: "pip refuses it too; `pip config list` shows what is set where",
  });
}
