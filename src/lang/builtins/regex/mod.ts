/** POSIX extended regular expressions on byte strings, as `builtins.match` and `builtins.split` have them. */
import type { ByteString } from "#base";
import { type Automaton, buildAutomaton, isNullable } from "./automaton.ts";
import { firstBytes, type NativeRegex, nativeRegex } from "./native.ts";
import { type Captures, Searcher } from "./search.ts";
import { type ParsedRegex, parseRegex } from "./syntax.ts";

export type { Captures } from "./search.ts";
export { RegexSyntaxError } from "./syntax.ts";

export class Regex {
  readonly groups: number;
  readonly #parsed: ParsedRegex;
  readonly #native: NativeRegex | undefined;
  #automaton: Automaton | undefined;
  #first: Uint8Array | undefined;

  /** Throws RegexSyntaxError. */
  constructor(source: ByteString) {
    this.#parsed = parseRegex(source);
    this.groups = this.#parsed.groups;
    this.#native = nativeRegex(this.#parsed);
  }

  /** The groups of a match of the whole text; `undefined` inside where a group took no part. */
  matchWhole(text: ByteString): readonly (ByteString | undefined)[] | undefined {
    const native = this.#native;
    if (native && text.length <= native.maxLength) return native.whole.exec(text)?.slice(1);
    const captures = new Searcher(this.#compiled(), text).run({ mode: "whole", from: 0 });
    return captures && groupTexts(text, captures);
  }

  /** All matches from left to right: a match of nothing may follow a match, but not one of nothing. */
  *matches(
    text: ByteString,
  ): Generator<{ start: number; end: number; groups: readonly (ByteString | undefined)[] }> {
    const native = this.#native;
    if (native?.search && text.length <= native.maxLength) {
      const { search } = native;
      for (const match of text.matchAll(search)) {
        yield { start: match.index, end: match.index + match[0].length, groups: match.slice(1) };
      }
      return;
    }
    const searcher = new Searcher(this.#compiled(), text);
    let from = 0;
    let after: "nothing" | "something" | undefined;
    while (from <= text.length) {
      const captures = this.#next(searcher, { text, from, afterNothing: after === "nothing" });
      if (!captures) return;
      const [start, end] = [captures[0] as number, captures[1] as number];
      yield { start, end, groups: groupTexts(text, captures) };
      after = start === end ? "nothing" : "something";
      if (after === "nothing" && end === text.length) return;
      from = end;
    }
  }

  #next(
    searcher: Searcher,
    { text, from, afterNothing }: { text: ByteString; from: number; afterNothing: boolean },
  ): Captures | undefined {
    searcher.reset();
    let start = from;
    if (afterNothing) {
      const captures = searcher.run({ mode: "prefix", from, notEmpty: true });
      if (captures) return captures;
      searcher.reset();
      start++;
    }
    const { root } = this.#parsed;
    if (!isNullable(root)) this.#first ??= firstBytes(root);
    const first = this.#first;
    for (; start <= text.length; start++) {
      if (first && first[text.charCodeAt(start)] !== 1) continue;
      const captures = searcher.run({ mode: "prefix", from: start });
      if (captures) return captures;
    }
    return undefined;
  }

  #compiled(): Automaton {
    this.#automaton ??= buildAutomaton(this.#parsed);
    return this.#automaton;
  }
}

function groupTexts(text: ByteString, captures: Captures): (ByteString | undefined)[] {
  const groups: (ByteString | undefined)[] = [];
  for (let i = 2; i < captures.length; i += 2) {
    const start = captures[i] as number;
    groups.push(start < 0 ? undefined : text.slice(start, captures[i + 1]));
  }
  return groups;
}
