import assert from "node:assert/strict";
import { test } from "node:test";
import { createEvaluator } from "../evaluator.ts";
import { force, forceList } from "../runtime/mod.ts";
import { builtinTable } from "./mod.ts";
import { createReadOnlyHost } from "./testing/read-only-host.ts";

function evaluate(text: string): unknown {
  const evaluator = createEvaluator({ host: createReadOnlyHost(), builtins: builtinTable });
  return forceList(evaluator.forceDeep(evaluator.evalText(text, { baseDir: "/" }))).map(force);
}

test("sorting is stable, at every length", () => {
  for (let length = 0; length < 70; length++) {
    const items = Array.from({ length }, (_, i) => ({ key: (i * 7919) % 13, at: i }));
    const list = items.map(({ key, at }) => `{ k = ${key}; at = ${at}; }`).join(" ");
    const sorted = evaluate(`map (x: x.at) (builtins.sort (a: b: a.k < b.k) [ ${list} ])`);
    const expected = items.toSorted((a, b) => a.key - b.key).map(({ at }) => at);
    assert.deepEqual(sorted, expected, `length ${length}`);
  }
});

test("the fast ways give what the comparator gives", () => {
  for (const list of ["3 1 2 (-5) 0", '"b" "a" "" "ab" "B"', "9007199254740993 1 9007199254740992"]) {
    assert.deepEqual(
      evaluate(`builtins.sort builtins.lessThan [ ${list} ]`),
      evaluate(`builtins.sort (a: b: a < b) [ ${list} ]`),
      list,
    );
  }
});
