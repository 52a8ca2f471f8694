/** Strings. Lengths, positions and order count bytes; what is made of a string keeps the string's context. */
import type { ByteString } from "#base";
import {
  ContextCollector,
  coerceToString,
  contextOf,
  type Evaluation,
  evalError,
  force,
  forceInt,
  forceList,
  forceString,
  forceStringNoContext,
  forceText,
  isString,
  type Lazy,
  makeString,
  textOf,
  type Value,
} from "../runtime/mod.ts";
import { defineFunctions, type FunctionSpec } from "./define.ts";
import { Regex, RegexSyntaxError } from "./regex/mod.ts";

function substring(evaluation: Evaluation, start: Lazy, length: Lazy, string: Lazy): Value {
  const from = Number(forceInt(start));
  if (from < 0) throw evalError("invalid-value", "negative start position in 'substring'");
  const count = Number(forceInt(length));
  if (count === 0) {
    // How people get at a string's context without the string.
    const value = force(string);
    if (isString(value)) return makeString("", contextOf(value));
  }
  const value = coerceToString(evaluation, string);
  const text = textOf(value);
  return makeString(text.slice(from, count < 0 ? text.length : from + count), contextOf(value));
}

function concatStringsSep(evaluation: Evaluation, separator: Lazy, list: Lazy): Value {
  const between = forceString(separator);
  const contexts = new ContextCollector();
  contexts.add(contextOf(between));
  const parts: ByteString[] = [];
  for (const item of forceList(list)) {
    const part = coerceToString(evaluation, item);
    parts.push(textOf(part));
    contexts.add(contextOf(part));
  }
  return makeString(parts.join(textOf(between)), contexts.context);
}

interface Replacement {
  readonly from: ByteString;
  readonly to: Lazy;
}

function replaceStrings(_: Evaluation, from: Lazy, to: Lazy, string: Lazy): Value {
  const froms = forceList(from);
  const tos = forceList(to);
  if (froms.length !== tos.length) {
    throw evalError(
      "invalid-value",
      "'from' and 'to' arguments passed to builtins.replaceStrings have different lengths",
    );
  }
  const replacements = froms.map((item, i): Replacement => ({ from: forceText(item), to: tos[i] as Lazy }));
  const subject = forceString(string);
  const contexts = new ContextCollector();
  contexts.add(contextOf(subject));
  const text = replaceAll(textOf(subject), replacements, contexts);
  return makeString(text, contexts.context);
}

/** At every position the first of the list that matches. One that is empty matches everywhere, also at the end. */
function replaceAll(
  text: ByteString,
  replacements: readonly Replacement[],
  contexts: ContextCollector,
): ByteString {
  const firstEmpty = replacements.findIndex(({ from }) => from === "");
  const usable = firstEmpty < 0 ? replacements : replacements.slice(0, firstEmpty + 1);
  const byFirst = new Map<number, Replacement[]>();
  for (const replacement of usable) {
    if (replacement.from === "") continue;
    const first = replacement.from.charCodeAt(0);
    const known = byFirst.get(first);
    if (known) known.push(replacement);
    else byFirst.set(first, [replacement]);
  }
  const empty = usable[firstEmpty];
  const substitute = ({ to }: Replacement) => {
    const value = forceString(to);
    contexts.add(contextOf(value));
    return textOf(value);
  };
  const parts: ByteString[] = [];
  let copied = 0;
  for (let at = 0; at <= text.length; ) {
    const found = byFirst.get(text.charCodeAt(at))?.find(({ from }) => text.startsWith(from, at));
    if (found) {
      parts.push(text.slice(copied, at), substitute(found));
      at += found.from.length;
      copied = at;
    } else {
      if (empty) {
        parts.push(text.slice(copied, at), substitute(empty));
        copied = at;
      }
      at++;
    }
  }
  parts.push(text.slice(copied));
  return parts.join("");
}

function compileRegex(evaluation: Evaluation, pattern: ByteString): Regex {
  const cache = evaluation.memo("regular-expressions", () => new Map<ByteString, Regex>());
  const known = cache.get(pattern);
  if (known) return known;
  try {
    const regex = new Regex(pattern);
    cache.set(pattern, regex);
    return regex;
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    const problem =
      error.reason === "invalid"
        ? "invalid regular expression"
        : "memory limit exceeded by regular expression";
    throw evalError("invalid-value", `${problem} '${pattern}'`);
  }
}

function match(evaluation: Evaluation, pattern: Lazy, string: Lazy): Value {
  const regex = compileRegex(evaluation, forceStringNoContext(pattern));
  const groups = regex.matchWhole(forceText(string));
  return groups ? groups.map((group) => group ?? null) : null;
}

function split(evaluation: Evaluation, pattern: Lazy, string: Lazy): Value {
  const regex = compileRegex(evaluation, forceStringNoContext(pattern));
  const subject = forceString(string);
  const text = textOf(subject);
  const parts: Lazy[] = [];
  let end = 0;
  for (const found of regex.matches(text)) {
    parts.push(
      text.slice(end, found.start),
      found.groups.map((group) => group ?? null),
    );
    end = found.end;
  }
  // Nix keeps the context only where it has nothing to split.
  if (parts.length === 0) return [subject];
  parts.push(text.slice(end));
  return parts;
}

// Apart from the table, as TypeScript takes the name for that of every object's own method.
const toStringFunction: FunctionSpec = {
  args: ["value"],
  doc: "A value as a string: numbers in decimal, true as `1`, false and null as nothing, lists with spaces between, paths as they are, sets by `__toString` or `outPath`.",
  plain: true,
  run: (evaluation, value) => coerceToString(evaluation, value, { coerceMore: true, copyToStore: false }),
};

export const stringBuiltins = defineFunctions({
  toString: toStringFunction,
  stringLength: {
    args: ["string"],
    doc: "How many bytes a string has.",
    run: (evaluation, string) => textOf(coerceToString(evaluation, string)).length,
  },
  substring: {
    args: ["start", "length", "string"],
    doc: "The bytes from a start on, at most so many. A negative length means all that follow.",
    run: substring,
  },
  concatStringsSep: {
    args: ["separator", "list"],
    doc: "Strings joined, with a separator between.",
    run: concatStringsSep,
  },
  replaceStrings: {
    args: ["from", "to", "string"],
    doc: "Replaces every occurrence of the strings of one list by those at the same places of another, from left to right. Replacements are not searched again.",
    run: replaceStrings,
  },
  match: {
    args: ["regex", "string"],
    doc: "The groups of a POSIX extended regular expression that matches a whole string, each null where it took no part; null if it does not match.",
    run: match,
  },
  split: {
    args: ["regex", "string"],
    doc: "A string cut at every match of a POSIX extended regular expression: the pieces, and between them for each match the list of its groups.",
    run: split,
  },
});
