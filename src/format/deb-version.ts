/**
 * Debian's version numbers, `[epoch:]upstream[-revision]`, and dpkg's order of them (deb-version(7)).
 *
 * Epochs compare as numbers, then upstream versions, then revisions, where none is the same as `0`. Within
 * these, stretches of non-digits and of digits alternate. Digits compare as numbers of any length. Others
 * compare unit by unit, letters before all else, the end before letters, and `~` even before the end: so
 * `1.0~rc1` comes before `1.0`, which comes before `1.0a` and `1.0+b1`.
 */
import { CopseError } from "#base";

export interface DebVersion {
  readonly epoch: number;
  readonly upstream: string;
  /** "" where there is none. */
  readonly revision: string;
}

/** Throws CopseError `deb-version-invalid`. */
export function parseDebVersion(text: string): DebVersion {
  const colon = text.indexOf(":");
  const dash = text.lastIndexOf("-");
  const hasRevision = dash > colon;
  const epoch = colon < 0 ? "0" : text.slice(0, colon);
  const upstream = text.slice(colon + 1, hasRevision ? dash : text.length);
  const revision = hasRevision ? text.slice(dash + 1) : "";
  if (!/^[0-9]+$/.test(epoch) || Number(epoch) > 0x7fffffff)
    throw invalid("epoch is not a number in range", text);
  if (!/^[0-9A-Za-z.+~:-]+$/.test(upstream))
    throw invalid("upstream version is empty or has an invalid character", text);
  if (hasRevision && !/^[0-9A-Za-z.+~]+$/.test(revision)) {
    throw invalid("revision is empty or has an invalid character", text);
  }
  return { epoch: Number(epoch), upstream, revision };
}

/** Negative, zero or positive, as dpkg orders the two. Throws as `parseDebVersion` does. */
export function compareDebVersions(a: string, b: string): number {
  if (a === b) return 0;
  const left = parseDebVersion(a);
  const right = parseDebVersion(b);
  return (
    left.epoch - right.epoch ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

function compareParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    // Non-digits, where a digit weighs as much as the end.
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = weight(a, i) - weight(b, j);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    while (a[i] === "0") i++;
    while (b[j] === "0") j++;
    // Digits: the longer number is the larger; among equally long ones the first difference tells.
    let firstDifference = 0;
    while (isDigit(a, i) && isDigit(b, j)) {
      firstDifference ||= a.charCodeAt(i) - b.charCodeAt(j);
      i++;
      j++;
    }
    if (isDigit(a, i)) return 1;
    if (isDigit(b, j)) return -1;
    if (firstDifference !== 0) return firstDifference;
  }
  return 0;
}

function isDigit(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0x30 && unit <= 0x39;
}

function weight(text: string, index: number): number {
  if (index >= text.length || isDigit(text, index)) return 0;
  const unit = text.charCodeAt(index);
  if (unit === 0x7e) return -1;
  const lowerCase = unit | 0x20;
  const isLetter = lowerCase >= 0x61 && lowerCase <= 0x7a;
  return isLetter ? unit : unit + 256;
}

function invalid(problem: string, text: string): CopseError {
  return new CopseError("deb-version-invalid", `Invalid Debian version, its ${problem}: \`${text}\``);
}
