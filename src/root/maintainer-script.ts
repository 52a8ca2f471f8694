/**
 * The calls that a maintainer script would make, as far as its text tells: see `script-words.ts` for what of
 * the shell is understood. Calls inside functions are those of the function's callers, loops over known words
 * are gone through, conditions are taken both ways.
 */
import type { ByteString } from "#base";
import { expandWord, plainWord, type ScriptToken, type ScriptWord, tokenizeScript } from "./script-words.ts";

/** A call: the program's name first. */
export type ScriptCall = readonly ScriptWord[];

const MAX_STEPS = 20_000;
const MAX_DEPTH = 16;
/** Words that may stand before a command without being one. */
const PREFIXES = new Set([
  "if",
  "then",
  "else",
  "elif",
  "fi",
  "do",
  "done",
  "while",
  "until",
  "!",
  "{",
  "}",
  "esac",
]);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/**
 * The calls of the programs in `programs`, in order, for a run as `<script> configure`. A call with words that
 * cannot be known has undefined in their place.
 */
export function callsInScript(script: ByteString, programs: ReadonlySet<string>): ScriptCall[] {
  const reader = new ScriptReader(programs);
  reader.run(tokenizeScript(script), ["configure", ""], 0);
  return reader.calls;
}

class ScriptReader {
  readonly calls: ScriptCall[] = [];
  readonly #programs: ReadonlySet<string>;
  readonly #variables = new Map<string, ScriptWord>([
    ["DPKG_ROOT", ""],
    ["DPKG_MAINTSCRIPT_NAME", "postinst"],
  ]);
  readonly #functions = new Map<string, readonly ScriptToken[]>();
  #steps = 0;

  constructor(programs: ReadonlySet<string>) {
    this.#programs = programs;
  }

  run(tokens: readonly ScriptToken[], args: readonly ScriptWord[], depth: number): void {
    for (let at = 0; at < tokens.length; ) {
      if (++this.#steps > MAX_STEPS) return;
      const defined = this.#functionAt(tokens, at);
      if (defined) {
        this.#functions.set(defined.name, defined.body);
        at = defined.end;
      } else if (PREFIXES.has(plainWord(tokens[at]) ?? "")) {
        at++;
      } else if (plainWord(tokens[at]) === "for") {
        at = this.#runLoop(tokens, { at, args, depth });
      } else {
        const end = commandEnd(tokens, at);
        // `pattern)` and the words between `case` and `in` are no commands.
        if (!isOperator(tokens[end], ")")) this.#runCommand(tokens.slice(at, end), args, depth);
        at = end + 1;
      }
    }
  }

  #runCommand(tokens: readonly ScriptToken[], args: readonly ScriptWord[], depth: number): void {
    const variable = (name: string) => this.#valueOf(name, args);
    const words: ScriptWord[] = [];
    let isRedirected = false;
    for (const token of tokens) {
      if (token.kind === "operator") {
        isRedirected = true;
        continue;
      }
      if (isRedirected) {
        isRedirected = false;
        continue;
      }
      const expanded = isAllArguments(token) ? args : expandWord(token, variable);
      if (words.length === 0 && this.#assign(token, expanded)) continue;
      words.push(...expanded);
    }
    const [program] = words;
    if (program === undefined) return;
    if (program === "local" || program === "export" || program === "readonly") {
      for (const token of tokens.slice(1))
        if (token.kind === "word") this.#assign(token, expandWord(token, variable));
      return;
    }
    if (program === "unset") {
      for (const name of words.slice(1)) if (name !== undefined) this.#variables.set(name, "");
      return;
    }
    const body = this.#functions.get(program);
    if (body && depth < MAX_DEPTH) this.run(body, words.slice(1), depth + 1);
    else if (this.#programs.has(program)) this.calls.push(words);
  }

  /** Takes `NAME=value`; false where the word is none. */
  #assign(token: ScriptToken & { readonly kind: "word" }, expanded: readonly ScriptWord[]): boolean {
    const [first] = token.pieces;
    if (first?.kind !== "text" || first.isQuoted) return false;
    const name = ASSIGNMENT.exec(first.text)?.[1];
    if (name === undefined) return false;
    const isKnown = expanded.every((word) => word !== undefined);
    // As every branch counts, a value that only some branch would compute does not hide the known one:
    // openjdk's `priority=1711`, which for a foreign architecture becomes `$(expr $priority - 1)`.
    if (!isKnown) return true;
    // In an assignment the value is not split into words: what was split is joined again.
    this.#variables.set(name, expanded.join(" ").slice(name.length + 1));
    return true;
  }

  #runLoop(
    tokens: readonly ScriptToken[],
    from: { readonly at: number; readonly args: readonly ScriptWord[]; readonly depth: number },
  ): number {
    const { at, args, depth } = from;
    const name = plainWord(tokens[at + 1]);
    const headEnd = commandEnd(tokens, at);
    const bodyEnd = loopEnd(tokens, headEnd);
    const body = tokens.slice(headEnd, bodyEnd);
    const values = plainWord(tokens[at + 2]) === "in" ? tokens.slice(at + 3, headEnd) : [];
    for (const token of values) {
      if (name === undefined || token.kind !== "word") continue;
      for (const value of expandWord(token, (variable) => this.#valueOf(variable, args))) {
        this.#variables.set(name, value);
        this.run(body, args, depth);
      }
    }
    return bodyEnd + 1;
  }

  #functionAt(
    tokens: readonly ScriptToken[],
    at: number,
  ): { readonly name: string; readonly body: readonly ScriptToken[]; readonly end: number } | undefined {
    const name = plainWord(tokens[at]);
    if (name === undefined || !isOperator(tokens[at + 1], "(") || !isOperator(tokens[at + 2], ")"))
      return undefined;
    let start = at + 3;
    while (isOperator(tokens[start], "\n")) start++;
    const isBlock = plainWord(tokens[start]) === "{";
    if (!isBlock && !isOperator(tokens[start], "(")) return undefined;
    let depth = 0;
    for (let end = start; end < tokens.length; end++) {
      const token = tokens[end];
      const opens = isBlock ? plainWord(token) === "{" : isOperator(token, "(");
      const closes = isBlock ? plainWord(token) === "}" : isOperator(token, ")");
      if (opens) depth++;
      if (closes && --depth === 0) return { name, body: tokens.slice(start + 1, end), end: end + 1 };
    }
    return undefined;
  }

  #valueOf(name: string, args: readonly ScriptWord[]): ScriptWord {
    if (/^[1-9]$/.test(name)) return Number(name) <= args.length ? args[Number(name) - 1] : "";
    if (name === "@" || name === "*")
      return args.every((arg) => arg !== undefined) ? args.join(" ") : undefined;
    return this.#variables.get(name);
  }
}

const COMMAND_ENDS = new Set(["&&", "||", ";;", ";", "&", "|", "(", ")", "\n"]);

function commandEnd(tokens: readonly ScriptToken[], from: number): number {
  let end = from;
  while (end < tokens.length) {
    const token = tokens[end]!;
    if (token.kind === "operator" && COMMAND_ENDS.has(token.text)) break;
    end++;
  }
  return end;
}

/** The place of the `done` that belongs to a loop whose head ends at `from`. */
function loopEnd(tokens: readonly ScriptToken[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const word = plainWord(tokens[at]);
    if (word === "do") depth++;
    else if (word === "done" && --depth === 0) return at;
  }
  return tokens.length;
}

/** `"$@"`, the one word in quotes that is several. */
function isAllArguments(token: ScriptToken & { readonly kind: "word" }): boolean {
  const pieces = token.pieces.filter((piece) => piece.kind !== "text" || piece.text !== "");
  return (
    pieces.length === 1 && pieces[0]?.kind === "variable" && pieces[0].name === "@" && pieces[0].isQuoted
  );
}

function isOperator(token: ScriptToken | undefined, text: string): boolean {
  return token?.kind === "operator" && token.text === text;
}
