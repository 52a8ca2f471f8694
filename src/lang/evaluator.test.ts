import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CopseError, lineColumn } from "#base";
import { createReadOnlyHost } from "./builtins/testing/read-only-host.ts";
import { type CodeCache, createEvaluator, type Evaluator, type EvaluatorOptions } from "./evaluator.ts";
import { Attrs, printAmbiguous } from "./runtime/mod.ts";

function evaluatorWith(options: Partial<EvaluatorOptions> = {}): Evaluator {
  return createEvaluator({ host: createReadOnlyHost(), ...options });
}

function evaluate(text: string, options: Partial<EvaluatorOptions> = {}): string {
  const evaluator = evaluatorWith(options);
  return printAmbiguous(evaluator.forceDeep(evaluator.evalText(text, { baseDir: "/" })));
}

function failure(work: () => unknown): CopseError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof CopseError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "Nothing was thrown" });
}

function places(error: CopseError): string[] {
  return [error.span, ...error.trace.map((frame) => frame.span)].flatMap((span) => {
    if (span === undefined) return [];
    const { line, column } = lineColumn(span.source, span.start);
    return [`${span.source.name.split("/").at(-1)}:${line}:${column}`];
  });
}

/** Runs with a directory of files, which are gone afterwards. */
function withFiles(files: Readonly<Record<string, string>>, work: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "copse-evaluator-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function memoryCache(): CodeCache & { readonly entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  return { entries, read: (key) => entries.get(key), write: (key, data) => void entries.set(key, data) };
}

test("a file is evaluated once, and relative paths start from it", () => {
  withFiles(
    { "default.nix": "import ./a.nix + import ./a.nix", "a.nix": 'builtins.trace "read" 21' },
    (directory) => {
      const host = createReadOnlyHost();
      assert.equal(evaluatorWith({ host }).evalFile(directory), 42);
      assert.equal(host.messages.length, 1);
    },
  );
});

test("a file that imports itself is infinite recursion", () => {
  withFiles({ "a.nix": "import ./b.nix", "b.nix": "import ./a.nix" }, (directory) => {
    const error = failure(() => evaluatorWith().evalFile(join(directory, "a.nix")));
    assert.equal(error.code, "infinite-recursion");
  });
});

test("scopedImport brings names, operators among them, and is not remembered", () => {
  withFiles({ "a.nix": "[ x (1 - 2) true ]" }, (directory) => {
    const imported = (scope: string) => evaluate(`scopedImport ${scope} ${directory}/a.nix`);
    assert.equal(imported('{ x = "x"; __sub = a: b: "minus"; true = 5; }'), '[ "x" "minus" 5 ]');
    assert.equal(imported("{ x = 1; }"), "[ 1 -1 true ]");
  });
});

test("an error knows the place in the source and the way there", () => {
  withFiles({ "lib.nix": "{\n  fail = x:\n    x.missing;\n}" }, (directory) => {
    const text = `let lib = import ${directory}/lib.nix;\n  value = lib.fail { };\nin [ value ]`;
    const evaluator = evaluatorWith();
    const error = failure(() =>
      evaluator.forceDeep(evaluator.evalText(text, { baseDir: "/", name: "main" })),
    );
    assert.equal(error.message, "attribute 'missing' missing");
    assert.deepEqual(places(error).slice(0, 2), ["lib.nix:3:5", "main:2:11"]);
  });
});

test("an error that tryEval caught leaves the thunk as it was", () => {
  const text = 'let x = throw "t"; in [ (builtins.tryEval x).success (builtins.tryEval x).success ]';
  assert.equal(evaluate(text), "[ false false ]");
});

test("endless recursion ends in an error, however deep the stack", () => {
  for (const text of [
    "let f = x: 1 + f x; in f 1",
    "let f = x: f x; in f 1",
    "let a = [ a ]; b = [ b ]; in a == b",
  ]) {
    assert.equal(failure(() => evaluate(text)).code, "stack-overflow", text);
  }
  const settings = { maxCallDepth: 50 };
  assert.equal(
    failure(() => evaluate("let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 60", { settings })).code,
    "stack-overflow",
  );
  assert.equal(evaluate("let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 40", { settings }), "40");
});

test("after an error the depth of calls starts from where it was", () => {
  const evaluator = evaluatorWith({ settings: { maxCallDepth: 100 } });
  const deep = "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 80";
  for (let i = 0; i < 3; i++) {
    failure(() => evaluator.evalText(`${deep} + throw "x"`, { baseDir: "/" }));
    failure(() => evaluator.evalText("let f = x: 1 + f x; in f 1", { baseDir: "/" }));
    assert.equal(evaluator.evalText(deep, { baseDir: "/" }), 80);
  }
});

test("a top-level function gets the arguments that it names", () => {
  const evaluator = evaluatorWith();
  const call = (text: string, args: Attrs) =>
    printAmbiguous(evaluator.autoCall(evaluator.evalText(text, { baseDir: "/" }), args));
  const args = Attrs.fromEntries([
    ["a", 1],
    ["b", 2],
  ]);
  assert.equal(call("{ a, c ? 3 }: [ a c ]", args), "[ 1 3 ]");
  assert.equal(call("{ a, ... }@all: builtins.attrNames all", args), '[ "a" "b" ]');
  assert.equal(call("x: x", args), "<LAMBDA>");
  assert.equal(call("{ __functor = self: { b }: b; }", args), "2");
  assert.equal(failure(() => call("{ z }: z", args)).code, "missing-argument");
});

test("a selection path goes through sets, lists and functions", () => {
  const evaluator = evaluatorWith();
  const value = evaluator.evalText('{ x ? 1 }: { a = [ { "b.c" = x; } ]; }', { baseDir: "/" });
  assert.equal(evaluator.selectPath(value, 'a.0."b.c"'), 1);
  assert.equal(
    failure(() => evaluator.selectPath(value, "a.b")).message,
    "the expression selected by the selection path 'a.b' should be a set but is a list",
  );
  assert.match(
    failure(() => evaluator.selectPath(value, "z")).message,
    /^attribute 'z' in selection path 'z' not found/,
  );
});

test("generated code and byte code come back from the cache", () => {
  const codeCache = memoryCache();
  const text = 'let f = n: if n < 2 then n else f (n - 1) + f (n - 2); in { a = f 10; b = throw "later"; }';
  const first = evaluatorWith({ codeCache });
  assert.equal(evaluatorText(first, text), "55");
  first.saveCode();
  assert.equal(codeCache.entries.size, 1);
  const second = evaluatorWith({ codeCache });
  assert.equal(evaluatorText(second, text), "55");
  second.saveCode();
  assert.equal(codeCache.entries.size, 1);
  const value = second.evalText(text, { baseDir: "/", name: "t" });
  assert.deepEqual(places(failure(() => second.selectPath(value, "b"))).slice(0, 1), ["t:1:75"]);
});

function evaluatorText(evaluator: Evaluator, text: string): string {
  return printAmbiguous(evaluator.selectPath(evaluator.evalText(text, { baseDir: "/" }), "a"));
}

test("a broken cache entry is no harm", () => {
  const text = "{ a = 1; }";
  const codeCache = memoryCache();
  const evaluator = evaluatorWith({ codeCache });
  evaluatorText(evaluator, text);
  evaluator.saveCode();
  const [key, entry] = [...codeCache.entries][0] as [string, Uint8Array];
  codeCache.entries.set(key, entry.slice(0, entry.length - 20));
  assert.equal(evaluatorText(evaluatorWith({ codeCache }), text), "1");
  codeCache.entries.set(key, new Uint8Array(2));
  assert.equal(evaluatorText(evaluatorWith({ codeCache }), text), "1");
});

test("pure evaluation reads nothing outside of the store", () => {
  withFiles({ "a.nix": "1" }, (directory) => {
    const error = failure(() =>
      evaluatorWith({ settings: { pureEval: true } }).evalFile(join(directory, "a.nix")),
    );
    assert.equal(error.code, "restricted");
  });
});

test("positions of attributes in files", () => {
  withFiles({ "a.nix": "{\n  x = 1;\n}\n// { y = 2; }" }, (directory) => {
    const ask = (name: string) =>
      evaluate(
        `let p = builtins.unsafeGetAttrPos "${name}" (import ${directory}/a.nix); in [ p.line p.column ]`,
      );
    assert.equal(ask("x"), "[ 2 3 ]");
    assert.equal(ask("y"), "[ 4 6 ]");
  });
});
