/**
 * The grammar, by recursive descent; operators by precedence climbing.
 *
 * What surprises: parentheses leave no trace, so `(f a) b` is one call; `or` is a keyword only behind an attribute
 * path and otherwise an argument that has no space for arguments of its own (`f or x` is `(f or) x`); `-` binds
 * tighter than anything and `!` looser than arithmetic, wherever they stand; functions, `let`, `if`, `with` and
 * `assert` are no operands; `let { ...; body = e; }` is `(rec { ... }).body`.
 */
import type { ByteString, CopseError, Source, Span } from "#base";
import type { Binary, BinaryOperator, Expr } from "./ast.ts";
import { BindingsMerger } from "./bindings.ts";
import { AT, COLON, OPEN_BRACE } from "./characters.ts";
import { parseFormalsLambda, parseNamedLambda } from "./functions.ts";
import { Lexer } from "./lexer.ts";
import { parseFloatLiteral, parseIntLiteral } from "./numbers.ts";
import {
  isComparison,
  isRightAssociative,
  notPrecedence,
  operators,
  precedences,
  startsOperand,
} from "./operators.ts";
import { parseAttrPath, parseLet, parseOldLet, parseSet } from "./sets.ts";
import { parseIndentedString, parsePath, parseString } from "./strings.ts";
import { type Expectation, unexpectedToken } from "./syntax-error.ts";
import { Token, type TokenKind } from "./token.ts";

export interface ParseOptions {
  /** Relative paths are relative to it. Absolute. */
  readonly baseDir: ByteString;
  /** What `~` stands for; undefined where that is not allowed, as in pure evaluation. */
  readonly home: ByteString | undefined;
  /** Allows `|>` and `<|`. */
  readonly pipeOperators?: boolean;
  /**
   * Leaves the texts of an indented string apart where escapes divide it. The meaning is the same, but
   * `nix-instantiate --parse` shows them so.
   */
  readonly separateTexts?: boolean;
}

export class Parser {
  readonly lexer: Lexer;
  readonly options: ParseOptions;
  /** Literals that were several texts: Nix takes `${''a'''b''}` for a dynamic name although nothing in it is. */
  readonly joinedTexts = new Set<Expr>();
  readonly merger: BindingsMerger;

  constructor(source: Source, options: ParseOptions) {
    this.lexer = new Lexer(source, { pipeOperators: options.pipeOperators ?? false });
    this.options = options;
    this.merger = new BindingsMerger(this);
  }

  file(): Expr {
    this.lexer.advance();
    const expr = this.expression();
    if (!this.lexer.is(Token.endOfFile)) throw this.unexpected({ expected: ["end of file"] });
    return expr;
  }

  span(start: number, end: number): Span {
    return { source: this.lexer.source, start, end };
  }

  expression(): Expr {
    const { lexer } = this;
    switch (lexer.kind) {
      case Token.identifier: {
        const next = lexer.peek();
        return next === COLON || next === AT ? parseNamedLambda(this) : this.#pipes();
      }
      case Token.openBrace:
        return lexer.peekFormals() ? parseFormalsLambda(this) : this.#pipes();
      case Token.letKeyword:
        return lexer.peek() === OPEN_BRACE ? this.#pipes() : parseLet(this);
      case Token.ifKeyword:
        return this.#if();
      case Token.withKeyword:
      case Token.assertKeyword:
        return this.#prelude(lexer.kind);
      default:
        return this.#pipes();
    }
  }

  unexpected(expectation?: Expectation): CopseError {
    return unexpectedToken(this.lexer, expectation);
  }

  expect(kind: TokenKind, expected: readonly string[], opener?: number): void {
    if (!this.lexer.is(kind)) {
      throw this.unexpected(opener === undefined ? { expected } : { expected, opener });
    }
    this.lexer.advance();
  }

  // Keywords

  #if(): Expr {
    const { start } = this.lexer;
    this.lexer.advance();
    const condition = this.expression();
    this.expect(Token.thenKeyword, ["'then'"]);
    const then = this.expression();
    this.expect(Token.elseKeyword, ["'else'"]);
    const otherwise = this.expression();
    return { kind: "if", start, end: otherwise.end, condition, then, otherwise };
  }

  /** `with a; body`, `assert a; body` */
  #prelude(kind: typeof Token.withKeyword | typeof Token.assertKeyword): Expr {
    const { start } = this.lexer;
    this.lexer.advance();
    const subject = this.expression();
    this.expect(Token.semicolon, ["';'"]);
    const body = this.expression();
    return kind === Token.withKeyword
      ? { kind: "with", start, end: body.end, subject, body }
      : { kind: "assert", start, end: body.end, condition: subject, body };
  }

  // Operators

  #pipes(): Expr {
    const { lexer } = this;
    const { start } = lexer;
    let left = this.#operation(1);
    if (lexer.is(Token.pipeFrom)) return this.#pipeFrom(left, start);
    while (lexer.is(Token.pipeInto)) {
      const operator = lexer.start;
      lexer.advance();
      left = binary("|>", { start, left, right: this.#operation(1), operator });
    }
    return left;
  }

  #pipeFrom(left: Expr, start: number): Expr {
    const { lexer } = this;
    const operator = lexer.start;
    lexer.advance();
    const rightStart = lexer.start;
    const operand = this.#operation(1);
    const right = lexer.is(Token.pipeFrom) ? this.#pipeFrom(operand, rightStart) : operand;
    return binary("<|", { start, left, right, operator });
  }

  /** Operators that bind at least as tightly as `least`. */
  #operation(least: number): Expr {
    const { lexer } = this;
    const { start } = lexer;
    let left = this.#prefixed();
    for (;;) {
      const { kind } = lexer;
      const precedence = precedences[kind] as number;
      if (precedence < least) return left;
      const operator = lexer.start;
      lexer.advance();
      if (kind === Token.question) {
        const path = parseAttrPath(this);
        left = { kind: "has-attr", start, end: lexer.previousEnd, subject: left, path };
        continue;
      }
      const op = operators[kind] as BinaryOperator;
      const right = this.#operation(isRightAssociative(op) ? precedence : precedence + 1);
      left = binary(op, { start, left, right, operator });
      if (isComparison(precedence) && precedences[lexer.kind] === precedence) {
        throw this.unexpected({ hint: "comparisons do not chain: join them with `&&`" });
      }
    }
  }

  #prefixed(): Expr {
    const { lexer } = this;
    const { start } = lexer;
    if (lexer.is(Token.not)) {
      lexer.advance();
      const operand = this.#operation(notPrecedence + 1);
      return { kind: "not", start, end: operand.end, operand };
    }
    if (lexer.is(Token.minus)) {
      lexer.advance();
      const operand = this.#prefixed();
      return { kind: "negate", start, end: operand.end, operand, rebound: undefined };
    }
    return this.#application();
  }

  #application(): Expr {
    const { lexer } = this;
    const { start } = lexer;
    const fn = this.#selection();
    if (startsOperand[lexer.kind] === 0) return fn;
    const args: Expr[] = fn.kind === "apply" ? [...fn.args] : [];
    while (startsOperand[lexer.kind] === 1) args.push(this.#selection());
    const { end } = args[args.length - 1] as Expr;
    return fn.kind === "apply"
      ? { kind: "apply", start: fn.start, end, fn: fn.fn, args }
      : { kind: "apply", start, end, fn, args };
  }

  #selection(): Expr {
    const { lexer } = this;
    const { start } = lexer;
    const subject = this.#simple();
    if (lexer.is(Token.dot)) {
      lexer.advance();
      const path = parseAttrPath(this);
      let end = lexer.previousEnd;
      let fallback: Expr | undefined;
      if (lexer.is(Token.orKeyword)) {
        lexer.advance();
        fallback = this.#selection();
        end = fallback.end;
      }
      return { kind: "select", start, end, subject, path, fallback };
    }
    if (!lexer.is(Token.orKeyword)) return subject;
    const or: Expr = { kind: "var", start: lexer.start, end: lexer.end, name: "or", ref: undefined };
    lexer.advance();
    return { kind: "apply", start, end: or.end, fn: subject, args: [or] };
  }

  #simple(): Expr {
    const { lexer } = this;
    const { start, end } = lexer;
    switch (lexer.kind) {
      case Token.identifier: {
        const name = lexer.word;
        lexer.advance();
        if (name === "__curPos") return { kind: "current-position", start, end };
        return { kind: "var", start, end, name, ref: undefined };
      }
      case Token.quote:
        return parseString(this);
      case Token.indentedOpen:
        return parseIndentedString(this);
      case Token.path:
      case Token.homePath:
        return parsePath(this);
      case Token.openParen: {
        lexer.advance();
        const expr = this.expression();
        this.expect(Token.closeParen, ["')'"], start);
        return expr;
      }
      case Token.openBracket:
        return this.#list();
      case Token.openBrace:
        return parseSet(this, start, false);
      case Token.recKeyword:
        lexer.advance();
        if (!lexer.is(Token.openBrace)) throw this.unexpected({ expected: ["'{'"] });
        return parseSet(this, start, true);
      case Token.letKeyword:
        return parseOldLet(this);
      default:
        return this.#atom();
    }
  }

  #atom(): Expr {
    const { lexer } = this;
    const { start, end } = lexer;
    const written = lexer.text.slice(start, end);
    switch (lexer.kind) {
      case Token.integer: {
        const value = parseIntLiteral(written, () => this.span(start, end));
        lexer.advance();
        return { kind: "int", start, end, value };
      }
      case Token.float: {
        const value = parseFloatLiteral(written, () => this.span(start, end));
        lexer.advance();
        return { kind: "float", start, end, value };
      }
      case Token.searchPath:
        lexer.advance();
        return { kind: "search-path", start, end, value: written.slice(1, -1), rebound: undefined };
      case Token.uri:
        lexer.advance();
        return { kind: "string", start, end, value: written };
      default:
        throw this.unexpected();
    }
  }

  #list(): Expr {
    const { lexer } = this;
    const { start } = lexer;
    lexer.advance();
    const items: Expr[] = [];
    while (startsOperand[lexer.kind] === 1) items.push(this.#selection());
    if (!lexer.is(Token.closeBracket)) throw this.unexpected({ opener: start });
    lexer.advance();
    return { kind: "list", start, end: lexer.previousEnd, items };
  }
}

function binary(
  op: BinaryOperator,
  { start, left, right, operator }: { start: number; left: Expr; right: Expr; operator: number },
): Binary {
  return { kind: "binary", start, end: right.end, op, left, right, operator, rebound: undefined };
}
