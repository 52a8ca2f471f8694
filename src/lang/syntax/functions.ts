/**
 * Functions: `x: body`, `{ a, b ? 1, ... }: body`, and both with `@` in either order. A name that stands twice
 * among the formals and the `@` is an error.
 */
import { type ByteString, CopseError } from "#base";
import type { Binder, Expr, Formal, Formals, Lambda } from "./ast.ts";
import { setDoc } from "./bindings.ts";
import type { Parser } from "./parser.ts";
import { Token } from "./token.ts";

/** `x: body`, `x@{ ... }: body` */
export function parseNamedLambda(parser: Parser): Expr {
  const { lexer } = parser;
  const { start } = lexer;
  const param: Binder = { name: lexer.word, start };
  lexer.advance();
  if (lexer.is(Token.colon)) return parseBody(parser, start, param, undefined);
  lexer.advance();
  if (!lexer.is(Token.openBrace)) throw parser.unexpected({ expected: ["'{'"] });
  return parseBody(parser, start, param, parseFormals(parser));
}

/** `{ ... }: body`, `{ ... }@x: body` */
export function parseFormalsLambda(parser: Parser): Expr {
  const { lexer } = parser;
  const { start } = lexer;
  const formals = parseFormals(parser);
  let param: Binder | undefined;
  if (lexer.is(Token.at)) {
    lexer.advance();
    param = { name: lexer.word, start: lexer.start };
    parser.expect(Token.identifier, ["identifier"]);
  } else if (!lexer.is(Token.colon)) {
    throw parser.unexpected({ expected: ["':'", "'@'"] });
  }
  return parseBody(parser, start, param, formals);
}

function parseBody(
  parser: Parser,
  start: number,
  param: Binder | undefined,
  formals: Formals | undefined,
): Expr {
  const { lexer } = parser;
  parser.expect(Token.colon, ["':'"]);
  if (formals !== undefined) checkFormals(parser, formals, start, param);
  const doc = lexer.docs.size === 0 ? undefined : lexer.docs.get(start);
  const body = parser.expression();
  const lambda: Lambda = {
    kind: "lambda",
    start,
    end: body.end,
    param,
    formals,
    body,
    name: undefined,
    doc: undefined,
  };
  if (doc !== undefined) setDoc(lambda, doc);
  return lambda;
}

function parseFormals(parser: Parser): Formals {
  const { lexer } = parser;
  const opener = lexer.start;
  const list: Formal[] = [];
  let ellipsis = false;
  lexer.advance();
  while (!lexer.is(Token.closeBrace)) {
    if (lexer.is(Token.ellipsis)) {
      ellipsis = true;
      lexer.advance();
      if (!lexer.is(Token.closeBrace)) throw parser.unexpected({ expected: ["'}'"], opener });
      break;
    }
    if (!lexer.is(Token.identifier)) {
      throw parser.unexpected({ expected: ["identifier", "'...'", "'}'"], opener });
    }
    const binder: Binder = { name: lexer.word, start: lexer.start };
    lexer.advance();
    let fallback: Expr | undefined;
    if (lexer.is(Token.question)) {
      lexer.advance();
      fallback = parser.expression();
    }
    list.push({ binder, fallback });
    if (lexer.is(Token.comma)) lexer.advance();
    else if (!lexer.is(Token.closeBrace)) throw parser.unexpected({ expected: ["'}'", "','"], opener });
  }
  lexer.advance();
  return { list, ellipsis };
}

function checkFormals(parser: Parser, { list }: Formals, start: number, param: Binder | undefined): void {
  const seen = new Set<ByteString>();
  for (const { binder } of list) seen.add(binder.name);
  if (seen.size !== list.length) {
    for (let i = 0; i < list.length; i++) {
      const { name } = (list[i] as Formal).binder;
      const again = list.findIndex(({ binder }, j) => j > i && binder.name === name);
      if (again >= 0) duplicateFormal(parser, name, (list[again] as Formal).binder.start);
    }
  }
  if (param !== undefined && seen.has(param.name)) duplicateFormal(parser, param.name, start);
}

function duplicateFormal(parser: Parser, name: ByteString, start: number): never {
  throw new CopseError("duplicate-formal", `duplicate formal function argument '${name}'`, {
    span: parser.span(start, start + name.length),
  });
}
