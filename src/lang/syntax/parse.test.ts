// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix that interpolates here
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CopseError, isCopseError } from "#base";
import type { Expr } from "./ast.ts";
import { formatExpr, type ParseOptions, parse } from "./mod.ts";

function read(text: string, options: Partial<ParseOptions> = {}): Expr {
  return parse({ name: "/x.nix", text }, { baseDir: "/dir", home: "/home/me", ...options });
}

function refusal(text: string, options: Partial<ParseOptions> = {}): CopseError {
  try {
    read(text, options);
  } catch (error) {
    if (isCopseError(error)) return error;
    throw error;
  }
  throw new Error(`Accepted: ${text}`);
}

function as<K extends Expr["kind"]>(expr: Expr | undefined, kind: K): Extract<Expr, { kind: K }> {
  assert.equal(expr?.kind, kind);
  return expr as Extract<Expr, { kind: K }>;
}

/** The text that a node covers. */
function covered(text: string, expr: { readonly start: number; readonly end: number }): string {
  return text.slice(expr.start, expr.end);
}

test("nodes cover their source", () => {
  const text = " (f a) b.c or [ 1 ] # end";
  const call = as(read(text), "apply");
  assert.equal(covered(text, call), "f a) b.c or [ 1 ]");
  assert.deepEqual(
    call.args.map((arg) => covered(text, arg)),
    ["a", "b.c or [ 1 ]"],
  );
  const path = as(call.args[1], "select").path;
  assert.deepEqual(
    path.map((name) => covered(text, name)),
    ["c"],
  );
  const sum = as(read("(1) + 2 * 3"), "binary");
  assert.deepEqual([sum.start, sum.operator, sum.end], [0, 4, 11]);
  for (const whole of [
    '"a${b}c"',
    "''\n a\n''",
    "./a${b}/c",
    "{ a = 1; }",
    "rec { }",
    "x: y",
    "let { }",
    "-a",
    "!a",
    "<a/b>",
    "a ? b.c",
  ]) {
    assert.equal(covered(`${whole} `, read(`${whole} `)), whole);
  }
});

test("bindings stand where their names are written", () => {
  const text = 'rec { a.b = 1; a = { c = 2; }; inherit x "y z"; inherit (s) w; }';
  const { attrs, inheritFrom } = as(read(text), "attrs").bindings;
  assert.deepEqual(
    attrs.map(({ binder, value }) => [binder.name, text.slice(binder.start, binder.start + 3), value.kind]),
    [
      ["a", "a.b", "plain"],
      ["x", 'x "', "inherit"],
      ["y z", '"y ', "inherit"],
      ["w", "w; ", "inherit-from"],
    ],
  );
  assert.equal(inheritFrom.length, 1);
  const nested = attrs[0]?.value.kind === "plain" ? as(attrs[0].value.expr, "attrs") : undefined;
  assert.deepEqual(
    nested?.bindings.attrs.map(({ binder }) => binder.start),
    [6, 21],
  );
});

test("merging keeps the subjects of inherit apart", () => {
  const merged =
    "{ a = { inherit (x) p; }; a = { inherit (y) q; r = { inherit (z) s; }; }; a.r = { inherit (w) t; }; }";
  assert.equal(
    formatExpr(read(merged)),
    "{ a = { inherit (x) p; inherit (y) q; r = { inherit (z) s; inherit (w) t; }; }; }",
  );
});

test("large sets are indexed, and still merged and checked", () => {
  const names = Array.from({ length: 100 }, (_, i) => `a${i}`);
  const large = names.map((name) => `${name}.x = 1; `).join("");
  const { attrs } = as(read(`{ ${large} a7.y = 2; }`), "attrs").bindings;
  assert.equal(attrs.length, 100);
  assert.equal(refusal(`{ ${large} a99.x = 2; }`).code, "duplicate-attribute");
});

test("functions know the name they are bound to, through currying", () => {
  const { attrs } = as(read("{ f = a: { b }: 1; g.h = (x: x); i = [ (x: x) ]; }"), "attrs").bindings;
  const [f, g] = attrs.map(({ value }) => (value.kind === "plain" ? value.expr : undefined));
  assert.equal(as(f, "lambda").name, "f");
  assert.equal(as(as(f, "lambda").body, "lambda").name, "f");
  const inner = as(g, "attrs").bindings.attrs[0]?.value;
  assert.equal(inner?.kind === "plain" && as(inner.expr, "lambda").name, "h");
});

test("doc comments belong to the binding or function that they stand before", () => {
  const text =
    "{ /** A */ a = x: /** B */ y: z: x; /* no */ b = x: x; /** C */\n# c\nc = x: x; /** D */ d = 1; e = /** E */ { }: 1; }";
  const { attrs } = as(read(text), "attrs").bindings;
  const docs: (string | undefined)[] = [];
  for (const { value } of attrs) {
    let expr = value.kind === "plain" ? value.expr : undefined;
    while (expr?.kind === "lambda") {
      docs.push(expr.doc && covered(text, expr.doc));
      expr = expr.body;
    }
  }
  assert.deepEqual(docs, ["/** A */", "/** B */", "/** B */", undefined, "/** C */", "/** E */"]);
  for (const none of ["/**/ x: x", "/***/ x: x", "/*** a */ x: x", "/** a */ (x: x)", "/* a */ x: x"]) {
    assert.equal(as(read(none), "lambda").doc, undefined, none);
  }
});

test("paths become absolute", () => {
  const values: Record<string, string> = {
    "./a": "/dir/a",
    "../a/./b": "/a/b",
    "../../..": "/",
    "a/b": "/dir/a/b",
    "/x/../y": "/y",
    "~/a": "/home/me/a",
    "~/../a": "/home/a",
  };
  for (const [text, value] of Object.entries(values)) assert.equal(as(read(text), "path").value, value, text);
  const [first, , last] = as(read("./a/${b}/c"), "path-template").parts;
  assert.equal(first.value, "/dir/a/");
  assert.equal(as(last, "string").value, "/c");
  const error = refusal("~/a", { home: undefined });
  assert.equal(error.message, "the path '~/a' can not be resolved in pure mode");
});

test("integers keep all of their digits", () => {
  assert.equal(as(read("9007199254740991"), "int").value, 9007199254740991);
  assert.equal(as(read("9007199254740993"), "int").value, 9007199254740993n);
  assert.equal(as(read("9223372036854775807"), "int").value, 9223372036854775807n);
  assert.equal(refusal("9223372036854775808").message, "invalid integer '9223372036854775808'");
});

test("texts that escapes divide are one text, unless they shall be shown apart", () => {
  assert.equal(as(read("''a'''b${c}d''$''"), "template").parts.length, 3);
  assert.equal(as(read("''a'''b''"), "string").value, "a''b");
  assert.equal(as(read("''a'''b''", { separateTexts: true }), "template").parts.length, 3);
});

test("strings are bytes", () => {
  const utf8 = Buffer.from('"é"', "utf8").toString("latin1");
  assert.equal(as(read(utf8), "string").value, "\u00c3\u00a9");
});

test("pipe operators need to be allowed", () => {
  assert.equal(refusal("1 |> f").code, "experimental-feature");
  assert.equal(formatExpr(read("1 |> f |> g", { pipeOperators: true })), "(g (f 1))");
  assert.equal(formatExpr(read("g <| f <| 1", { pipeOperators: true })), "(g (f 1))");
});

test("errors say what is missing, and where", () => {
  const cases: readonly [text: string, at: string, message: string, hint: RegExp][] = [
    ["{ a = 1 }", "}", "syntax error, unexpected '}', expecting ';'", /`;` is missing after \/x\.nix:1:8/],
    ["{\n  a = 1\n  b = 2;\n}", "=", "syntax error, unexpected '=', expecting ';'", /before the name/],
    ["{ a = 1, b = 2 }", ",", "syntax error, unexpected ',', expecting ';'", /not in `,`/],
    ["[ (1 2 ]", "]", "syntax error, unexpected ']', expecting ')'", /./],
    ["\n[ 1 2", "", "syntax error, unexpected end of file", /the `\[` at \/x\.nix:2:1 is never closed/],
    [
      'x: "abc',
      "",
      "syntax error, unexpected end of file, expecting '\"'",
      /the `"` at \/x\.nix:1:4 is never closed/,
    ],
    [
      "{ a = ''abc; }",
      "",
      "syntax error, unexpected end of file, expecting indented string or '${' or end of an indented string",
      /the `''` at/,
    ],
    ["1 /* abc", "*", "syntax error, unexpected '*'", /never closed/],
    ["f x: x", ":", "syntax error, unexpected ':', expecting end of file", /parentheses/],
    ["[ a, b ]", ",", "syntax error, unexpected ','", /space alone/],
    ["1 < 2 < 3", "<", "syntax error, unexpected '<'", /do not chain/],
    ["“a”", "\u00e2", "syntax error, unexpected invalid token", /ASCII/],
    ["./a/ b", " ", "path has a trailing slash", /./],
  ];
  for (const [text, at, message, hint] of cases) {
    const error = refusal(Buffer.from(text, "utf8").toString("latin1"));
    assert.equal(error.message, message, text);
    assert.equal(error.code, "syntax-error");
    const { span } = error;
    assert.equal(span?.source.text.slice(span.start, span.end), at, text);
    if (hint.source !== ".") assert.match(error.hint ?? "", hint, text);
  }
});

test("what stands twice is an error at the second place", () => {
  const attribute = refusal("{ a.b = 1;\n  a.b = 2; }");
  assert.equal(attribute.code, "duplicate-attribute");
  assert.equal(attribute.message, "attribute 'a.b' already defined at /x.nix:1:3");
  assert.equal(attribute.span?.start, 13);
  const formal = refusal("{ x, y, x }: x");
  assert.equal(formal.code, "duplicate-formal");
  assert.equal(formal.span?.start, 8);
});

test("input that nests too deeply ends in an error, not in a crash", () => {
  const nestings = [
    ["(", ")"],
    ["[", "]"],
    ["{a=", ";}"],
    ["x: ", ""],
    ["-", ""],
    ["!", ""],
    ['"${', '}"'],
    ["a -> ", ""],
    ["a + ", ""],
    ["a.b or ", ""],
  ];
  for (const [open = "", close = ""] of nestings) {
    const text = `${open.repeat(10_000)}1${close.repeat(10_000)}`;
    try {
      formatExpr(read(text));
    } catch (error) {
      assert.ok(isCopseError(error, "nesting-too-deep"), open);
    }
  }
});

test("long inputs take linear time", () => {
  const started = performance.now();
  for (const part of ["- ", "-", "a.", "a + ", "''${x}'' + ", "[ ] ++ ", "1.", "/* */ "]) {
    const text = `${part.repeat(50_000)}a`;
    try {
      read(text);
    } catch (error) {
      assert.ok(isCopseError(error), part);
    }
  }
  assert.ok(performance.now() - started < 10_000);
});
