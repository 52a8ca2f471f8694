// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix that interpolates here
/**
 * Source for the judge: every construct and the corners where hand-written parsers of Nix go wrong. Names need not
 * be bound: all of it is judged inside of a `with`.
 */

// biome-ignore format: a line a subject
/** C++ Nix takes these. */
export const accepted: readonly string[] = [
  // Literals
  "1", "0", "007", "9223372036854775807", "[ 1.5 .5 0.5 1. 12.e3 1.5e10 1.5E-3 .5e+2 ]", "1e3", "[ 00.5 ]",
  "[ 123456789.0 100000.0 1000000.0 0.0001 0.00001 1.0e-300 0.0 0.1 3.14159265 ]", "1.a", "[1.2.3]", "__curPos",
  "https://example.org/a?b=c&d=~x%20'", "x:y", "a.b+c-d:z", "x:$y", "[ x:a y:b ]", "_a:b", "a':b", "a_b:c",
  // Strings
  '""', '"a"', '"a\nb"', String.raw`"\n\r\t\\\"\${x}\a\$"`, '"$"', '"$$"', '"$$$"', '"a$"', '"$a"', '"$${x}"', '"$$${x}"',
  String.raw`"$\${x}"`, String.raw`"\$${"x"}"`, '"a\r\nb\rc"', '"a\\\r\nb"', '"${x}"', '"${x}${y}"', '"a${x}b${y}c"',
  '"${"a"}b"', '"${"${"a"}"}"', '"a${{ b = "}"; }.b}"', '"\t"', '"{}"', '"é"', `"'' ''"`, '"/* # */"', '"${x # c }\n}"',
  // Indented strings
  "''''", "'' ''", "''a''", "''\n''", "''\n  a\n  b\n''", "''\n  a\n    b\n  ''", "''\n    a\n  b\n''", "''  \n  a''",
  "''  a\n  b''", "''\n  a\n\n  b\n''", "''\n  a\n \n  b\n''", "''\n  a\n      \n  b\n   ''", "''\n\ta\n  b\n''", "''\t\n a''",
  "''\n  ${x}\n    a\n''", "''\n    ${x}\n  a\n''", "''\n  a ${x} b\n  ${y}''", "''${x}''", "''${x}${y}''", "''  ${x}''",
  "''\n${x}\n''", "''\n  a''\n", "'' a\n b''", "''\n a\n  ''", "''\n  a\n\t''", "''a\n''", "''a\n  ''", "''\r\n  a\r\n  b''",
  "''a''$b''", "''a''${x}''", "''a'''b''", "'''''''", "''''$''", "''''\\n''", "''a''\\nb''", "''a''\\tb''", "''a''\\rb''",
  "''a''\\xb''", "''a''\\${x}''", "''$''", "''$$''", "''$${x}''", "''$$${x}''", "''$'x''", "'''x''", "'' '$x''",
  "'''${x}''", "''a'$b''", "''a'${x}''", "''a' b''", "''\n  ''\\n  a\n    b\n''", "''\n    ''\\ta\n  b\n''", "''\n  ''\\ a\n   b\n''",
  "''\n   ''$a\n  b''", "''\n   '''a\n  b''", "''\n  '\n    b''", "''\n  ${''\n    a\n  ''}\n  b\n''", "''\n    a${x}\n  \n''",
  "''\n  a\n  ${x}''", "''\n  a\n  ${x}\n  ''", "''\n  ''${x}\n''", "''  \n\n  ''", "''\n  \"a\"\n''", '"${\'\'a\'\'}"',
  "''${\"a\"}''", "''${''a'''b''}''", "''a${\"b\"}''", "''\n  foo''\\\n  bar''", "''\\''", "''\n a\n''\\n''", "''''\\ x\n  y''",
  // Paths
  "./a", "../a", "./a/../b", "/a", "/a/b", "/a/./b/../c", "a/b", "a.b/c", "1/2", "./.", "../.", "../../..", "/.", "/..", "~/a", "~/a/b",
  "./a-b_c+d.e", "-a/b", "+/b", ".../a", "./${x}", "./a${x}", "./a${x}b", "./a/${x}/b", "./a/${x}b/c${y}", "/${x}", "/a/${x}", "~/${x}",
  "~/a/${x}", "./${x}//c", "./${x}a//b", "./${x}/${y}", "a/${x}", "./a/../${x}", "../${x}", "./a//${x}", "./${x}.b", "./${x}-1",
  '[ ./a${"b"} ]', '[ ./a/${"b"}c ]', "[ ./a ./b/c /d ]", "(./a)", "./a.b", "<a>", "<a/b>", "<a-b.c+d_e>", "<a> x", "f <a>", "<nixpkgs/lib>",
  "a <b> c", "a < b", "a<b", "a<b>c", "[a<b>c]", "./a + ./b", "a/b+c", "1/2/3", "a /b", "a/ b", "a / b", "4 /2", "(4)/2", "(4)/(2)", "x.y/z",
  "(x).y/z", "if/a", "rec/b", "or/c",
  // Comments and space
  "# c\n1", "1 # c", "/* c */ 1", "/**/1", "/***/1", "/** doc */ 1", "/* * / ** */1", "1/* c */", "a/* c */b", "# c\r1", "#\n1", "1\t\r\n ",
  "/* # */ 1 # /*", "[1/*a*/2]", "a#b", "a /**/ . /**/ b", "a/*x*/./*y*/b",
  // Names
  "a", "a'", "a-b", "a->b", "a - b", "a-1", "_", "_a", "a''b", "let' ", "in-x", "ifx", "__x", "or'",
  // Functions
  "x: x", "x:x y", "_: 1", "x: y: z: x", "{ }: 1", "{}: 1", "{ a }: a", "{ a, }: a", "{ a, b }: a", "{ a ? 1 }: a", "{ a ? 1, b ? a, ... }: a",
  "{ ... }: 1", "{ a, ... }: a", "{ b, a }: a", "x@{ a }: x", "x @ { a, ... }: x", "{ a } @ x: x", "{ ... }@x: x", "{ }@x: x", "x@{ }: x",
  "{ a ? x: x, b }: a", "{ a ? { b }: b }: a", "{ a ? if b then c else d, e }: a", "x: { y }: z@{ w }: x", "(x: x) 1", "{ a ? [ 1 ], b ? \"x\" }: a",
  "{ a, b ? let x = 1; in x }: a", "x /* c */ : x", "{ a /* c */ }: a", "{ /* c */ }: a", "x: { }", "x: { a = 1; }", "{a}:a", "{a,b}:a", "x :x", "a : b", "a.1",
  // Sets
  "{ }", "{}", "{ a = 1; }", "{ b = 1; a = 2; }", "rec { }", "rec { a = b; b = 1; }", "{ a.b = 1; }", "{ a.b.c = 1; a.b.d = 2; a.e = 3; }",
  "{ a.b = 1; a = { c = 2; }; }", "{ a = { c = 2; }; a.b = 1; }", "{ a = { b = 1; }; a = { c = 2; }; }", "{ a = rec { b = c; }; a.c = 1; }",
  "{ a.b = c; a = rec { c = 1; }; }", "{ a = { b.c = 1; }; a.b.d = 2; }", "{ a = ({ b = 1; }); a.c = 2; }", "{ a.b.c = 1; a = { b = { d = 2; }; }; }",
  "{ a = { inherit x; }; a.b = 1; }", "{ a.b = 1; a = { inherit x y; }; }", "{ a = { inherit (x) y; }; a = { inherit (z) w; b = 1; }; }",
  "{ a = { inherit (x) y; }; a.b = 1; }", "{ a.b = 1; a = { inherit (x) y; }; }", "{ a = { inherit (x) y; }; a = { b = { inherit (z) w; }; }; a.b = { inherit (q) r; }; }",
  "{ a = { ${x} = 1; }; a.b = 2; }", "{ a.${x} = 1; a.b = 2; }", "{ a.${x} = 1; a.${x} = 2; }", "{ ${x}.a = 1; ${x}.b = 2; }", "{ a.${x}.b = 1; }",
  '{ "a" = 1; }', '{ "a b" = 1; }', '{ "" = 1; }', '{ "a".b."c" = 1; }', "{ ${x} = 1; }", '{ "${x}" = 1; }', '{ "a${x}b" = 1; }', '{ ${"a"} = 1; }',
  '{ "${"a"}" = 1; }', '{ ${"a" + "b"} = 1; }', '{ ${"a"}.b = 1; a.c = 2; }', '{ "a".b = 1; a.c = 2; }', "{ ${''a''} = 1; }", "{ ${''a'''b''} = 1; }",
  "{ ${x:y} = 1; }", '{ ${("a")} = 1; }', '{ "if" = 1; or = 3; }', "{ or = 1; }", "{ a.or = 1; }", '{ "1" = 1; "a\'" = 2; "-" = 3; }',
  "{ inherit; }", "{ inherit a; }", "{ inherit b a; c = 1; }", "{ inherit (a) b; }", "{ inherit (a) c b; inherit (d) e; inherit f; }", "{ inherit (a); }",
  '{ inherit "a"; }', '{ inherit (x) "a b" c; }', '{ inherit ${"a"}; }', "{ inherit or; }", "{ inherit (x) or; }", "rec { inherit a; b = a; }",
  "rec { inherit (b) a; b = { }; }", "{ a = 1; } // { }", "{ a = x: y: 1; }", "{ __functor = self: x: x; } 1", '{ "$" = 1; "\\${" = 2; "a\nb" = 3; }',
  "{ a = 1; /* c */ b = 2; # d\n }", "{ a.b = { }; a.b.c = 1; }", "{ a.b = { }; a.b = { }; }", "{ a = { }; a = { }; }", "{ a = { b = { }; }; a.b.c.d = 1; }",
  // let
  "let in 1", "let a = 1; in a", "let a = b; b = 1; in a", "let inherit x; in x", "let inherit (x) y; in y", "let a.b = 1; a.c = 2; in a",
  "let { body = 1; }", "let { a = 1; body = a; }", "let { body = 1; }.a", "f let { body = 1; }", "let { }", "let{body=1;}", "let /* c */ { body = 1; }",
  '[ let { body = 1; } ]', 'let "a" = 1; in a', 'let "a b" = 1; in 1', 'let ${"a"} = 1; in a', "let or = 1; in 1", "let a = let b = 1; in b; in a",
  "let f = x: x; in f 1", "(let a = 1; in a) + 1", "let a = { ${x} = 1; }; in a", "let { body = let { body = 1; }; } + 1", "rec { a = 1; }.a",
  // Keywords
  "if a then b else c", "if a then b else if c then d else e", "if a then if b then c else d else e", "if x: x then 1 else 2", "with a; b", "with a; with b; c",
  "assert a; b", "assert a; with b; assert c; d", "with { a = 1; }; a", "(with a; b) c", "if a then x: x else y: y", "with x: x; 1", "assert if a then b else c; d",
  "let a = with b; c; in assert a; a", "{ a = with b; c; d = assert e; f; }", "if(a)then(b)else(c)", "x: with x; let y = 1; in if y then x else assert y; x",
  // Selection
  "a.b", "a.b.c", "a.b or c", "a.b or c.d or e", "a.b or c d", "f a.b or c d", "a . b", "a.\"b\"", 'a."b c"', "a.${b}", 'a."b${c}d"', 'a.${"b"}', "a.or", "a.b.or or c",
  "{ a = 1; }.a", "(a).b", "(a b).c", "[ a.b ]", "a.b.c or (d e)", "(a.b or c).d", "a.b or { }.c", "a.b or x.y.z", "-a.b", "!a.b", "a.b c.d", "a.\"\"", "rec { }.a or 1",
  '"a".b', "./a.b", "1.5.a", "(1).a", "a.b or [ ] ++ c", "a.b or c + d", "a.b or\nc", "a.b.${c}.d", 'a.${"${b}"}', "a.${b.${c}}",
  // `or` as a name
  "a or", "a or b", "f or a", "f a or b", "f (a or b)", "[ a or b ]", "[ a or ]", "(a.b) or c", "(a.b or c) or d", "1 or 2", "a or or_", "[ f or 1 (g or) ]", "a or + b", "!a or b",
  // ?
  "a ? b", "a ? b.c", 'a ? "b"', "a ? ${b}", 'a ? "b${c}".d', "a ? b ? c", "!a ? b", "-a ? b", "a b ? c", "a + b ? c", "a ? b + c", "a ? b && c ? d", "a ? b == c", "a ? or",
  "a?b", "{ } ? a", "a ++ b ? c", "(a ? b) c", "a.b ? c.d", "a.b or c ? d", 'a ? ${"b"}',
  // Calls
  "f x", "f x y z", "(f x) y", "((f x) y) z", "f (g x)", "f (x) (y)", "(f) x", "f [ ] { } \"\" '''' ./a <b> 1 1.5", "f rec { }", "f -x", "f - x", "f (-x)", "(a - b) c", "(a < b) c",
  "(a > b) c", "(a <= b) c", "(a * b / c) d", "(-a) b", "<a> b c", "(f or) x", "(a + b) c", "f\nx", "(f x).y z", "f x.y.z", "f{}", "f[]", 'f""', "f(x)(y)", "[(f x) (g y)]", "f (x: x)",
  "[ ]", "[]", "[ 1 2 ]", "[ f x ]", "[ (f x) ]", "[ [ ] [ [ ] ] ]", "[ a.b or c d ]", "[ (-1) ]", "[ (x: y) ]", "[ rec { } let { } ]", "[{}{}]", "[a\"b\"c]",
  "1 + 2 * 3 - 4 / 5", "a + b + c", "a - b - c", "a * b * c", "a ++ b ++ c", "a // b // c", "a -> b -> c", "a && b && c", "a || b || c", '"a" + "b" + "c"', "- - a", "-(-a)", "! ! a", "!-a", "-!a",
  "a == !b", "a + !b + c", "a * !b + c", "a ++ !b // c", "a * -b + c", "a // !b // c", "a && !b || c", "-a * b", "-a ++ b", "!a // b", "!a ++ b == c", "a == b && c != d", "a < b == c", "a == b < c",
  "a < b == c > d", "a -> b || c && d == e // f + g * h ++ i", "a ++ b * c + d // e == f && g || h -> i", "(a == b) == c", "a == (b == c)", "a != -b", "a - -b", "a--b", "a -b", "a+b", "a+-b", "a*b", "a++b",
  "a//b", "a||b", "a&&b", "a==b", "a!=b", "a<=b", "a>=b", "!a&&b", "a.b//c.d", "1 -1", "1-1", "x-1", "x -1", "[1 (-1)]", "a >b", "a> b", "a>b", "a <=b",
  // Ends
  "1\0garbage ((", "1 \0", "(1)\0",
];

/** C++ Nix refuses these; see `judged.test.ts` for which are compared by message. */
// biome-ignore format: a line a subject
export const refused: readonly string[] = [
  "", "# nothing", "(", ")", "[", "]", "{", "}", "[ 1", "(1", "{ a = 1;", "{ a = 1", "{ a =", "{ a", "{ a = 1 }", "let", "let a", "let a = 1; a", "let a = 1; in", "let in", "if", "if a", "if a then b", "if a then b else",
  "with a", "with a;", "assert a", "assert", "x:", "{ a, b", "{ a, b }", "{ a }", "{ a, b } x", "{ a, ... b }: a", "{ ..., a }: a", "{ , }: 1", "{ , a }: 1", "{ a,, b }: 1", "{ a ? }: a", "{ a ? 1; }: a", "{ a = 1, b = 2 }",
  "{ a = 1; } }", "{ a b = 1; }", "{ a == 1; }", "{ a: 1 }", "{ = 1; }", "{ a = 1;; }", "{ 1 = 2; }", "{ a.1 = 2; }", "{ a. = 1; }", "{ .a = 1; }", "{ a..b = 1; }", "{ a ${x} = 1; }", '{ "a" }', '{ "a" }: 1', "{ or }: or",
  "{ if = 1; }", "{ a.let = 1; }", "{ inherit a = 1; }", "{ inherit (a b; }", "{ inherit a.b; }", "{ inherit 1; }", "{ inherit ${x}; }", '{ inherit "a${x}"; }', "{ inherit a }", "{ inherit",
  "let ${x} = 1; in 1", 'let "${x}" = 1; in 1', 'let ${"a" + "b"} = 1; in 1', "let a = 1, b = 2; in a", "rec", "rec a", "rec [ ]", "let { a = 1 }", "f let a = 1; in a", "1 + let a = 1; in a", "[ let a = 1; in a ]",
  "f x: x", "f { a }: a", "[ x: x ]", "[ if a then b else c ]", "[ with a; b ]", "1 + x: x", "1 + if a then b else c", "!if a then b else c", "f if a then b else c", "a.b or if c then d else e", "a.b or x: x", "a.b or", "a.b or or",
  "a or.b", "or", "or a", "a.", "a..b", "a.if", "a ? ", "a ? 1", "a ? (b)", "a ? b.", "a ? b c ?", "a ? [ ]", "a == b == c", "a != b == c", "a == b != c", "a < b < c", "a < b > c", "a <= b >= c", "a == b && c == d == e",
  "a -> -> b", "a +", "+ a", "a ++", "* a", "/ a", "a = b", "a ; b", "a , b", "a @ b", "a @ { b }", "a@{ b } c", "{ a }@", "{ a }@b", "{ a }@{ b }: a", "a@b@{ c }: c", "x@{ a }@y: x", "a & b", "a | b", "a ^ b", "a % b", "`a`",
  "~", "~a", "~/", "a ~ b", "'a'", "'", "$", "$a", "${a}", "\\", "é", "a é", '"a', '"a${', '"a${b', '"a${b"', '"a${b;}"', '"a\\', '"a$', '"a$\\', "''a", "''a'", "''a$", "''a${", "''a${b", "''a''\\", "''a'''", "''", "'' '",
  "./a/", "./a/ b", "./a//b", "./a//", "./${x}/", "./${x}/ ", "./${x", "./${", "~/a/", "/a/", "<a", "<a/>", "<>", "</a>", "<a//b>", "< a>", "/* a", "/* a *", "/** a", "a /* b", "99999999999999999999", "9223372036854775808",
  "-9223372036854775808", "1.0e400", "1.0e-400", "1.5e-320", "a |> b", "a <| b", "a |>", "(a <| b)", "a.b = 1", "{ a = x: ; }", "{ a = (1; }", "[ (1 ]", "(1 ]", "{ a = [ 1 }; }", "{ (a) = 1; }", "in", "then", "else", "inherit", "...", ".", ",", ";", ":", "?",
  "@", "=", "==", "!", "-", "&&", "||", "->", "//", "++", "<", ">", "<=", ">=", "!=", "a b = c", "1 2 = 3", "{ x = { y = 1; }", '{ a = "x" b = 2; }', "if a then b; else c", "let a = 1; b in a", "with a b", "with; a", "assert; a",
  // Twice
  "{ a = 1; a = 2; }", "{ a = 1; a.b = 2; }", "{ a.b = 1; a = 2; }", "{ a.b = 1; a.b = 2; }", "{ a.b.c = 1; a.b = 2; }", "{ a.b = 1; a.b.c = 2; }", "{ a = { b = 1; }; a.b = 2; }", "{ a.b = 2; a = { b = 1; }; }", "{ a = { b = 1; }; a = { b = 2; }; }",
  "{ inherit a; a = 1; }", "{ a = 1; inherit a; }", "{ inherit a a; }", "{ inherit a; inherit (x) a; }", "{ inherit (x) a a; }", "{ a = { }; inherit a; }", "{ inherit a; a.b = 1; }", "{ inherit (x) a; a.b = 1; }", "let a = 1; a = 2; in a",
  "let inherit a; a = 1; in a", '{ "a" = 1; a = 2; }', '{ ${"a"} = 1; a = 2; }', '{ a."b c" = 1; a."b c" = 2; }', "{ a = x; a.b = 1; }", "{ a = let { }; a.b = 1; }", "{ a = { inherit b; }; a.b = 1; }", "{ a.b = 1; a = { inherit (x) b; }; }",
  "{ a = { b = 1; }; a = { c = 1; inherit b; }; }", "{ a, a }: a", "{ a, b, a }: a", "{ b, a, a, b }: a", "x@{ x }: x", "{ x }@x: x", "{ x, y ? 1 }@y: x", "{ a.x.y = 1; a.x = { z = 1; y = 2; }; }", "rec { a = 1; a = 2; }",
  // Not what they look like
  "''''''", "''a''\\''", "''$'''", "''a''\\''''", "a${x}/b", "a ? b or",
  // Null bytes
  '"a\0b"', "''a\0b''",
];

const binaryOperators = ["->", "||", "&&", "==", "!=", "<", ">", "<=", ">=", "//", "+", "-", "*", "/", "++"];

/** Every operator beside every other, with prefixes: precedence and associativity. */
export function operatorSnippets(): string[] {
  const snippets: string[] = [];
  for (const first of binaryOperators) {
    snippets.push(
      `! a ${first} b`,
      `- a ${first} b`,
      `a ${first} ! b ? c`,
      `a ${first} - b`,
      `a ? b ${first} c ? d`,
    );
    for (const second of binaryOperators) {
      snippets.push(`a ${first} b ${second} c`, `a ${first} ! b ${second} c`);
    }
  }
  return snippets;
}
