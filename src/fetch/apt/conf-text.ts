/**
 * The text of apt.conf as statements: words, quotes, scopes and the three kinds of comment.
 *
 * Quotes never span lines, statements may; a comment inside a word leaves one word, as apt takes comments out
 * of a line before it looks at words.
 */
import { CopseError } from "#base";

export interface AptConfSource {
  readonly name: string;
  readonly text: string;
}

export type Statement =
  | { readonly kind: "open" | "value"; readonly words: readonly Word[]; readonly line: number }
  | { readonly kind: "close" };

/** Throws `apt-config-invalid`. */
export function* statements(source: AptConfSource): Generator<Statement> {
  let words: Word[] = [];
  let inComment = false;
  let lineNumber = 0;
  for (const line of source.text.split("\n")) {
    lineNumber++;
    const scan: Scan = { line, at: 0, inComment };
    for (;;) {
      const token = nextToken(scan);
      if (token === undefined) break;
      if (token.kind === "word") words.push(token);
      else if (token.kind === "broken") throw invalidConf(source, lineNumber, "Quotation mark is not closed");
      else {
        const pending = words;
        words = [];
        if (token.kind === "{") yield { kind: "open", words: pending, line: lineNumber };
        else if (pending.length > 0) yield { kind: "value", words: pending, line: lineNumber };
        if (token.kind === "}") yield { kind: "close" };
      }
    }
    inComment = scan.inComment;
  }
  if (words.length > 0) throw invalidConf(source, lineNumber, "Statement is not ended by `;`");
}

export interface Word {
  readonly kind: "word";
  readonly text: string;
  readonly isQuoted: boolean;
}

type Token = Word | { readonly kind: "{" | "}" | ";" | "broken" };

interface Scan {
  readonly line: string;
  at: number;
  inComment: boolean;
}

function nextToken(scan: Scan): Token | undefined {
  const { line } = scan;
  if (!skipBlank(scan)) return undefined;
  const char = line[scan.at];
  if (char === "{" || char === "}" || char === ";") {
    scan.at++;
    return { kind: char };
  }
  const isQuoted = char === '"';
  let text = "";
  // A word may have quoted stretches inside it: `Acquire::Languages::"none"`.
  while (scan.at < line.length) {
    const unit = line[scan.at] as string;
    if (unit === '"') {
      const end = line.indexOf('"', scan.at + 1);
      if (end < 0) return { kind: "broken" };
      text += line.slice(scan.at + 1, end);
      scan.at = end + 1;
    } else if (line.startsWith("/*", scan.at) && line.includes("*/", scan.at + 2)) {
      // A comment inside a word leaves one word: apt takes comments out of the line first.
      scan.at = line.indexOf("*/", scan.at + 2) + 2;
    } else if (/[\s{};]/.test(unit) || startsComment(line, scan.at)) break;
    else {
      text += unit;
      scan.at++;
    }
  }
  return { kind: "word", text, isQuoted };
}

/** Moves over blanks and comments; false at the end of the line. */
function skipBlank(scan: Scan): boolean {
  const { line } = scan;
  while (scan.inComment || scan.at < line.length) {
    if (scan.inComment) {
      const end = line.indexOf("*/", scan.at);
      if (end < 0) return false;
      scan.at = end + 2;
      scan.inComment = false;
    } else if (/\s/.test(line[scan.at] as string)) scan.at++;
    else if (line.startsWith("/*", scan.at)) {
      scan.at += 2;
      scan.inComment = true;
    } else return !startsComment(line, scan.at);
  }
  return false;
}

const directives = /^#(?:clear|include|x-apt-configure-index)/;

function startsComment(line: string, at: number): boolean {
  if (line[at] === "#") return !directives.test(line.slice(at, at + 24));
  return line.startsWith("//", at) || line.startsWith("/*", at);
}

/** `line` is counted from 1. */
export function invalidConf(source: AptConfSource, line: number, message: string): CopseError {
  return new CopseError("apt-config-invalid", `${message}, in \`${source.name}:${line}\``);
}
