/**
 * Kinds of tokens, as small integers: the parser's tables are indexed by them. The names are those that Nix
 * writes in its messages.
 */
export const Token = {
  endOfFile: 0,
  identifier: 1,
  integer: 2,
  float: 3,
  path: 4,
  homePath: 5,
  searchPath: 6,
  uri: 7,
  quote: 8,
  indentedOpen: 9,
  ifKeyword: 10,
  thenKeyword: 11,
  elseKeyword: 12,
  assertKeyword: 13,
  withKeyword: 14,
  letKeyword: 15,
  inKeyword: 16,
  recKeyword: 17,
  inheritKeyword: 18,
  orKeyword: 19,
  ellipsis: 20,
  equal: 21,
  notEqual: 22,
  lessOrEqual: 23,
  greaterOrEqual: 24,
  and: 25,
  orElse: 26,
  implies: 27,
  update: 28,
  concat: 29,
  pipeFrom: 30,
  pipeInto: 31,
  dollarBrace: 32,
  openBrace: 33,
  closeBrace: 34,
  openParen: 35,
  closeParen: 36,
  openBracket: 37,
  closeBracket: 38,
  semicolon: 39,
  colon: 40,
  comma: 41,
  at: 42,
  question: 43,
  dot: 44,
  assign: 45,
  not: 46,
  plus: 47,
  minus: 48,
  times: 49,
  divide: 50,
  less: 51,
  greater: 52,
  invalid: 53,
} as const;

export type TokenKind = (typeof Token)[keyof typeof Token];

const names: Readonly<Record<TokenKind, string>> = {
  [Token.endOfFile]: "end of file",
  [Token.identifier]: "identifier",
  [Token.integer]: "integer",
  [Token.float]: "floating-point literal",
  [Token.path]: "path",
  [Token.homePath]: "'~/…' path",
  [Token.searchPath]: "'<…>' path",
  [Token.uri]: "URI",
  [Token.quote]: "'\"'",
  [Token.indentedOpen]: "start of an indented string",
  [Token.ifKeyword]: "'if'",
  [Token.thenKeyword]: "'then'",
  [Token.elseKeyword]: "'else'",
  [Token.assertKeyword]: "'assert'",
  [Token.withKeyword]: "'with'",
  [Token.letKeyword]: "'let'",
  [Token.inKeyword]: "'in'",
  [Token.recKeyword]: "'rec'",
  [Token.inheritKeyword]: "'inherit'",
  [Token.orKeyword]: "'or'",
  [Token.ellipsis]: "'...'",
  [Token.equal]: "'=='",
  [Token.notEqual]: "'!='",
  [Token.lessOrEqual]: "'<='",
  [Token.greaterOrEqual]: "'>='",
  [Token.and]: "'&&'",
  [Token.orElse]: "'||'",
  [Token.implies]: "'->'",
  [Token.update]: "'//'",
  [Token.concat]: "'++'",
  [Token.pipeFrom]: "'<|'",
  [Token.pipeInto]: "'|>'",
  [Token.dollarBrace]: "'${'",
  [Token.openBrace]: "'{'",
  [Token.closeBrace]: "'}'",
  [Token.openParen]: "'('",
  [Token.closeParen]: "')'",
  [Token.openBracket]: "'['",
  [Token.closeBracket]: "']'",
  [Token.semicolon]: "';'",
  [Token.colon]: "':'",
  [Token.comma]: "','",
  [Token.at]: "'@'",
  [Token.question]: "'?'",
  [Token.dot]: "'.'",
  [Token.assign]: "'='",
  [Token.not]: "'!'",
  [Token.plus]: "'+'",
  [Token.minus]: "'-'",
  [Token.times]: "'*'",
  [Token.divide]: "'/'",
  [Token.less]: "'<'",
  [Token.greater]: "'>'",
  [Token.invalid]: "invalid token",
};

export function tokenName(kind: TokenKind): string {
  return names[kind];
}

/** The keyword's kind, or `identifier`. */
export function wordKind(word: string): TokenKind {
  switch (word.length) {
    case 2:
      return word === "in"
        ? Token.inKeyword
        : word === "if"
          ? Token.ifKeyword
          : word === "or"
            ? Token.orKeyword
            : Token.identifier;
    case 3:
      return word === "let" ? Token.letKeyword : word === "rec" ? Token.recKeyword : Token.identifier;
    case 4:
      if (word === "with") return Token.withKeyword;
      return word === "then" ? Token.thenKeyword : word === "else" ? Token.elseKeyword : Token.identifier;
    case 6:
      return word === "assert" ? Token.assertKeyword : Token.identifier;
    case 7:
      return word === "inherit" ? Token.inheritKeyword : Token.identifier;
    default:
      return Token.identifier;
  }
}
