/**
 * What words come to while a script is read without being run. A value is known or not; one that is known but was
 * set where only some runs would come by is uncertain.
 */
import type { ByteString } from "#base";
import type { Command, Word } from "./shell-syntax.ts";

/** A word of a command; undefined where its value cannot be known from the text. */
export type ScriptWord = ByteString | undefined;

export interface Value {
  readonly text: ScriptWord;
  /** Whether every run gets this value here. */
  readonly isCertain: boolean;
}

export const UNKNOWN: Value = { text: undefined, isCertain: false };

export function known(text: ByteString): Value {
  return { text, isCertain: true };
}

/** Where the variables and the outputs of commands come from. */
export interface ExpansionScope {
  variable(name: string): Value | undefined;
  outputOf(body: Command): Value;
}

/**
 * Puts values into a word. An unquoted one may stand for several words or none, so that the answer is a list; a word
 * that cannot be known is undefined in it.
 */
export function expandFields(word: Word, scope: ExpansionScope): Value[] {
  const fields: Value[] = [];
  let current: ByteString | undefined;
  let isCertain = true;
  for (const piece of word) {
    if (piece.kind === "text") {
      current = (current ?? "") + piece.text;
      continue;
    }
    const value = valueOfPiece(piece, scope);
    if (value.text === undefined) {
      // The rest is still gone through, for what runs in it.
      for (const later of word.slice(word.indexOf(piece) + 1))
        if (later.kind !== "text") valueOfPiece(later, scope);
      return [...fields, UNKNOWN];
    }
    if (!value.isCertain) isCertain = false;
    if (piece.kind === "unknown" || piece.isQuoted) {
      current = (current ?? "") + value.text;
      continue;
    }
    const parts = value.text.split(/[ \t\n]+/);
    if (parts.length === 1 && parts[0] === "") continue;
    current = (current ?? "") + parts[0];
    for (const part of parts.slice(1)) {
      if (current !== "") fields.push({ text: current, isCertain });
      current = part;
    }
    if (current === "" && parts.length > 1) current = undefined;
  }
  if (current !== undefined) fields.push({ text: current, isCertain });
  return fields;
}

/** A word where it is not split: in an assignment, in `case`. */
export function expandText(word: Word, scope: ExpansionScope): Value {
  let text: ScriptWord = "";
  let isCertain = true;
  for (const piece of word) {
    const value = piece.kind === "text" ? known(piece.text) : valueOfPiece(piece, scope);
    text = text === undefined || value.text === undefined ? undefined : text + value.text;
    isCertain &&= value.isCertain;
  }
  return { text, isCertain };
}

/** A pattern of `case` as a regular expression; undefined where it cannot be known. */
export function expandPattern(word: Word, scope: ExpansionScope): RegExp | undefined {
  let source = "";
  for (const piece of word) {
    const value = piece.kind === "text" ? known(piece.text) : valueOfPiece(piece, scope);
    if (value.text === undefined || !value.isCertain) return undefined;
    const isLiteral = piece.kind !== "unknown" && piece.isQuoted;
    source += isLiteral ? literal(value.text) : globSource(value.text);
  }
  try {
    return new RegExp(`^(?:${source})$`, "s");
  } catch {
    return undefined;
  }
}

function valueOfPiece(piece: Exclude<Word[number], { kind: "text" }>, scope: ExpansionScope): Value {
  if (piece.kind === "unknown") return UNKNOWN;
  if (piece.kind === "output") return scope.outputOf(piece.body);
  const value = scope.variable(piece.name);
  const { operator } = piece;
  if (operator === undefined) return value ?? UNKNOWN;
  const operand = expandText(piece.operand ?? [], scope);
  switch (operator) {
    case "-":
    case ":-":
    case "=":
    case ":=":
      return value === undefined || (value.text === "" && operator.startsWith(":")) ? operand : value;
    case "+":
    case ":+":
      if (value?.text === undefined || !value.isCertain) return UNKNOWN;
      return value.text === "" ? known("") : operand;
    case "?":
    case ":?":
      return value ?? UNKNOWN;
    default:
      return value?.text === undefined || operand.text === undefined
        ? UNKNOWN
        : {
            text: trimmed(value.text, operator, operand.text),
            isCertain: value.isCertain && operand.isCertain,
          };
  }
}

/** `%`, `%%`, `#`, `##`: the shortest or longest match of a pattern taken from the end or the start. */
function trimmed(text: ByteString, operator: string, pattern: ByteString): ByteString {
  const regex = new RegExp(`^(?:${globSource(pattern)})$`, "s");
  const lengths = [...Array(text.length + 1).keys()];
  if (operator.length === 2) lengths.reverse();
  for (const length of lengths) {
    const part = operator.startsWith("%") ? text.slice(text.length - length) : text.slice(0, length);
    if (!regex.test(part)) continue;
    return operator.startsWith("%") ? text.slice(0, text.length - length) : text.slice(length);
  }
  return text;
}

function globSource(pattern: ByteString): string {
  return pattern.replace(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length > 1) return part.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
    return literal(part);
  });
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
