import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRequirement } from "#format/python";
import { solvePython } from "#resolve/python";
import { memoryIndex } from "../../src/resolve/python/solve/testing/memory-index.ts";
import { type Answer, differencesOf, judgeDifference } from "./differences.ts";

// The newest a and the newest b exclude each other.
const INDEX = memoryIndex({
  a: { "1": {}, "2": { requires: ["b<2"] } },
  b: { "1": {}, "2": {} },
  c: { "1": {}, "2": {} },
});
const LIST = ["a", "b"];

async function solveWith(constraints: readonly string[]): Promise<Answer> {
  const { packages } = await solvePython({
    requirements: LIST.map(parseRequirement),
    constraints: constraints.map(parseRequirement),
    platform: { system: "x86_64-linux", python: "3.11.2", glibc: "2.36" },
    index: INDEX,
  });
  return new Map(packages.map(({ name, version }) => [name, version]));
}

const answer = (versions: Record<string, string>): Answer => new Map(Object.entries(versions));
const judge = async (ours: Answer, theirs: Answer) =>
  (await judgeDifference(ours, theirs, { list: LIST, solveWith })).kind;

test("the other one of two that exclude each other gave way: explained", async () => {
  const ours = await solveWith([]);
  assert.deepEqual(differencesOf(ours, answer({ a: "1", b: "2" })), [
    "a: copse 2, pip 1",
    "b: copse 1, pip 2",
  ]);
  assert.equal(await judge(ours, answer({ a: "1", b: "2" })), "explained");
});

test("not explained: an older first name, an answer that does not hold or has more than is needed", async () => {
  const ours = await solveWith([]);
  assert.equal(await judge(answer({ a: "1", b: "2" }), answer({ a: "2", b: "1" })), "unexplained");
  assert.equal(await judge(ours, answer({ a: "1", b: "2", c: "1" })), "unexplained");
  assert.equal(await judge(answer({ a: "2", b: "1", c: "1" }), answer({ a: "2", b: "1" })), "unexplained");
});
