/**
 * POSIX extended regular expressions: from their text to a tree.
 *
 * The dialect is not POSIX's alone but the one of the C++ library that Nix is built with, in its strict mode:
 * a backslash may stand only before a special character, `{` always opens a count, an alternative may be empty,
 * a quantifier may follow a quantifier but never an anchor, ranges compare bytes as signed numbers. Its limit of
 * 100,000 automaton states is part of the dialect too, as it decides which expressions are refused.
 *
 * Specified by POSIX, "Extended Regular Expressions", and by [re.grammar] of the C++ standard.
 */
import type { ByteString } from "#base";
import { CharacterSet, parseBracket } from "./bracket.ts";

export type RegexNode =
  | { readonly kind: "empty" }
  /** A set of bytes: one of them is consumed. */
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "sequence"; readonly items: readonly RegexNode[] }
  | { readonly kind: "alternatives"; readonly items: readonly RegexNode[] }
  /** `index` counts from 1. */
  | { readonly kind: "group"; readonly index: number; readonly body: RegexNode }
  /**
   * Greedy. `max` is Infinity for an open end. `a+` is a loop that is entered by its body, `a{1,}` is an `a` and a
   * loop: the same, but for bodies that can match nothing.
   */
  | {
      readonly kind: "repeat";
      readonly body: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly entersBody: boolean;
    };

export interface ParsedRegex {
  readonly root: RegexNode;
  readonly groups: number;
}

/** What is wrong with an expression: its form, or its size. */
export class RegexSyntaxError extends Error {
  readonly reason: "invalid" | "too-large";
  constructor(reason: "invalid" | "too-large") {
    super(`regular expression is ${reason}`);
    this.reason = reason;
  }
}

const STATE_LIMIT = 100_000;
const SPECIAL = ".[\\()*+?{|^$";
/** Nested groups are parsed by recursion. */
const MAX_NESTING = 2_000;

/** A tree with the number of automaton states that it stands for, by which the limit is checked. */
interface Sized {
  readonly node: RegexNode;
  readonly states: number;
}

const ANY = CharacterSet.allExcept([0]);

class Parser {
  readonly #text: ByteString;
  #at = 0;
  #groups = 0;
  #depth = 0;
  /** States allocated so far: start of the whole, its group, and its acceptance. */
  #allocated = 3;

  constructor(text: ByteString) {
    this.#text = text;
  }

  parse(): ParsedRegex {
    const { node } = this.#alternatives();
    if (this.#at < this.#text.length) throw new RegexSyntaxError("invalid");
    return { root: node, groups: this.#groups };
  }

  #allocate(count: number): void {
    this.#allocated += count;
    if (this.#allocated > STATE_LIMIT) throw new RegexSyntaxError("too-large");
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #alternatives(): Sized {
    const first = this.#sequence();
    if (this.#text[this.#at] !== "|") return first;
    const items = [first.node];
    let states = first.states;
    while (this.#take("|")) {
      const next = this.#sequence();
      this.#allocate(2);
      items.push(next.node);
      states += next.states + 2;
    }
    return { node: { kind: "alternatives", items }, states };
  }

  #sequence(): Sized {
    const items: RegexNode[] = [];
    let states = 1;
    for (let term = this.#term(); term; term = this.#term()) {
      items.push(term.node);
      states += term.states;
    }
    this.#allocate(1);
    const only = items.length === 1 ? items[0] : undefined;
    if (only) return { node: only, states };
    return { node: items.length === 0 ? { kind: "empty" } : { kind: "sequence", items }, states };
  }

  #term(): Sized | undefined {
    const anchor = this.#take("^") ? "start" : this.#take("$") ? "end" : undefined;
    if (anchor) {
      this.#allocate(1);
      return { node: { kind: anchor }, states: 1 };
    }
    let term = this.#atom();
    while (term) {
      const quantified = this.#quantifier(term);
      if (!quantified) return term;
      term = quantified;
    }
    return undefined;
  }

  #atom(): Sized | undefined {
    const character = this.#text[this.#at];
    if (character === undefined || "*+?{|)".includes(character)) return undefined;
    this.#at++;
    switch (character) {
      case "(":
        return this.#group();
      case "[": {
        const { set, end } = parseBracket(this.#text, this.#at);
        this.#at = end;
        return this.#one(set);
      }
      case ".":
        return this.#one(ANY);
      case "\\": {
        const escaped = this.#text[this.#at];
        if (escaped === undefined || !SPECIAL.includes(escaped)) throw new RegexSyntaxError("invalid");
        this.#at++;
        return this.#one(CharacterSet.single(escaped.charCodeAt(0)));
      }
      case "\0":
        throw new RegexSyntaxError("invalid");
      default:
        return this.#one(CharacterSet.single(character.charCodeAt(0)));
    }
  }

  #one(set: CharacterSet): Sized {
    this.#allocate(1);
    return { node: { kind: "set", set }, states: 1 };
  }

  #group(): Sized {
    const index = ++this.#groups;
    if (++this.#depth > MAX_NESTING) throw new RegexSyntaxError("too-large");
    this.#allocate(1);
    const body = this.#alternatives();
    this.#depth--;
    if (!this.#take(")")) throw new RegexSyntaxError("invalid");
    this.#allocate(1);
    return { node: { kind: "group", index, body: body.node }, states: body.states + 2 };
  }

  #quantifier(term: Sized): Sized | undefined {
    if (this.#take("*")) return this.#repeat(term, { min: 0, max: Number.POSITIVE_INFINITY, extra: 1 });
    if (this.#take("+")) return this.#repeat(term, { min: 1, max: Number.POSITIVE_INFINITY, extra: 1 });
    if (this.#take("?")) return this.#repeat(term, { min: 0, max: 1, extra: 2 });
    return this.#take("{") ? this.#count(term) : undefined;
  }

  #repeat(term: Sized, { min, max, extra }: { min: number; max: number; extra: number }): Sized {
    this.#allocate(extra);
    return {
      node: { kind: "repeat", body: term.node, min, max, entersBody: min > 0 },
      states: term.states + extra,
    };
  }

  /** `{m}`, `{m,}`, `{m,n}`: the automaton holds the body once a repetition, copies of the original. */
  #count(term: Sized): Sized {
    const min = this.#number();
    let max = min;
    if (this.#take(",")) max = this.#text[this.#at] === "}" ? Number.POSITIVE_INFINITY : this.#number();
    if (!this.#take("}") || max < min) throw new RegexSyntaxError("invalid");
    const optional = max === Number.POSITIVE_INFINITY ? term.states + 1 : (max - min) * (term.states + 1) + 1;
    const states = 1 + min * term.states + optional;
    this.#allocate(states);
    return { node: { kind: "repeat", body: term.node, min, max, entersBody: false }, states };
  }

  #number(): number {
    const start = this.#at;
    while (/[0-9]/.test(this.#text[this.#at] ?? "")) this.#at++;
    const value = Number(this.#text.slice(start, this.#at));
    if (start === this.#at || value > 0x7fff_ffff) throw new RegexSyntaxError("invalid");
    return value;
  }
}

export function parseRegex(text: ByteString): ParsedRegex {
  return new Parser(text).parse();
}
