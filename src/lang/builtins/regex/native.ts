/**
 * Which expressions JavaScript's own engine may run, and their translation.
 *
 * Both engines search depth first in the same order, so a whole match is the same where these differences cannot
 * show: JavaScript clears the groups inside a repetition at each round and never takes an empty round, and it tries
 * no second alternative when the first one led to a match (which matters for a search, where the longest wins).
 * What is refused here goes to `search.ts`, as does what could take long: JavaScript remembers no dead ends.
 */

import { isNullable } from "./automaton.ts";
import type { CharacterSet } from "./bracket.ts";
import type { ParsedRegex, RegexNode } from "./syntax.ts";

/** Steps that backtracking may need at most, by (length of the text) to the power of (open repetitions). */
const MAX_STEPS = 1e7;

export interface NativeRegex {
  readonly whole: RegExp;
  /** Sticky is not set: finds the next match from `lastIndex`. Undefined where only a whole match is the same. */
  readonly search: RegExp | undefined;
  /** The longest text that is safe to give. */
  readonly maxLength: number;
}

export function nativeRegex(regex: ParsedRegex): NativeRegex | undefined {
  if (!translatable(regex.root)) return undefined;
  const source = translate(regex.root);
  const power = openRepetitions(regex.root) + 1;
  return {
    whole: new RegExp(`^(?:${source})$`),
    search: !isNullable(regex.root) && choicesAreDisjoint(regex.root) ? new RegExp(source, "g") : undefined,
    maxLength: power <= 2 ? 1 << 20 : Math.floor(MAX_STEPS ** (1 / power)),
  };
}

function translatable(node: RegexNode): boolean {
  switch (node.kind) {
    case "sequence":
    case "alternatives":
      return node.items.every(translatable);
    case "group":
      return translatable(node.body);
    case "repeat":
      if (isNullable(node.body)) return false;
      return node.max <= 1
        ? translatable(node.body)
        : node.max > 1000
          ? plainBody(node.body)
          : plainBody(node.body) && node.min < 100;
    default:
      return true;
  }
}

/** A repeated body that can match in one way only at a given place, and sets all of its groups every time. */
function plainBody(node: RegexNode): boolean {
  switch (node.kind) {
    case "sequence":
      return node.items.every(plainBody);
    case "group":
      return plainBody(node.body);
    case "alternatives":
      return node.items.every((item) => plainBody(item) && !hasGroup(item)) && choicesAreDisjoint(node);
    case "repeat":
      return false;
    default:
      return true;
  }
}

function hasGroup(node: RegexNode): boolean {
  if (node.kind === "group") return true;
  if (node.kind === "repeat") return hasGroup(node.body);
  return "items" in node && node.items.some(hasGroup);
}

function openRepetitions(node: RegexNode): number {
  switch (node.kind) {
    case "sequence":
    case "alternatives":
      return node.items.reduce((sum, item) => sum + openRepetitions(item), 0);
    case "group":
      return openRepetitions(node.body);
    case "repeat":
      return openRepetitions(node.body) + (node.max > 1 ? 1 : 0);
    default:
      return 0;
  }
}

/** At most one alternative can match at a place: then their order does not matter. */
function choicesAreDisjoint(node: RegexNode): boolean {
  switch (node.kind) {
    case "sequence":
      return node.items.every(choicesAreDisjoint);
    case "group":
    case "repeat":
      return choicesAreDisjoint(node.body);
    case "alternatives": {
      if (node.items.some(isNullable) || !node.items.every(choicesAreDisjoint)) return false;
      const seen = new Uint8Array(256);
      return node.items.every((item) => {
        const first = firstBytes(item);
        const overlaps = first.some((member, byte) => member === 1 && seen[byte] === 1);
        first.forEach((member, byte) => {
          if (member === 1) seen[byte] = 1;
        });
        return !overlaps;
      });
    }
    default:
      return true;
  }
}

function membersOf(set: CharacterSet): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (set.has(byte) ? 1 : 0));
}

function union(sets: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (sets.some((set) => set[byte] === 1) ? 1 : 0));
}

/** The bytes that a match can begin with. */
export function firstBytes(node: RegexNode): Uint8Array {
  switch (node.kind) {
    case "set":
      return membersOf(node.set);
    case "sequence": {
      const end = node.items.findIndex((item) => !isNullable(item));
      return union((end < 0 ? node.items : node.items.slice(0, end + 1)).map(firstBytes));
    }
    case "alternatives":
      return union(node.items.map(firstBytes));
    case "group":
      return firstBytes(node.body);
    case "repeat":
      return node.max === 0 ? new Uint8Array(256) : firstBytes(node.body);
    default:
      return new Uint8Array(256);
  }
}

function translate(node: RegexNode): string {
  switch (node.kind) {
    case "empty":
      return "(?:)";
    case "set":
      return node.set.source();
    case "start":
      return "^";
    case "end":
      return "$";
    case "sequence":
      return node.items.map(translate).join("");
    case "alternatives":
      return `(?:${node.items.map(translate).join("|")})`;
    case "group":
      return `(${translate(node.body)})`;
    case "repeat": {
      const bound = node.max === Number.POSITIVE_INFINITY ? `${node.min},` : `${node.min},${node.max}`;
      return `(?:${translate(node.body)}){${bound}}`;
    }
  }
}
