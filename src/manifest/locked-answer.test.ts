import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackageEntry } from "./expression/package-entries.ts";
import { answerOf, nearestDifference, requirementsAtHand } from "./locked-answer.ts";

function entry(requirement: string, path?: string): PackageEntry {
  const name = /^[a-z]+/.exec(requirement)?.[0] ?? requirement;
  return { ...{ name, given: name, requirement, path }, isEditable: false, origin: ["python", "packages"] };
}

const questions = [
  { requirements: ["a", "b >=1", "c", "d"] },
  { requirements: ["a", "b >=1"] },
  { requirements: ["a", "b >=1", "c"] },
];

test("without projects at hand, the question is the requirements, in any order and spacing", () => {
  assert.equal(answerOf([entry("b>=1"), entry("a")], questions), questions[1]);
  assert.equal(answerOf([entry("a")], questions), undefined);
  assert.equal(answerOf([entry("a"), entry("x")], questions), undefined);
});

test("with one, it is the smallest question that has the others", () => {
  const own = entry("own", "./own");
  assert.equal(answerOf([entry("a"), own], questions), questions[1]);
  const entries = [entry("a"), entry("c"), own];
  assert.equal(answerOf(entries, questions), questions[2]);
  assert.deepEqual(requirementsAtHand(entries, { requirements: ["a", "b >=1", "c"] }), ["b >=1"]);
  assert.equal(answerOf([entry("x"), own], questions), undefined);
});

test("a question that is not there is told by its difference from the nearest one", () => {
  const entries = [entry("a"), entry("b>=1"), entry("x<2")];
  assert.deepEqual(nearestDifference(entries, questions), { missing: [entries[2]], surplus: [] });
  assert.deepEqual(nearestDifference([entry("b>=1")], questions), { missing: [], surplus: ["a"] });
  assert.deepEqual(nearestDifference(entries, []), { missing: entries, surplus: [] });
});
