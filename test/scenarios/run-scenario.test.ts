import assert from "node:assert/strict";
import { test } from "node:test";
import { runScenario } from "./run-scenario.ts";
import { parseScenario } from "./scenario.ts";

const UNIVERSE = `
name = "choice"
[root]
requires = ["a[x]"]
[packages.a.versions."1.0"]
[packages.a.versions."2.0".extras]
x = ["b<2"]
[packages.b.versions."1.5"]
[packages.b.versions."2.0"]
`;

test("passes where the answer is the expected one", async () => {
  const outcome = await runScenario(
    parseScenario(`${UNIVERSE}[expected]\nsatisfiable = true\n[expected.packages]\na = "2.0"\nb = "1.5"\n`),
  );
  assert.deepEqual(outcome, { kind: "passed", message: undefined });
});

test("fails where it is another one", async () => {
  const other = `${UNIVERSE}[expected]\nsatisfiable = true\n[expected.packages]\na = "2.0"\nb = "2.0"\n`;
  assert.equal((await runScenario(parseScenario(other))).kind, "failed");
  assert.equal(
    (await runScenario(parseScenario(`${UNIVERSE}[expected]\nsatisfiable = false\n`))).kind,
    "failed",
  );
});

test("fails where there should be a solution and is none", async () => {
  const text = `[root]\nrequires = ["a>1"]\n[packages.a.versions."1.0"]\n[expected]\nsatisfiable = true\n`;
  assert.equal((await runScenario(parseScenario(text))).kind, "failed");
  const expected = await runScenario(parseScenario(text.replace("= true", "= false")));
  assert.ok(expected.kind === "passed" && expected.message?.includes("`a>1`"));
});

test("says which scenarios are not for one environment", async () => {
  const text = `${UNIVERSE}[expected]\nsatisfiable = true\n[resolver_options]\nuniversal = true\n`;
  assert.equal((await runScenario(parseScenario(text))).kind, "out-of-scope");
});
