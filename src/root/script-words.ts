/**
 * Reads the commands of a maintainer script without running it.
 *
 * What copse wants from a `postinst` are a few declarative calls (`update-alternatives --install …`,
 * `dpkg-divert …`, `ucf …`). This is a reader for the part of the POSIX shell that they are written in: quoting,
 * comments, line continuation, variables with a known value, `for` loops over words, functions with arguments.
 * Conditions are not decided: every branch counts, and what it names must exist in the packages to have an
 * effect. What only a real shell could know (`$(…)`, unknown variables) makes a word unknown.
 */
import type { ByteString } from "#base";

/** A word of a command; undefined where its value cannot be known from the text. */
export type ScriptWord = ByteString | undefined;

/** A piece of a word: literal text, or a variable to be put in. */
type Piece =
  | { readonly kind: "text"; readonly text: string; readonly isQuoted: boolean }
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly otherwise: string | undefined;
      readonly isQuoted: boolean;
    }
  | { readonly kind: "unknown" };

export type ScriptToken =
  | { readonly kind: "word"; readonly pieces: readonly Piece[] }
  | { readonly kind: "operator"; readonly text: string };

const OPERATORS = ["&&", "||", ";;", "<<-", "<<", ">>", ">&", "<&", ";", "&", "|", "(", ")", "<", ">", "\n"];

/** Splits a script into words and operators. Never throws: what is not understood is an unknown word. */
export function tokenizeScript(script: ByteString): ScriptToken[] {
  return new Tokenizer(script).run();
}

class Tokenizer {
  readonly #text: string;
  readonly #tokens: ScriptToken[] = [];
  /** Ends of here-documents whose bodies begin behind the next newline. */
  #pendingHereDocuments: { readonly end: string; readonly isIndented: boolean }[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): ScriptToken[] {
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at]!;
      if (char === " " || char === "\t" || char === "\r") this.#at++;
      else if (this.#text.startsWith("\\\n", this.#at)) this.#at += 2;
      else if (char === "#") this.#at = this.#lineEnd(this.#at);
      else this.#readOperator() || this.#readWord();
    }
    return this.#tokens;
  }

  #readOperator(): boolean {
    const text = OPERATORS.find((operator) => this.#text.startsWith(operator, this.#at));
    if (text === undefined) return false;
    this.#at += text.length;
    if (text === "<<" || text === "<<-") this.#beginHereDocument(text === "<<-");
    else this.#tokens.push({ kind: "operator", text });
    if (text === "\n") this.#skipHereDocuments();
    return true;
  }

  #beginHereDocument(isIndented: boolean): void {
    const match = /[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|([^ \t\n;&|()<>]+))/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text);
    if (!found) return;
    this.#at = match.lastIndex;
    const end = (found[1] ?? found[2] ?? found[3] ?? "").replaceAll("\\", "");
    this.#pendingHereDocuments.push({ end, isIndented });
  }

  #skipHereDocuments(): void {
    for (const { end, isIndented } of this.#pendingHereDocuments) {
      while (this.#at < this.#text.length) {
        const lineEnd = this.#lineEnd(this.#at);
        const line = this.#text.slice(this.#at, lineEnd);
        this.#at = lineEnd + 1;
        if ((isIndented ? line.replace(/^\t+/, "") : line) === end) break;
      }
    }
    this.#pendingHereDocuments = [];
  }

  #readWord(): void {
    const pieces: Piece[] = [];
    let literal = "";
    const flush = () => {
      if (literal !== "") pieces.push({ kind: "text", text: literal, isQuoted: false });
      literal = "";
    };
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at]!;
      if (" \t\n\r;&|()<>".includes(char)) break;
      if (char === "\\") {
        const escaped = this.#text[this.#at + 1] ?? "";
        this.#at += 2;
        if (escaped === "\n") continue;
        flush();
        pieces.push({ kind: "text", text: escaped, isQuoted: true });
      } else if (char === "'") {
        flush();
        const end = this.#endOf("'", this.#at + 1);
        pieces.push({ kind: "text", text: this.#text.slice(this.#at + 1, end), isQuoted: true });
        this.#at = end + 1;
      } else if (char === '"') {
        flush();
        this.#readDoubleQuoted(pieces);
      } else if (char === "$" || char === "`") {
        flush();
        pieces.push(this.#readExpansion(false));
      } else {
        literal += char;
        this.#at++;
      }
    }
    // `2>`: the number of what is redirected is no word.
    const isNumber = pieces.length === 0 && /^[0-9]+$/.test(literal);
    if (isNumber && "<>".includes(this.#text[this.#at] ?? " ")) return;
    flush();
    this.#tokens.push({ kind: "word", pieces });
  }

  #readDoubleQuoted(pieces: Piece[]): void {
    let literal = "";
    const flush = () => {
      pieces.push({ kind: "text", text: literal, isQuoted: true });
      literal = "";
    };
    this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      const char = this.#text[this.#at]!;
      if (char === "\\" && '$`"\\'.includes(this.#text[this.#at + 1] ?? "")) {
        literal += this.#text[this.#at + 1];
        this.#at += 2;
      } else if (this.#text.startsWith("\\\n", this.#at)) {
        this.#at += 2;
      } else if (char === "$" || char === "`") {
        flush();
        pieces.push(this.#readExpansion(true));
      } else {
        literal += char;
        this.#at++;
      }
    }
    this.#at++;
    flush();
  }

  #readExpansion(isQuoted: boolean): Piece {
    const start = this.#at;
    const simple =
      /\$([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!$-])|\$\{([A-Za-z_][A-Za-z0-9_]*|[0-9])(?::?-([^}$`"']*))?\}/y;
    simple.lastIndex = start;
    const found = simple.exec(this.#text);
    if (found) {
      this.#at = simple.lastIndex;
      return { kind: "variable", name: found[1] ?? found[2] ?? "", otherwise: found[3], isQuoted };
    }
    if (this.#text[start] === "`") this.#at = this.#endOf("`", start + 1) + 1;
    else if (this.#text[start + 1] === "(") this.#at = this.#endOfNested(start + 1, "()");
    else if (this.#text[start + 1] === "{") this.#at = this.#endOfNested(start + 1, "{}");
    else {
      this.#at++;
      return { kind: "text", text: "$", isQuoted };
    }
    return { kind: "unknown" };
  }

  #endOfNested(start: number, brackets: string): number {
    let depth = 0;
    for (let at = start; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === "\\") at++;
      else if (char === "'") at = this.#endOf("'", at + 1);
      else if (char === brackets[0]) depth++;
      else if (char === brackets[1] && --depth === 0) return at + 1;
    }
    return this.#text.length;
  }

  #endOf(quote: string, from: number): number {
    const end = this.#text.indexOf(quote, from);
    return end < 0 ? this.#text.length : end;
  }

  #lineEnd(from: number): number {
    return this.#endOf("\n", from);
  }
}

/**
 * Puts variables into a word. An unquoted variable may stand for several words or none, so that the answer is a
 * list; a word that cannot be known is undefined in it.
 */
export function expandWord(
  token: ScriptToken & { readonly kind: "word" },
  variable: (name: string) => ScriptWord,
): ScriptWord[] {
  const words: string[] = [];
  let current: string | undefined;
  for (const piece of token.pieces) {
    if (piece.kind === "unknown") return [undefined];
    if (piece.kind === "text") {
      current = (current ?? "") + piece.text;
      continue;
    }
    const value = variable(piece.name) || piece.otherwise || variable(piece.name);
    if (value === undefined) return [undefined];
    if (piece.isQuoted) {
      current = (current ?? "") + value;
      continue;
    }
    const fields = value.split(/[ \t\n]+/);
    current = fields.length === 1 && fields[0] === "" ? current : (current ?? "") + fields[0];
    for (const field of fields.slice(1)) {
      if (current !== undefined && current !== "") words.push(current);
      current = field;
    }
  }
  if (current !== undefined) words.push(current);
  return words;
}

/** The text of a word that has no expansions in it, for keywords and names. */
export function plainWord(token: ScriptToken | undefined): string | undefined {
  if (token?.kind !== "word") return undefined;
  let text = "";
  for (const piece of token.pieces) {
    if (piece.kind !== "text" || piece.isQuoted) return undefined;
    text += piece.text;
  }
  return text;
}
