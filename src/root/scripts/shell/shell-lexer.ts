/**
 * Characters of a shell script to words and operators. Where a word ends depends on what quotes and expansions
 * stand in it, so that the lexer reads words in whole, with the scripts that `$(…)` holds parsed by whoever uses it.
 */
import type { ByteString } from "#base";
import type { Command, Redirect, Word, WordPiece } from "./shell-syntax.ts";

/** A script, or a piece of one, that is not of the part of the shell that is understood. */
export class ShellSyntaxError extends Error {}

const BLANK = /[ \t\r]/;
/** Characters that end a word. */
const META = " \t\r\n;&|()<>";
const OPERATORS = ["&&", "||", ";;", ";", "&", "|", "(", ")", "\n"] as const;
const REDIRECTS = ["<<-", "<<", ">>", ">&", "<&", ">|", "<>", ">", "<"] as const;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const EXPANSION_OPERATOR = /:?[-+=?]|%%?|##?/y;

interface AwaitedDocument {
  readonly end: string;
  readonly isIndented: boolean;
  /** Whether nothing in it is expanded. */
  readonly isQuoted: boolean;
  readonly redirect: { document?: ByteString };
}

export class ShellLexer {
  readonly text: ByteString;
  at = 0;
  readonly #parseScript: (text: ByteString) => Command;
  /** Here-documents whose bodies begin behind the next newline. */
  #awaited: AwaitedDocument[] = [];

  constructor(text: ByteString, parseScript: (text: ByteString) => Command) {
    this.text = text;
    this.#parseScript = parseScript;
  }

  get isAtEnd(): boolean {
    this.skipBlanks();
    return this.at >= this.text.length;
  }

  /** Over blanks, comments and continued lines. */
  skipBlanks(): void {
    while (this.at < this.text.length) {
      if (BLANK.test(this.text[this.at]!)) this.at++;
      else if (this.text.startsWith("\\\n", this.at)) this.at += 2;
      else if (this.text[this.at] === "#") this.at = this.#indexOrEnd("\n", this.at);
      else return;
    }
  }

  /** The operator that comes next, if one does. */
  peekOperator(): string | undefined {
    this.skipBlanks();
    return OPERATORS.find((operator) => this.text.startsWith(operator, this.at));
  }

  takeOperator(wanted: string): boolean {
    if (this.peekOperator() !== wanted) return false;
    this.at += wanted.length;
    if (wanted === "\n") this.#skipHereDocuments();
    return true;
  }

  /** The plain word that comes next, without taking it: keywords are such, where a command begins. */
  peekPlain(): string {
    this.skipBlanks();
    const found = /[^ \t\r\n;&|()<>'"\\$`]+/y;
    found.lastIndex = this.at;
    const word = found.exec(this.text)?.[0] ?? "";
    const next = this.text[this.at + word.length];
    return next === undefined || META.includes(next) ? word : "";
  }

  takePlain(word: string): boolean {
    if (this.peekPlain() !== word) return false;
    this.at += word.length;
    return true;
  }

  /** A redirection, with the number before it. */
  readRedirect(): Redirect | undefined {
    this.skipBlanks();
    const number = /[0-9]*(?=[<>])/y;
    number.lastIndex = this.at;
    const digits = number.exec(this.text)?.[0];
    if (digits === undefined) return undefined;
    const start = this.at + digits.length;
    const operator = REDIRECTS.find((each) => this.text.startsWith(each, start))!;
    this.at = start + operator.length;
    this.skipBlanks();
    const target = this.readWord();
    if (!operator.startsWith("<<")) return { operator, target };
    const end = target.map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
    const redirect: Redirect & { document?: ByteString } = { operator: "<<", target };
    const isQuoted = target.some((piece) => piece.kind === "text" && piece.isQuoted);
    this.#awaited.push({ end, isIndented: operator === "<<-", isQuoted, redirect });
    return redirect;
  }

  /** A word of at least one character. @throws ShellSyntaxError where there is none. */
  readWord(): Word {
    const start = this.at;
    const pieces = this.#readPieces((char) => META.includes(char));
    if (this.at === start) throw new ShellSyntaxError("a word is missing");
    return pieces;
  }

  /** Unquoted text with expansions, up to a character that ends it. */
  #readPieces(isEnd: (char: string) => boolean): WordPiece[] {
    const pieces: WordPiece[] = [];
    let literal = "";
    const flush = () => {
      if (literal !== "") pieces.push({ kind: "text", text: literal, isQuoted: false });
      literal = "";
    };
    while (this.at < this.text.length) {
      const char = this.text[this.at]!;
      if (isEnd(char)) break;
      if (char === "\\") {
        const escaped = this.text[this.at + 1] ?? "";
        this.at += 2;
        if (escaped === "\n") continue;
        flush();
        pieces.push({ kind: "text", text: escaped, isQuoted: true });
      } else if (char === "'") {
        flush();
        const end = this.#indexOf("'", this.at + 1);
        pieces.push({ kind: "text", text: this.text.slice(this.at + 1, end), isQuoted: true });
        this.at = end + 1;
      } else if (char === '"') {
        flush();
        this.#readDoubleQuoted(pieces);
      } else if (char === "$" || char === "`") {
        flush();
        pieces.push(this.#readExpansion(false));
      } else {
        literal += char;
        this.at++;
      }
    }
    flush();
    return pieces;
  }

  #readDoubleQuoted(pieces: WordPiece[]): void {
    let literal = "";
    const flush = () => {
      pieces.push({ kind: "text", text: literal, isQuoted: true });
      literal = "";
    };
    this.at++;
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) throw new ShellSyntaxError("a quote is not closed");
      if (char === '"') break;
      if (char === "\\" && '$`"\\'.includes(this.text[this.at + 1] ?? " ")) {
        literal += this.text[this.at + 1];
        this.at += 2;
      } else if (this.text.startsWith("\\\n", this.at)) {
        this.at += 2;
      } else if (char === "$" || char === "`") {
        flush();
        pieces.push(this.#readExpansion(true));
      } else {
        literal += char;
        this.at++;
      }
    }
    this.at++;
    flush();
  }

  #readExpansion(isQuoted: boolean): WordPiece {
    if (this.text[this.at] === "`") return this.#readBackquoted(isQuoted);
    const next = this.text[this.at + 1] ?? "";
    if (this.text.startsWith("$((", this.at)) {
      this.at = this.#endOfNested(this.at + 1);
      return { kind: "unknown" };
    }
    if (next === "(") {
      const end = this.#endOfNested(this.at + 1);
      const body = this.#parseScript(this.text.slice(this.at + 2, end - 1));
      this.at = end;
      return { kind: "output", body, isQuoted };
    }
    if (next === "{") return this.#readBraced(isQuoted);
    const simple = /\$([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!$-])/y;
    simple.lastIndex = this.at;
    const name = simple.exec(this.text)?.[1];
    if (name === undefined) {
      this.at++;
      return { kind: "text", text: "$", isQuoted };
    }
    this.at += name.length + 1;
    return { kind: "variable", name, isQuoted };
  }

  #readBackquoted(isQuoted: boolean): WordPiece {
    let inner = "";
    for (this.at++; this.text[this.at] !== "`"; this.at++) {
      const char = this.text[this.at];
      if (char === undefined) throw new ShellSyntaxError("a backquote is not closed");
      // Between double quotes, those that stand within the command are escaped too.
      const escaped = isQuoted ? '$`\\"' : "$`\\";
      if (char === "\\" && escaped.includes(this.text[this.at + 1] ?? " ")) this.at++;
      inner += this.text[this.at];
    }
    this.at++;
    return { kind: "output", body: this.#parseScript(inner), isQuoted };
  }

  #readBraced(isQuoted: boolean): WordPiece {
    this.at += 2;
    if (this.text[this.at] === "#" && this.text[this.at + 1] !== "}") {
      this.at = this.#indexOf("}", this.at) + 1;
      return { kind: "unknown" };
    }
    NAME.lastIndex = this.at;
    const name = NAME.exec(this.text)?.[0] ?? this.text[this.at] ?? "";
    this.at += name.length;
    if (this.text[this.at] === "}") {
      this.at++;
      return { kind: "variable", name, isQuoted };
    }
    EXPANSION_OPERATOR.lastIndex = this.at;
    const operator = EXPANSION_OPERATOR.exec(this.text)?.[0];
    if (operator === undefined) throw new ShellSyntaxError("an expansion is not of the POSIX shell");
    this.at += operator.length;
    const operand = this.#readPieces((char) => char === "}");
    if (this.text[this.at] !== "}") throw new ShellSyntaxError("a brace is not closed");
    this.at++;
    return { kind: "variable", name, operator, operand, isQuoted };
  }

  /** The place behind the bracket that closes the one at `start`. */
  #endOfNested(start: number): number {
    let depth = 0;
    for (let at = start; at < this.text.length; at++) {
      const char = this.text[at];
      if (char === "\\") at++;
      else if (char === "'") at = this.#indexOf("'", at + 1);
      else if (char === '"') at = this.#endOfQuoted(at);
      else if (char === "(") depth++;
      else if (char === ")" && --depth === 0) return at + 1;
    }
    throw new ShellSyntaxError("a bracket is not closed");
  }

  #endOfQuoted(start: number): number {
    for (let at = start + 1; at < this.text.length; at++) {
      if (this.text[at] === "\\") at++;
      else if (this.text.startsWith("$(", at)) at = this.#endOfNested(at + 1) - 1;
      else if (this.text[at] === '"') return at;
    }
    throw new ShellSyntaxError("a quote is not closed");
  }

  #skipHereDocuments(): void {
    for (const { end, isIndented, isQuoted, redirect } of this.#awaited.splice(0)) {
      let document = "";
      while (this.at < this.text.length) {
        const lineEnd = this.#indexOrEnd("\n", this.at);
        const whole = this.text.slice(this.at, lineEnd);
        const line = isIndented ? whole.replace(/^\t+/, "") : whole;
        this.at = lineEnd + 1;
        if (line === end) break;
        document += `${line}\n`;
      }
      if (isQuoted || !/[$`\\]/.test(document)) redirect.document = document;
    }
  }

  #indexOf(text: string, from: number): number {
    const found = this.text.indexOf(text, from);
    if (found < 0) throw new ShellSyntaxError(`${JSON.stringify(text)} is missing`);
    return found;
  }

  #indexOrEnd(text: string, from: number): number {
    const found = this.text.indexOf(text, from);
    return found < 0 ? this.text.length : found;
  }
}
