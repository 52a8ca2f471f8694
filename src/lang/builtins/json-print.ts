/**
 * `builtins.toJSON`. Names come in byte order, without spaces; sets that can be strings (`__toString`, `outPath`)
 * become these. A path is copied to the store, as it is in a string.
 */

import { isUtf8 } from "node:buffer";
import { type ByteString, bytesFromByteString } from "#base";
import { formatJsonFloat, formatJsonString } from "#format";
import {
  Attrs,
  ContextCollector,
  call,
  coerceToString,
  contextOf,
  deeper,
  type Evaluation,
  evalError,
  Float,
  force,
  isInt,
  isList,
  isString,
  type Lazy,
  makeString,
  Path,
  type StringContext,
  showType,
  textOf,
  typeError,
  type Value,
} from "../runtime/mod.ts";

export function quoteJson(text: ByteString): ByteString {
  if (/[\x80-\xff]/.test(text) && !isUtf8(bytesFromByteString(text))) throw invalidUtf8(text);
  return formatJsonString(text);
}

function invalidUtf8(text: ByteString) {
  const last = text.charCodeAt(text.length - 1);
  const index = firstInvalid(text);
  const hex = (byte: number) => `0x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  const problem =
    index === undefined
      ? `incomplete UTF-8 string; last byte: ${hex(last)}`
      : `invalid UTF-8 byte at index ${index}: ${hex(text.charCodeAt(index))}`;
  return evalError("invalid-value", `JSON serialization error: [json.exception.type_error.316] ${problem}`);
}

/** The first byte that no valid text has there; undefined where the text only ends too early. */
function firstInvalid(text: ByteString): number | undefined {
  const tails = ["", "\x80", "\x80\x80", "\x80\x80\x80", "\xa0", "\xa0\x80", "\x90\x80\x80"];
  const isPrefix = (end: number) =>
    tails.some((tail) => isUtf8(bytesFromByteString(text.slice(0, end) + tail)));
  for (let end = 1; end <= text.length; end++) if (!isPrefix(end)) return end - 1;
  return undefined;
}

class JsonPrinter {
  readonly contexts = new ContextCollector();
  readonly #evaluation: Evaluation;

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  print(lazy: Lazy): ByteString {
    const value = force(lazy);
    if (isString(value)) {
      this.contexts.add(contextOf(value));
      return quoteJson(textOf(value));
    }
    if (isInt(value) || typeof value === "boolean" || value === null) return String(value);
    if (value instanceof Float) return formatJsonFloat(value.value);
    if (value instanceof Path) return this.print(coerceToString(this.#evaluation, value));
    if (isList(value)) return deeper(() => `[${value.map((item) => this.print(item)).join(",")}]`);
    if (value instanceof Attrs) return deeper(() => this.#printAttrs(value));
    throw typeError(`cannot convert ${showType(value)} to JSON`);
  }

  #printAttrs(attrs: Attrs): ByteString {
    const toStringFunction = attrs.get("__toString");
    if (toStringFunction !== undefined) {
      const text = coerceToString(this.#evaluation, call(force(toStringFunction), attrs), {
        copyToStore: false,
      });
      return this.print(text);
    }
    const outPath = attrs.get("outPath");
    if (outPath !== undefined) return this.print(outPath);
    const members = Array.from(attrs.entries(), ([name, value]) => `${quoteJson(name)}:${this.print(value)}`);
    return `{${members.join(",")}}`;
  }
}

export function printJson(
  evaluation: Evaluation,
  lazy: Lazy,
): { text: ByteString; context: StringContext | undefined } {
  const printer = new JsonPrinter(evaluation);
  const text = printer.print(lazy);
  return { text, context: printer.contexts.context };
}

export function toJson(evaluation: Evaluation, lazy: Lazy): Value {
  const { text, context } = printJson(evaluation, lazy);
  return makeString(text, context);
}
