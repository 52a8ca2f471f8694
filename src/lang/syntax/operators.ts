/** Which tokens are operators, and what begins what. Indexed by token kind. */
import type { BinaryOperator } from "./ast.ts";
import { Token } from "./token.ts";

/** Higher binds tighter; 0 is no operator. Unary minus binds tighter than all of them. */
export const precedences = new Uint8Array(64);
/** `!` stands between `//` and `+`. */
export const notPrecedence = 7;
/** Of the operators that take an expression on both sides: all but `?`. */
export const operators: (BinaryOperator | undefined)[] = new Array(64).fill(undefined);

for (const [kind, op, precedence] of [
  [Token.implies, "->", 1],
  [Token.orElse, "||", 2],
  [Token.and, "&&", 3],
  [Token.equal, "==", 4],
  [Token.notEqual, "!=", 4],
  [Token.less, "<", 5],
  [Token.greater, ">", 5],
  [Token.lessOrEqual, "<=", 5],
  [Token.greaterOrEqual, ">=", 5],
  [Token.update, "//", 6],
  [Token.plus, "+", 8],
  [Token.minus, "-", 8],
  [Token.times, "*", 9],
  [Token.divide, "/", 9],
  [Token.concat, "++", 10],
  [Token.question, undefined, 11],
] as const) {
  precedences[kind] = precedence;
  operators[kind] = op;
}

/** `==` and `!=`, `<` and its kin do not chain. */
export function isComparison(precedence: number): boolean {
  return precedence === 4 || precedence === 5;
}

export function isRightAssociative(op: BinaryOperator): boolean {
  return op === "->" || op === "//" || op === "++";
}

/** Tokens that begin an argument or a list item. */
export const startsOperand = new Uint8Array(64);
for (const kind of [
  Token.identifier,
  Token.integer,
  Token.float,
  Token.path,
  Token.homePath,
  Token.searchPath,
  Token.uri,
  Token.quote,
  Token.indentedOpen,
  Token.letKeyword,
  Token.recKeyword,
  Token.openBrace,
  Token.openParen,
  Token.openBracket,
] as const) {
  startsOperand[kind] = 1;
}

export const startsAttrName = new Uint8Array(64);
for (const kind of [Token.identifier, Token.orKeyword, Token.quote, Token.dollarBrace] as const) {
  startsAttrName[kind] = 1;
}
