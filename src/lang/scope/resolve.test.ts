// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix that interpolates here
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import type { Expr, Var } from "../syntax/ast.ts";
import { formatExpr, parse } from "../syntax/mod.ts";
import { type ResolveOptions, resolve } from "./mod.ts";
import { editDistance, nearestName } from "./suggest.ts";

const globals = new Set([
  "builtins",
  "map",
  "true",
  "import",
  "__sub",
  "__lessThan",
  "__findFile",
  "__nixPath",
]);

function resolved(text: string, options: Partial<ResolveOptions> = {}): Expr {
  const source = { name: "/x.nix", text };
  const tree = parse(source, { baseDir: "/", home: undefined });
  resolve(tree, { globals, source, ...options });
  return tree;
}

/** All variables of a tree, in no order that matters. */
function variables(node: unknown, found: Var[] = [], seen = new Set<unknown>()): Var[] {
  if (typeof node !== "object" || node === null || seen.has(node)) return found;
  seen.add(node);
  if ("kind" in node && node.kind === "var" && "ref" in node) found.push(node as Var);
  for (const [key, child] of Object.entries(node)) if (key !== "ref") variables(child, found, seen);
  return found;
}

/** What the variable whose name ends at the mark `^` refers to: `global`, `with N`, or the text before its binder. */
function meaning(marked: string, options: Partial<ResolveOptions> = {}): string {
  const end = marked.indexOf("^");
  const text = marked.replace("^", " ");
  const variable = variables(resolved(text, options)).find((candidate) => candidate.end === end);
  const ref = variable?.ref;
  switch (ref?.kind) {
    case "local":
      return `local ${ref.binder.start}`;
    case "with":
      return `with ${ref.withs.map(({ start }) => start).join(" ")}`;
    case "global":
      return "global";
    default:
      throw new Error(`Not a variable: ${marked}`);
  }
}

test("a name means its innermost binder", () => {
  assert.equal(meaning("x: x^"), "local 0");
  assert.equal(meaning("x: x: x^"), "local 3");
  assert.equal(meaning("x: (x: x) x^"), "local 0");
  assert.equal(meaning("let x = 1; in x^"), "local 4");
  assert.equal(meaning("let x = x^; in 1"), "local 4");
  assert.equal(meaning("rec { x = 1; y = x^; }"), "local 6");
  assert.equal(meaning("x: { x = 1; y = x^; }"), "local 0");
  assert.equal(meaning("let map = 1; in map^"), "local 4");
  assert.equal(meaning("map^"), "global");
  assert.equal(meaning("x: { a.b.c = x^; }"), "local 0");
});

test("formals and their defaults see all of them", () => {
  assert.equal(meaning("{ a ? b^, b }: 1"), "local 10");
  assert.equal(meaning("{ a ? args^ }@args: 1"), "local 14");
  assert.equal(meaning("args@{ a, ... }: args^"), "local 0");
  assert.equal(meaning("b: { a ? b^ }: 1"), "local 0");
});

test("inherit looks outside, its subject inside", () => {
  assert.equal(meaning("x: rec { inherit x^; }"), "local 0");
  assert.equal(meaning("x: let inherit x^; in x"), "local 0");
  assert.equal(meaning("x: let inherit x; in x^"), "local 15");
  assert.equal(meaning("s: rec { s = 1; inherit (s^) y; }"), "local 9");
  assert.equal(meaning("s: { s = 1; inherit (s^) y; }"), "local 0");
  assert.equal(meaning("x: rec { x = 1; a = { inherit x^; }; }"), "local 9");
});

test("with gives way to binders and globals", () => {
  assert.equal(meaning("x: with 1; x^"), "local 0");
  assert.equal(meaning("with 1; map^"), "global");
  assert.equal(meaning("with 1; x^"), "with 0");
  assert.equal(meaning("with 1; with 2; x^"), "with 8 0");
  assert.equal(meaning("with 1; with x^; y"), "with 0");
  assert.equal(meaning("with 1; (with 2; y) x^"), "with 0");
  assert.equal(meaning("with 1; x: x^"), "local 8");
});

test("names inside of computed names, selections and strings are found", () => {
  assert.equal(meaning("x: { ${x^} = 1; }"), "local 0");
  assert.equal(meaning("rec { x = 1; ${x^} = 1; }"), "local 6");
  assert.equal(meaning("x: map.${x^}"), "local 0");
  assert.equal(meaning("x: map.a or x^"), "local 0");
  assert.equal(meaning("x: map ? ${x^}"), "local 0");
  assert.equal(meaning('x: "a${x^}"'), "local 0");
  assert.equal(meaning("x: ./a${x^}"), "local 0");
  assert.equal(meaning("x: 1 + 2 + x^ + 3"), "local 0");
  assert.equal(meaning("x: assert x^; 1"), "local 0");
  assert.equal(meaning("x: if true then [ (!x^) ] else -1"), "local 0");
});

test("every variable is resolved", () => {
  const tree = resolved(
    "{ a, b ? a }@c: with c; let inherit (c) d; e = x: x + d; in rec { f = e; inherit b; g.h = zzz; }",
  );
  assert.deepEqual(
    variables(tree).filter(({ ref }) => ref === undefined),
    [],
  );
});

test("an unbound name is an error that suggests a near one", () => {
  const refusals: readonly [text: string, name: string, hint: string | undefined][] = [
    ["x: y", "y", "did you mean `x`?"],
    ["let value = 1; in valeu", "valeu", "did you mean `value`?"],
    ["builtin.map", "builtin", "did you mean `builtins`?"],
    ["let a = 1; in { inherit nothing_near; }", "nothing_near", undefined],
    ["rec { inherit x; }", "x", undefined],
    ["(x: x) + y", "y", undefined],
    ["{ a = 1; b = a; }", "a", undefined],
  ];
  for (const [text, name, hint] of refusals) {
    assert.throws(
      () => resolved(text),
      (error) => {
        assert.ok(isCopseError(error, "undefined-variable"), text);
        assert.equal(error.message, `undefined variable '${name}'`);
        assert.equal(error.hint, hint, text);
        assert.equal(error.span?.source.text.slice(error.span.start, error.span.end), name);
        return true;
      },
    );
  }
});

test("operators follow a rebinding of their names, as in Nix", () => {
  const spelled = (text: string, options: Partial<ResolveOptions> = {}) => {
    const found: string[] = [];
    JSON.stringify(resolved(text, options), (key, value) => {
      if (key === "ref") return undefined;
      if (value?.rebound) found.push(formatExpr(value.rebound));
      return value;
    });
    return found;
  };
  assert.deepEqual(spelled("let __sub = 1; in [ (2 - 3) (-4) (5 * 6) ]"), ["(__sub 2 3)", "(__sub 0 4)"]);
  assert.deepEqual(spelled("__lessThan: [ (1 < 2) (1 > 2) (1 <= 2) (1 >= 2) ]"), [
    "(__lessThan 1 2)",
    "(__lessThan 2 1)",
    "(! (__lessThan 2 1))",
    "(! (__lessThan 1 2))",
  ]);
  assert.deepEqual(spelled("let __nixPath = [ ]; in <a>"), ['(__findFile __nixPath "a")']);
  assert.deepEqual(spelled("[ (let __sub = 1; in 1) (2 - 3) ]"), []);
  assert.deepEqual(spelled("with { __sub = 1; }; 2 - 3"), []);
  const imported = new Set(["__findFile"]);
  assert.deepEqual(spelled("<a/b>", { imported }), ['(__findFile __nixPath "a/b")']);
  assert.equal(meaning("x: let __sub = 1; in 2 - x^ - 3"), "local 0");
});

test("long chains and deep nesting end well", () => {
  resolved(`1${" + 1".repeat(20_000)}`);
  assert.throws(
    () => resolved(`${"[".repeat(20_000)}${"]".repeat(20_000)}`),
    (error) => isCopseError(error, "nesting-too-deep"),
  );
});

test("edit distance", () => {
  assert.equal(editDistance("", "abc"), 3);
  assert.equal(editDistance("kitten", "sitting"), 3);
  assert.equal(editDistance("abcd", "abdc"), 1);
  assert.ok(editDistance("abcdef", "uvwxyz", 2) > 2);
  assert.equal(nearestName("stdnev", ["lib", "stdenv", "std"]), "stdenv");
  assert.equal(nearestName("x", ["abc"]), undefined);
});

// Which programs Nix refuses before evaluating anything: the judge's `--parse` binds variables.
test("undefined variables are those that C++ Nix finds", (t) => {
  const judge = join(process.env["COPSE_CPP_NIX"] ?? "", "nix-instantiate");
  if (spawnSync(judge, ["--version"]).status !== 0) {
    t.skip("needs nix-instantiate (Debian: nix-bin) on PATH or in $COPSE_CPP_NIX");
    return;
  }
  const snippets = [
    "x",
    "x: x",
    "x: y",
    "{ x }: x",
    "{ x ? y, y }: x",
    "{ x ? z }: x",
    "{ x ? args }@args: x",
    "let x = y; y = 1; in x",
    "let x = 1; in y",
    "{ x = 1; y = x; }",
    "rec { x = 1; y = x; }",
    "rec { inherit x; }",
    "x: rec { inherit x; }",
    "let inherit x; in x",
    "let inherit (x) y; x = 1; in y",
    "{ inherit (x) y; x = 1; }",
    "rec { inherit (x) y; x = 1; }",
    "with x; y",
    "with { }; x",
    "with { }; { inherit x; }",
    "(with { }; x) y",
    "with with { }; x; y",
    "x: with x; y: z",
    "{ ${x} = 1; }",
    "rec { ${x} = 1; x = 2; }",
    'rec { ${"a"} = 1; b = a; }',
    'rec { ${"a" + "b"} = 1; c = ab; }',
    "map",
    "builtins",
    "true",
    "null",
    "import",
    "__map",
    "__add",
    "attrNames",
    "__attrNames",
    "let { body = x; x = 1; }",
    "{ a = rec { b = 1; }; a.c = b; }",
    "{ a.c = b; a = rec { b = 1; }; }",
    "<x>",
    "1 - 2",
    "assert x; 1",
    "x.y or z",
    "true ? ${x}",
    "if true then x else 1",
    '"${x}"',
    "./${x}",
    "f: f or 1",
    "__curPos",
    "__sub",
    "let f = x: { y = x; inherit f; }; in f",
    "derivation",
    "throw",
  ];
  for (const snippet of snippets) {
    const { status, stderr } = spawnSync(judge, ["--parse", "-E", snippet], { encoding: "utf8" });
    const theirs = status === 0 ? "" : (/^error: (.*)/m.exec(stderr)?.[1] ?? "");
    let mine = "";
    try {
      resolved(snippet, { globals: (name) => nixGlobals.has(name) });
    } catch (error) {
      if (!isCopseError(error)) throw error;
      mine = error.message;
    }
    assert.equal(mine, theirs, snippet);
  }
});

const nixGlobals = new Set([
  "map",
  "builtins",
  "true",
  "null",
  "import",
  "__add",
  "__attrNames",
  "__sub",
  "derivation",
  "throw",
]);
