/**
 * Version numbers of Python packages, `[epoch!]release[{a|b|rc}N][.postN][.devN][+local]`, as PEP 440 (now the
 * packaging guide's "Version specifiers") has them.
 *
 *     1!2.0.1rc3.post4.dev5+ubuntu.6
 *
 * Many spellings mean the same version: `1.0-alpha_1`, `v1.0a1` and `1.0.ALPHA1` are `1.0a1`, and `1.0-1` is
 * `1.0.post1`. `formatVersion` writes the normal form. Trailing zeros of the release stay in it, although they do not
 * count in comparisons: `1.0` equals `1`.
 *
 * Numbers are of any size (dates with times and even hashes occur), so those beyond a safe integer are bigints. As each
 * number has one representation, `===` tells equal ones, and `<` compares both kinds.
 */
import { CopseError } from "#base";
import { compareKeys, keyOfVersion, type VersionKey } from "./version-key.ts";

export type VersionNumber = number | bigint;

export type PrereleasePhase = "a" | "b" | "rc";

/** What a version consists of. A part that is not there is undefined. */
export interface VersionParts {
  readonly epoch: VersionNumber;
  /** At least one number. */
  readonly release: readonly VersionNumber[];
  readonly pre?: { readonly phase: PrereleasePhase; readonly number: VersionNumber } | undefined;
  readonly post?: VersionNumber | undefined;
  readonly dev?: VersionNumber | undefined;
  /** Words in lower case, and numbers. */
  readonly local?: readonly (string | VersionNumber)[] | undefined;
}

/** A parsed version. `parseVersion` and `versionOf` make it. */
class Version implements VersionParts {
  readonly epoch: VersionNumber;
  readonly release: readonly VersionNumber[];
  readonly pre: VersionParts["pre"];
  readonly post: VersionNumber | undefined;
  readonly dev: VersionNumber | undefined;
  readonly local: VersionParts["local"];
  /** As it was written. */
  readonly text: string;
  #key: VersionKey | undefined;

  constructor(text: string, parts: VersionParts) {
    this.text = text;
    this.epoch = parts.epoch;
    this.release = parts.release;
    this.pre = parts.pre;
    this.post = parts.post;
    this.dev = parts.dev;
    this.local = parts.local;
  }

  /** Its place among all versions; equal for equal versions, so fit for a `Map`. */
  get key(): VersionKey {
    this.#key ??= keyOfVersion(this);
    return this.#key;
  }

  /** The normal form. */
  toString(): string {
    return formatVersion(this);
  }
}

export type { Version };

/** White space as Python knows it: more than JavaScript's in the control characters, and without U+FEFF. */
export const PYTHON_SPACE =
  "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

const VERSION = new RegExp(
  `^${PYTHON_SPACE}*v?(?:([0-9]+)!)?([0-9]+(?:\\.[0-9]+)*)` +
    "(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]*))?" +
    "(?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]*))?" +
    "(?:[-_.]?(dev)[-_.]?([0-9]*))?" +
    `(?:\\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?${PYTHON_SPACE}*$`,
  "i",
);

const PHASES: { readonly [word: string]: PrereleasePhase } = {
  a: "a",
  alpha: "a",
  b: "b",
  beta: "b",
  c: "rc",
  rc: "rc",
  pre: "rc",
  preview: "rc",
};

// Nobody has such versions; what is longer could only be meant to cost time.
const MAX_LENGTH = 2000;

/** Throws CopseError `python-version-invalid`. */
export function parseVersion(text: string): Version {
  const version = tryParseVersion(text);
  if (version === undefined)
    throw new CopseError("python-version-invalid", `Not a version by PEP 440: \`${text.slice(0, 100)}\``);
  return version;
}

/** The version, or undefined if the text is none: indexes hold names of files that are not. */
export function tryParseVersion(text: string): Version | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const release = parseBareRelease(text);
  if (release !== undefined) return new Version(text, { epoch: 0, release });
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const [, epoch, numbers, phase, pre, bare, post, postNumber, dev, devNumber, local] = match;
  return new Version(text, {
    epoch: epoch === undefined ? 0 : parseNumber(epoch),
    release: numbers!.split(".").map(parseNumber),
    pre: phase && { phase: PHASES[phase.toLowerCase()]!, number: parseNumber(pre!) },
    post: bare !== undefined ? parseNumber(bare) : post && parseNumber(postNumber!),
    dev: dev && parseNumber(devNumber!),
    local: local?.toLowerCase().split(/[-_.]/).map(parseLocalSegment),
  } as VersionParts);
}

/** Most versions are digits and dots, which need no regular expression. */
function parseBareRelease(text: string): number[] | undefined {
  const release: number[] = [];
  let number = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x2e) {
      if (digits === 0) return undefined;
      release.push(number);
      number = 0;
      digits = 0;
    } else {
      if (unit < 0x30 || unit > 0x39 || ++digits > 15) return undefined;
      number = number * 10 + (unit - 0x30);
    }
  }
  if (digits === 0) return undefined;
  release.push(number);
  return release;
}

/** Of digits alone; none are zero. */
function parseNumber(digits: string): VersionNumber {
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number;
  return BigInt(digits);
}

function parseLocalSegment(segment: string): string | VersionNumber {
  return /^[0-9]+$/.test(segment) ? parseNumber(segment) : segment;
}

/** The version with these parts; its text is the normal form. */
export function versionOf(parts: VersionParts): Version {
  return new Version(formatVersion(parts), parts);
}

/** The normal form of PEP 440. */
export function formatVersion(version: VersionParts): string {
  const { epoch, release, pre, post, dev, local } = version;
  let text = epoch === 0 ? release.join(".") : `${epoch}!${release.join(".")}`;
  if (pre !== undefined) text += `${pre.phase}${pre.number}`;
  if (post !== undefined) text += `.post${post}`;
  if (dev !== undefined) text += `.dev${dev}`;
  if (local !== undefined) text += `+${local.join(".")}`;
  return text;
}

/** Negative, zero or positive. Fit for `sort`: older versions come first. */
export function compareVersions(a: Version, b: Version): number {
  return compareKeys(a.key, b.key);
}

/** Alpha, beta, candidate or development: what is taken only if asked for. */
export function isPrerelease(version: VersionParts): boolean {
  return version.pre !== undefined || version.dev !== undefined;
}

/** The version without its local part, as an index without local builds would name it. */
export function publicOf(version: Version): Version {
  return version.local === undefined ? version : versionOf({ ...partsOf(version), local: undefined });
}

/** Epoch and release alone. */
export function baseOf(version: Version): Version {
  return versionOf({ epoch: version.epoch, release: version.release });
}

export function partsOf(version: VersionParts): VersionParts {
  const { epoch, release, pre, post, dev, local } = version;
  return { epoch, release, pre, post, dev, local };
}

/** The next whole number. */
export function successor(number: VersionNumber): VersionNumber {
  return typeof number === "number" && number < Number.MAX_SAFE_INTEGER ? number + 1 : BigInt(number) + 1n;
}
