/**
 * Versions as strings whose plain order is PEP 440's.
 *
 * A solver compares versions far more often than it parses them, and needs points that lie between versions: behind
 * `1.0` and all of `1.0+local`, but before `1.0.post0`. Both become simple when each version has a key such that `<` on
 * keys is the order of versions: a point between two versions is a string between two strings, and a set of versions is
 * a list of half-open intervals of strings.
 *
 * A key is, in units below 256:
 *
 *     epoch, then the release's numbers without trailing zeros
 *     phase:  1 none, but dev · 2 a N · 3 b N · 4 rc N · 5 none
 *     post:   1 none · 2 N · 3 is behind them all
 *     dev:    1 N · 2 none
 *     local, if there is one: 5, and then for each segment 2 and the word, or 3 N
 *
 * A number is one unit from 16 up, or for larger ones a unit that says how many decimal digits follow. All that can
 * follow a release is less than 16, so `1` comes before `1.1` whatever comes behind. A development release without phase
 * and post comes before all alphas, hence phase 1.
 */
import type { VersionNumber, VersionParts } from "./version.ts";

declare const versionKeyBrand: unique symbol;

/** The place of a version, or of a point between versions. Compare by `<`. */
export type VersionKey = string & { readonly [versionKeyBrand]: true };

const FIRST_NUMBER = 0x10;
/** Units from here on count digits. */
const FIRST_LENGTH = 0xc0;
const LONG_NUMBER = 0xfe;
const SMALL = Array.from({ length: FIRST_LENGTH - FIRST_NUMBER }, (_, n) =>
  String.fromCharCode(FIRST_NUMBER + n),
);

const PHASE = { a: "\x02", b: "\x03", rc: "\x04" } as const;
const DEV_ALONE = "\x01";
const NO_PHASE = "\x05";
const NO_POST = "\x01";
const POST = "\x02";
const BEHIND_POSTS = "\x03";
const DEV = "\x01";
const NO_DEV = "\x02";
const LOCAL = "\x05";
const WORD = "\x02";
const NUMBER = "\x03";
const PLAIN = NO_PHASE + NO_POST + NO_DEV;

/** Before all versions. */
export const LOWEST_KEY = "" as VersionKey;
/** Behind all versions. */
export const HIGHEST_KEY = "\uffff" as VersionKey;

export function compareKeys(a: VersionKey, b: VersionKey): number {
  return a < b ? -1 : a === b ? 0 : 1;
}

export function earlierKey(a: VersionKey, b: VersionKey): VersionKey {
  return a <= b ? a : b;
}

export function laterKey(a: VersionKey, b: VersionKey): VersionKey {
  return a <= b ? b : a;
}

export function keyOfVersion(version: VersionParts): VersionKey {
  const { pre, post, dev, local } = version;
  let key = encodeRelease(version);
  if (pre === undefined && post === undefined && dev === undefined) key += PLAIN;
  else {
    key += encodePhase(version);
    key += post === undefined ? NO_POST : POST + encodeNumber(post);
    key += dev === undefined ? NO_DEV : DEV + encodeNumber(dev);
  }
  if (local !== undefined) {
    key += LOCAL;
    for (const segment of local)
      key += typeof segment === "string" ? WORD + segment : NUMBER + encodeNumber(segment);
  }
  return key as VersionKey;
}

/** The point right behind a version: before all others that are greater. */
export function behindVersion(version: VersionParts): VersionKey {
  return `${keyOfVersion(version)}\0` as VersionKey;
}

/** The point behind a version without local part and all its local builds. */
export function behindLocals(version: VersionParts): VersionKey {
  return `${keyOfVersion(version)}\xff` as VersionKey;
}

/** The point behind a version without post and dev parts, and all its post-releases. */
export function behindPosts(version: VersionParts): VersionKey {
  return (encodeRelease(version) + encodePhase(version) + BEHIND_POSTS) as VersionKey;
}

function encodeRelease({ epoch, release }: VersionParts): string {
  let end = release.length;
  while (end > 0 && release[end - 1] === 0) end--;
  let key = encodeNumber(epoch);
  for (let i = 0; i < end; i++) key += encodeNumber(release[i]!);
  return key;
}

function encodePhase({ pre, post, dev }: VersionParts): string {
  if (pre !== undefined) return PHASE[pre.phase] + encodeNumber(pre.number);
  return post === undefined && dev !== undefined ? DEV_ALONE : NO_PHASE;
}

function encodeNumber(number: VersionNumber): string {
  const small = SMALL[number as number];
  if (small !== undefined) return small;
  const digits = String(number);
  const length = digits.length;
  if (FIRST_LENGTH + length < LONG_NUMBER) return String.fromCharCode(FIRST_LENGTH + length) + digits;
  return String.fromCharCode(LONG_NUMBER, length >> 8, length & 0xff) + digits;
}
