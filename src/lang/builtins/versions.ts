/**
 * Versions as Nix compares them. A version is a sequence of components: runs of digits, and runs of anything else
 * that is neither a dot nor a dash. Numbers compare as numbers, `pre` comes before nothing, nothing before all else.
 */
import type { ByteString } from "#base";
import { Attrs, forceStringNoContext } from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";

const COMPONENT = /[0-9]+|[^0-9.-]+/g;
/** Nix reads a component as a 32-bit integer; one that is larger counts as text. */
const MAX_NUMBER = 0x7fff_ffff;

export function splitVersion(version: ByteString): ByteString[] {
  return version.match(COMPONENT) ?? [];
}

/** -1, 0 or 1. */
export function compareVersions(a: ByteString, b: ByteString): number {
  const left = splitVersion(a);
  const right = splitVersion(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i] ?? "", right[i] ?? ""];
    if (componentLess(x, y)) return -1;
    if (componentLess(y, x)) return 1;
  }
  return 0;
}

function componentLess(a: ByteString, b: ByteString): boolean {
  const x = numberOf(a);
  const y = numberOf(b);
  if (x !== undefined && y !== undefined) return x < y;
  if (a === "" && y !== undefined) return true;
  if (a === "pre" && b !== "pre") return true;
  if (b === "pre") return false;
  if (y !== undefined) return true;
  return x === undefined && a < b;
}

function numberOf(component: ByteString): number | undefined {
  if (!/^[0-9]/.test(component)) return undefined;
  const number = Number(component);
  return number <= MAX_NUMBER ? number : undefined;
}

/** The version begins after the first dash that no letter follows. */
export function parseDrvName(text: ByteString): { name: ByteString; version: ByteString } {
  const dash = text.search(/-[^A-Za-z]/);
  return dash < 0
    ? { name: text, version: "" }
    : { name: text.slice(0, dash), version: text.slice(dash + 1) };
}

export const versionBuiltins = defineFunctions({
  compareVersions: {
    args: ["a", "b"],
    doc: "-1, 0 or 1, as the first version is older than, the same as, or newer than the second.",
    run: (_, a, b) => {
      const left = forceStringNoContext(a);
      return compareVersions(left, forceStringNoContext(b));
    },
  },
  splitVersion: {
    args: ["version"],
    doc: "The components of a version, in the way in which `compareVersions` sees them.",
    run: (_, version) => splitVersion(forceStringNoContext(version)),
  },
  parseDrvName: {
    args: ["name"],
    doc: "Splits a package's name from its version: `hello-2.12` into `{ name, version }`.",
    run: (_, text) => {
      const { name, version } = parseDrvName(forceStringNoContext(text));
      return Attrs.fromSorted(["name", "version"], [name, version]);
    },
  },
});
