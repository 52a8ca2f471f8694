/** A recursive descent parser of the POSIX shell's commands: `shell-syntax.ts` has what comes out. */
import type { ByteString } from "#base";
import { ShellLexer, ShellSyntaxError } from "./shell-lexer.ts";
import type { Assignment, Command, Redirect, Word } from "./shell-syntax.ts";

/** Commands may nest, in brackets or in expansions; a script that goes on for ever must not. */
const MAX_NESTING = 60;
/** Where a command is expected, these end the list before them. */
const CLOSING = new Set(["then", "else", "elif", "fi", "do", "done", "esac", "}"]);

/** @throws ShellSyntaxError where the script is not of the part of the shell that is understood. */
export function parseShell(script: ByteString): Command {
  return parseNested(script, 0);
}

function parseNested(script: ByteString, nesting: number): Command {
  if (nesting > MAX_NESTING) throw new ShellSyntaxError("commands are nested too deeply");
  const lexer = new ShellLexer(script, (inner) => parseNested(inner, nesting + 1));
  const parser = new ShellParser(lexer, nesting);
  const list = parser.list();
  if (!lexer.isAtEnd) throw new ShellSyntaxError(`unexpected ${JSON.stringify(lexer.text[lexer.at])}`);
  return list;
}

class ShellParser {
  readonly #lexer: ShellLexer;
  #nesting: number;

  constructor(lexer: ShellLexer, nesting: number) {
    this.#lexer = lexer;
    this.#nesting = nesting;
  }

  list(): Command {
    if (++this.#nesting > MAX_NESTING) throw new ShellSyntaxError("commands are nested too deeply");
    const commands: Command[] = [];
    const lexer = this.#lexer;
    for (;;) {
      this.#skipNewlines();
      const operator = lexer.peekOperator();
      if (lexer.isAtEnd || operator === ")" || operator === ";;" || CLOSING.has(lexer.peekPlain())) break;
      commands.push(this.#andOr());
      // What runs in the background counts as if it ran here.
      if (!lexer.takeOperator(";") && !lexer.takeOperator("&") && !lexer.takeOperator("\n")) break;
    }
    this.#nesting--;
    return { kind: "list", commands };
  }

  #andOr(): Command {
    let left = this.#pipeline();
    for (;;) {
      const kind = this.#lexer.takeOperator("&&") ? "and" : this.#lexer.takeOperator("||") ? "or" : undefined;
      if (kind === undefined) return left;
      this.#skipNewlines();
      left = { kind, left, right: this.#pipeline() };
    }
  }

  #pipeline(): Command {
    const isNegated = this.#lexer.takePlain("!");
    const commands = [this.#command()];
    while (this.#lexer.takeOperator("|")) {
      this.#skipNewlines();
      commands.push(this.#command());
    }
    return commands.length === 1 && !isNegated ? commands[0]! : { kind: "pipeline", isNegated, commands };
  }

  #command(): Command {
    const compound = this.#compound();
    if (!compound) return this.#simple();
    const redirects = this.#redirects();
    return redirects.length === 0 ? compound : { kind: "redirected", body: compound, redirects };
  }

  #compound(): Command | undefined {
    const lexer = this.#lexer;
    if (lexer.takeOperator("(")) {
      const body = this.list();
      this.#expectOperator(")");
      return { kind: "subshell", body };
    }
    switch (lexer.peekPlain()) {
      case "{": {
        lexer.takePlain("{");
        const body = this.list();
        this.#expect("}");
        return body;
      }
      case "if":
        return this.#if();
      case "case":
        return this.#case();
      case "for":
        return this.#for();
      case "while":
      case "until":
        return this.#while();
      default:
        return this.#function();
    }
  }

  #if(): Command {
    const clauses: { condition: Command; body: Command }[] = [];
    this.#expect("if");
    do {
      const condition = this.list();
      this.#expect("then");
      clauses.push({ condition, body: this.list() });
    } while (this.#lexer.takePlain("elif"));
    const otherwise = this.#lexer.takePlain("else") ? this.list() : undefined;
    this.#expect("fi");
    return { kind: "if", clauses, otherwise };
  }

  #case(): Command {
    const lexer = this.#lexer;
    this.#expect("case");
    lexer.skipBlanks();
    const word = lexer.readWord();
    this.#skipNewlines();
    this.#expect("in");
    const branches: { patterns: Word[]; body: Command }[] = [];
    for (;;) {
      this.#skipNewlines();
      if (lexer.takePlain("esac")) break;
      lexer.takeOperator("(");
      const patterns: Word[] = [];
      do {
        lexer.skipBlanks();
        patterns.push(lexer.readWord());
      } while (lexer.takeOperator("|"));
      this.#expectOperator(")");
      branches.push({ patterns, body: this.list() });
      if (lexer.takeOperator(";;")) continue;
      this.#skipNewlines();
      this.#expect("esac");
      break;
    }
    return { kind: "case", word, branches };
  }

  #for(): Command {
    const lexer = this.#lexer;
    this.#expect("for");
    const name = lexer.peekPlain();
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new ShellSyntaxError("a loop has no name");
    lexer.takePlain(name);
    this.#skipNewlines();
    let values: Word[] | undefined;
    if (lexer.takePlain("in")) {
      values = [];
      for (lexer.skipBlanks(); lexer.peekOperator() === undefined && !lexer.isAtEnd; lexer.skipBlanks())
        values.push(lexer.readWord());
    }
    lexer.takeOperator(";");
    return { kind: "for", name, values, body: this.#doGroup() };
  }

  #while(): Command {
    const isUntil = this.#lexer.takePlain("until");
    if (!isUntil) this.#expect("while");
    const condition = this.list();
    return { kind: "while", isUntil, condition, body: this.#doGroup() };
  }

  #doGroup(): Command {
    this.#skipNewlines();
    this.#expect("do");
    const body = this.list();
    this.#expect("done");
    return body;
  }

  #function(): Command | undefined {
    const lexer = this.#lexer;
    lexer.skipBlanks();
    const head = /([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*\([ \t]*\)/y;
    head.lastIndex = lexer.at;
    const found = head.exec(lexer.text);
    if (!found) return undefined;
    lexer.at = head.lastIndex;
    this.#skipNewlines();
    const body = this.#command();
    return { kind: "function", name: found[1]!, body };
  }

  #simple(): Command {
    const lexer = this.#lexer;
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      lexer.skipBlanks();
      const redirect = lexer.readRedirect();
      if (redirect) {
        redirects.push(redirect);
        continue;
      }
      if (lexer.isAtEnd || lexer.peekOperator() !== undefined) break;
      const word = lexer.readWord();
      const assignment = words.length === 0 ? asAssignment(word) : undefined;
      if (assignment) assignments.push(assignment);
      else words.push(word);
    }
    if (assignments.length + words.length + redirects.length === 0)
      throw new ShellSyntaxError("a command is missing");
    return { kind: "simple", assignments, words, redirects };
  }

  #redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    for (let next = this.#lexer.readRedirect(); next; next = this.#lexer.readRedirect()) redirects.push(next);
    return redirects;
  }

  #skipNewlines(): void {
    while (this.#lexer.takeOperator("\n"));
  }

  #expect(word: string): void {
    if (!this.#lexer.takePlain(word)) throw new ShellSyntaxError(`${JSON.stringify(word)} is missing`);
  }

  #expectOperator(operator: string): void {
    if (!this.#lexer.takeOperator(operator))
      throw new ShellSyntaxError(`${JSON.stringify(operator)} is missing`);
  }
}

/** `NAME=value` as a word where assignments may stand, also as an argument of `export` and `local`. */
export function asAssignment(word: Word): Assignment | undefined {
  const [first, ...rest] = word;
  if (first?.kind !== "text" || first.isQuoted) return undefined;
  const found = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(first.text);
  if (!found) return undefined;
  const text = found[2]!;
  return { name: found[1]!, value: [...(text === "" ? [] : [{ ...first, text }]), ...rest] };
}
