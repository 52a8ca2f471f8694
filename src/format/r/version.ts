/**
 * Version numbers of R and of its packages: two numbers and more, with `.` or `-` between them (`package_version` in
 * R): `1.2`, `7.3-58.2`. They compare number by number, and what ends first is the smaller one: 1.0 < 1.0.0. Which
 * separator stands between two numbers means nothing: 1.2-3 equals 1.2.3.
 */
import { CopseError } from "#base";

declare const rVersionBrand: unique symbol;
/** A valid version, as it is written. `parseRVersion` is its only constructor. */
export type RVersion = string & { readonly [rVersionBrand]: true };

const VERSION = /^[0-9]+(?:[.-][0-9]+)+$/;
/** Longer than any version that exists; what is longer is no version. */
const MAX_LENGTH = 100;

export function isRVersion(text: string): text is RVersion {
  return text.length <= MAX_LENGTH && VERSION.test(text);
}

/** Throws CopseError `r-version-invalid`. */
export function parseRVersion(text: string): RVersion {
  if (isRVersion(text)) return text;
  throw new CopseError(
    "r-version-invalid",
    `Version of R or of its packages is malformed: \`${text.slice(0, 100)}\``,
    {
      hint: "it is numbers with dots or dashes between them, such as 1.2-3",
    },
  );
}

/** Negative, zero or positive. */
export function compareRVersions(a: RVersion, b: RVersion): number {
  if (a === b) return 0;
  const left = a.split(/[.-]/);
  const right = b.split(/[.-]/);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = compareNumbers(left[i] as string, right[i] as string);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Numbers of any length: dates such as 20240301 stand in versions, and nothing keeps a package from longer ones. */
function compareNumbers(a: string, b: string): number {
  const left = a.replace(/^0+(?=.)/, "");
  const right = b.replace(/^0+(?=.)/, "");
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}

/**
 * What R calls the version that Debian packaged: `1:7.3-58.2-1` is 7.3-58.2, `2.0.1+dfsg-1+b2` is 2.0.1. Undefined where
 * the upstream part is no version of R's.
 */
export function rVersionOfDebian(text: string): RVersion | undefined {
  const upstream = text.replace(/^[0-9]+:/, "").replace(/-[^-]*$/, "");
  // `1.2+really1.1` is 1.1 under a number that apt takes for newer.
  const said = /\+really(.*)$/.exec(upstream)?.[1] ?? upstream;
  const plain = said.replace(/[+~].*$/, "").replace(/\.(?:dfsg|ds)[0-9.]*$/, "");
  return isRVersion(plain) ? plain : undefined;
}
