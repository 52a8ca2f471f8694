/** What holds bindings: sets, `let`, `let { ... }`; and the names in them and in selections. */
import { CopseError } from "#base";
import type { AttrName, AttrSet, Expr } from "./ast.ts";
import { emptyBindings, type GrowingBindings } from "./bindings.ts";
import { startsAttrName } from "./operators.ts";
import type { Parser } from "./parser.ts";
import { parseString } from "./strings.ts";
import type { Expectation } from "./syntax-error.ts";
import { Token, type TokenKind } from "./token.ts";

const attrNameExpected = ["identifier", "'or'", "'${'", "'\"'"];
const afterAttrName = ["'.'", "'='"];

export function parseLet(parser: Parser): Expr {
  const { lexer } = parser;
  const { start } = lexer;
  lexer.advance();
  const bindings = parseBindings(parser, Token.inKeyword, { expected: ["'in'", "'inherit'"] });
  const body = parser.expression();
  if (bindings.dynamic.length > 0) {
    const [first] = bindings.dynamic;
    throw new CopseError("syntax-error", "dynamic attributes not allowed in let", {
      span: first === undefined ? parser.span(start, start + 3) : parser.span(first.start, first.name.end),
      hint: "a name that is computed can stand in `{ }`",
    });
  }
  return { kind: "let", start, end: body.end, bindings, body };
}

/** From the opening brace on; `start` is where `rec` or `let` stands. */
export function parseSet(parser: Parser, start: number, recursive: boolean): AttrSet {
  const opener = parser.lexer.start;
  parser.lexer.advance();
  const expected = recursive ? ["'inherit'", "'}'"] : ["'inherit'"];
  const bindings = parseBindings(parser, Token.closeBrace, { expected, opener });
  return { kind: "attrs", start, end: parser.lexer.previousEnd, recursive, bindings };
}

export function parseOldLet(parser: Parser): Expr {
  const { start } = parser.lexer;
  parser.lexer.advance();
  if (!parser.lexer.is(Token.openBrace)) throw parser.unexpected({ expected: ["'{'"] });
  const subject = parseSet(parser, start, true);
  const { end } = subject;
  return {
    kind: "select",
    start,
    end,
    subject,
    path: [{ kind: "static", name: "body", start, end }],
    fallback: undefined,
  };
}

/** To behind the token that closes them. */
function parseBindings(parser: Parser, close: TokenKind, expectation: Expectation): GrowingBindings {
  const { lexer } = parser;
  const bindings = emptyBindings();
  for (;;) {
    switch (lexer.kind) {
      case close:
        lexer.advance();
        return bindings;
      case Token.inheritKeyword:
        parseInherit(parser, bindings);
        break;
      case Token.identifier:
      case Token.orKeyword:
      case Token.quote:
      case Token.dollarBrace: {
        const path = parseAttrPath(parser);
        parser.expect(Token.assign, afterAttrName, expectation.opener);
        const value = parser.expression();
        parser.expect(Token.semicolon, ["';'"], expectation.opener);
        parser.merger.add(bindings, path, value);
        break;
      }
      default:
        throw parser.unexpected(expectation);
    }
  }
}

function parseInherit(parser: Parser, bindings: GrowingBindings): void {
  const { lexer } = parser;
  lexer.advance();
  let from: number | undefined;
  if (lexer.is(Token.openParen)) {
    const opener = lexer.start;
    lexer.advance();
    from = bindings.inheritFrom.length;
    bindings.inheritFrom.push(parser.expression());
    parser.expect(Token.closeParen, ["')'"], opener);
  }
  while (!lexer.is(Token.semicolon)) {
    if (startsAttrName[lexer.kind] === 0) throw parser.unexpected({ expected: [] });
    const name = parseAttrName(parser);
    if (name.kind === "dynamic") {
      throw new CopseError("syntax-error", "dynamic attributes not allowed in inherit", {
        span: parser.span(name.start, name.end),
      });
    }
    parser.merger.inherit(bindings, { name: name.name, start: name.start }, name.end, from);
  }
  lexer.advance();
}

export function parseAttrPath(parser: Parser): AttrName[] {
  const path = [parseAttrName(parser)];
  while (parser.lexer.is(Token.dot)) {
    parser.lexer.advance();
    path.push(parseAttrName(parser));
  }
  return path;
}

function parseAttrName(parser: Parser): AttrName {
  const { lexer } = parser;
  const { start } = lexer;
  switch (lexer.kind) {
    case Token.identifier:
    case Token.orKeyword: {
      const name = lexer.word;
      lexer.advance();
      return { kind: "static", start, end: lexer.previousEnd, name };
    }
    case Token.quote:
      return computedName(parser, parseString(parser), start);
    case Token.dollarBrace: {
      lexer.advance();
      const expr = parser.expression();
      parser.expect(Token.closeBrace, ["'}'"], start);
      return computedName(parser, expr, start);
    }
    default:
      throw parser.unexpected({ expected: attrNameExpected });
  }
}

function computedName(parser: Parser, expr: Expr, start: number): AttrName {
  const end = parser.lexer.previousEnd;
  if (expr.kind === "string" && !parser.joinedTexts.has(expr)) {
    return { kind: "static", start, end, name: expr.value };
  }
  return { kind: "dynamic", start, end, expr };
}
