/**
 * Pins: which version of a package is wanted where several are offered. apt_preferences(5).
 *
 * Every version has a priority, and the one with the highest is taken, among equals the newest. Without pins it is
 * 500, or what the repository says of itself: 100 for what is not automatic but upgrades by itself (backports), 1
 * for what is not automatic (experimental). Pins for everything (`Package: *`) change that of whole repositories;
 * pins for named packages come before them; of each kind, the first that fits counts. A priority below zero means
 * never. As nothing is installed before, what apt says of downgrades (1000 and more) makes no difference here.
 *
 * Surprising, and as in apt: a pin for everything cannot be by version; `release bookworm` without a letter means
 * archive or codename; in `v=`, a star at the end takes all that begins so.
 */
import { CopseError } from "#base";

/** A stanza of apt_preferences. */
export interface PinStatement {
  /** Names, globs, `/regular expressions/` and `src:name`, separated by blanks; `*` for everything. */
  readonly package: string;
  /** `release a=…,n=…,o=…,l=…,c=…,v=…`, `version 1.2*`, `origin "host"`. */
  readonly pin: string;
  readonly priority: number;
}

/** What an index says of itself, in the letters of a pin. */
export interface IndexFacts {
  /** `a=`: the Release's Suite. */
  readonly suite: string;
  /** `n=` */
  readonly codename: string;
  readonly origin: string;
  readonly label: string;
  readonly version: string;
  readonly component: string;
  readonly architecture: string;
  /** Where it came from; empty for a file of this machine. */
  readonly host: string;
  /** Without any pin. */
  readonly priority: number;
}

/** One version of a package, and the indexes that have it. */
export interface PinnedVersion {
  readonly name: string;
  readonly sourceName: string;
  readonly version: string;
  readonly indexes: readonly number[];
}

export const DEFAULT_PRIORITY = 500;

type Matcher =
  | { readonly kind: "version"; readonly pattern: string }
  | { readonly kind: "index"; readonly matches: (facts: IndexFacts) => boolean };

interface Pin {
  readonly names: readonly string[];
  readonly matcher: Matcher;
  readonly priority: number;
}

/** Throws `pin-invalid`. */
export function checkPin(pin: PinStatement): PinStatement {
  readPin(pin);
  return { package: pin.package, pin: pin.pin, priority: pin.priority };
}

/** Whether answers depend on where the machine's mirrors are. */
export function usesHosts(pins: readonly PinStatement[]): boolean {
  return pins.some(({ pin }) => /^\s*origin\b/.test(pin));
}

export class PinPolicy {
  readonly #specific: readonly Pin[];
  /** By index. */
  readonly #indexes: readonly { readonly facts: IndexFacts; readonly priority: number }[];

  constructor(pins: readonly PinStatement[], indexes: readonly IndexFacts[]) {
    const read = pins.map(readPin);
    this.#specific = read.filter(({ names }) => !isForAll(names));
    const general = read.filter(({ names }) => isForAll(names));
    this.#indexes = indexes.map((facts) => {
      const pin = general.find(({ matcher }) => matcher.kind === "index" && matcher.matches(facts));
      return { facts, priority: pin?.priority ?? facts.priority };
    });
  }

  priority(version: PinnedVersion): number {
    const found = this.#indexes.filter((_, at) => version.indexes.includes(at));
    const pin = this.#specific.find(
      ({ names, matcher }) =>
        names.some((name) => matchesName(name, version)) &&
        (matcher.kind === "version"
          ? matchesVersion(matcher.pattern, version.version)
          : found.some(({ facts }) => matcher.matches(facts))),
    );
    return pin?.priority ?? Math.max(...found.map(({ priority }) => priority));
  }
}

function isForAll(names: readonly string[]): boolean {
  return names.length === 1 && names[0] === "*";
}

function readPin({ package: names, pin, priority }: PinStatement): Pin {
  const fail = (message: string, value: string, hint?: string) =>
    new CopseError("pin-invalid", `${message}: \`${value.slice(0, 200)}\``, { hint });
  const list = names.split(/\s+/).filter((name) => name !== "");
  if (list.length === 0 || names.length > 2000) throw fail("Pin names no package", names);
  const withRegex = list.find((name) => name.startsWith("/") && !compile(name));
  if (withRegex !== undefined) throw fail("Regular expression of a pin is malformed", withRegex);
  if (!Number.isInteger(priority) || Math.abs(priority) > 32_767)
    throw fail("Priority of a pin is no whole number up to 32767", String(priority));
  if (priority === 0) throw fail("Priority of a pin is 0, which means nothing", `${names}: ${pin}`);
  const [, kind = "", data = ""] = /^\s*(\S+)\s*([\s\S]*?)\s*$/.exec(pin) ?? [];
  const hint = 'a pin is `release n=bookworm,c=main`, `version 1.2*` or `origin "host"`';
  if (pin.length > 1000) throw fail("Pin is too long", pin, hint);
  switch (kind) {
    case "version":
      if (data === "") throw fail("Pin says no version", pin, hint);
      return { names: list, priority, matcher: { kind: "version", pattern: data } };
    case "origin":
      return { names: list, priority, matcher: { kind: "index", matches: originMatcher(data) } };
    case "release": {
      const matches = releaseMatcher(data);
      if (!matches) throw fail("Pin's release cannot be read", pin, hint);
      return { names: list, priority, matcher: { kind: "index", matches } };
    }
    default:
      throw fail("Pin is of a kind that is not known", pin, hint);
  }
}

function matchesName(pattern: string, { name, sourceName }: PinnedVersion): boolean {
  if (pattern.startsWith("src:")) return matchesExpression(pattern.slice(4), sourceName);
  return matchesExpression(pattern, name);
}

function matchesVersion(pattern: string, version: string): boolean {
  return matchesExpression(pattern, version);
}

function originMatcher(data: string): (facts: IndexFacts) => boolean {
  const host = data.replace(/^"([^"]*)"$/, "$1");
  return (facts) => (host === "" ? facts.host === "" : matchesExpression(host, facts.host));
}

const letters: Readonly<Record<string, (facts: IndexFacts) => string>> = {
  a: (facts) => facts.suite,
  n: (facts) => facts.codename,
  o: (facts) => facts.origin,
  l: (facts) => facts.label,
  c: (facts) => facts.component,
  b: (facts) => facts.architecture,
};

function releaseMatcher(data: string): ((facts: IndexFacts) => boolean) | undefined {
  if (data === "*") return () => true;
  const tests: ((facts: IndexFacts) => boolean)[] = [];
  const parts = data.includes("=") ? data.split(",").map((part) => part.trim()) : [data];
  for (const part of parts.filter((one) => one !== "")) {
    const [, letter, value = ""] = /^([a-z])=(.*)$/s.exec(part) ?? [];
    const field = letter === undefined ? undefined : letters[letter];
    if (letter === "v") tests.push((facts) => matchesExpression(value, facts.version));
    else if (field) tests.push((facts) => matchesExpression(value, field(facts)));
    else if (letter === undefined && !part.includes("="))
      tests.push(
        /^\d/.test(part)
          ? (facts) => matchesExpression(part, facts.version)
          : (facts) => matchesExpression(part, facts.suite) || matchesExpression(part, facts.codename),
      );
    else return undefined;
  }
  return tests.length === 0 ? undefined : (facts) => tests.every((one) => one(facts));
}

const compiled = new Map<string, RegExp | undefined>();

/** A glob as fnmatch(3) has it, or an extended regular expression between slashes. */
function matchesExpression(pattern: string, text: string): boolean {
  return compile(pattern)?.test(text) ?? false;
}

function compile(pattern: string): RegExp | undefined {
  if (!compiled.has(pattern)) {
    const isRegex = pattern.length > 2 && pattern.startsWith("/") && pattern.endsWith("/");
    try {
      compiled.set(
        pattern,
        isRegex ? new RegExp(pattern.slice(1, -1), "i") : new RegExp(`^${globSource(pattern)}$`, "s"),
      );
    } catch {
      compiled.set(pattern, undefined);
    }
  }
  return compiled.get(pattern);
}

function globSource(glob: string): string {
  return glob.replace(
    /\\(.)|\[(!?)(\]?[^\]]*)\]|[\s\S]/g,
    (whole, escaped?: string, not?: string, set?: string) => {
      if (escaped !== undefined) return escapeRegex(escaped);
      if (set !== undefined)
        return `[${not ? "^" : ""}${set.replaceAll("\\", "\\\\").replaceAll("]", "\\]")}]`;
      if (whole === "*") return ".*";
      return whole === "?" ? "." : escapeRegex(whole);
    },
  );
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
