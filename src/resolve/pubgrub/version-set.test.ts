import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "#format/testing";
import {
  ALL_VERSIONS,
  complementOf,
  countVersions,
  hasVersion,
  intersectionOf,
  isDisjointFrom,
  isSameSet,
  isSubsetOf,
  NO_VERSIONS,
  singleVersion,
  unionOf,
  type VersionSet,
  versionsIn,
  versionsWhere,
} from "./mod.ts";

const LIMIT = 12;

/** Members below the limit, and whether the set reaches to infinity. */
function members(set: VersionSet): Set<number> {
  return new Set(versionsIn(set, LIMIT + 1));
}

function randomSet(random: Random): VersionSet {
  const bounded = versionsWhere(LIMIT, () => random.chance(0.5));
  return random.chance(0.3) ? complementOf(bounded) : bounded;
}

test("the algebra is that of sets", () => {
  const random = new Random(7);
  const everything = new Set(versionsIn(ALL_VERSIONS, LIMIT + 1));
  for (let round = 0; round < 3000; round++) {
    const left = randomSet(random);
    const right = randomSet(random);
    const [a, b] = [members(left), members(right)];
    const label = `[${left}] [${right}]`;
    assert.deepEqual(members(intersectionOf(left, right)), a.intersection(b), label);
    assert.deepEqual(members(unionOf(left, right)), new Set([...a.union(b)].sort((x, y) => x - y)), label);
    assert.deepEqual(members(complementOf(left)), everything.difference(a), label);
    assert.equal(isSubsetOf(left, right), a.isSubsetOf(b), label);
    assert.equal(isDisjointFrom(left, right), a.isDisjointFrom(b), label);
    assert.equal(countVersions(left, LIMIT + 1), a.size, label);
    for (let ordinal = 0; ordinal <= LIMIT; ordinal++)
      assert.equal(hasVersion(left, ordinal), a.has(ordinal));
    // One way of writing: equal sets are equal lists.
    assert.ok(isSameSet(complementOf(complementOf(left)), left), label);
    assert.equal(isSameSet(left, right), a.symmetricDifference(b).size === 0, label);
  }
});

test("single, none and all", () => {
  assert.deepEqual(members(singleVersion(3)), new Set([3]));
  assert.deepEqual(complementOf(NO_VERSIONS), ALL_VERSIONS);
  assert.deepEqual(
    versionsWhere(0, () => true),
    NO_VERSIONS,
  );
});
