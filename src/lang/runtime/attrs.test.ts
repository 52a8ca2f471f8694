import assert from "node:assert/strict";
import { test } from "node:test";
import { Attrs, update } from "./attrs.ts";
import { Shape } from "./shape.ts";

/** The same numbers in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

function assertSame(attrs: Attrs, model: ReadonlyMap<string, number>): void {
  for (const [name, value] of model) assert.equal(attrs.get(name), value, name);
  assert.equal(attrs.get("absent"), undefined);
  const names = [...model.keys()].sort();
  assert.deepEqual(attrs.names(), names);
  assert.deepEqual(
    attrs.values(),
    names.map((name) => model.get(name)),
  );
}

test("updates behave as on a map, whatever the sizes", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = generator(seed);
    let attrs = Attrs.empty;
    const model = new Map<string, number>();
    for (let step = 0; step < 30; step++) {
      const count = random(4) === 0 ? random(300) : random(6);
      const entries = Array.from({ length: count }, (): [string, number] => [
        `n${random(400)}`,
        random(1000),
      ]);
      attrs = update(attrs, Attrs.fromEntries(entries));
      for (const [name, value] of entries) model.set(name, value);
      for (const [name, value] of model)
        assert.equal(attrs.get(name), value, `${name} in step ${step} of seed ${seed}`);
      if (random(5) === 0) assertSame(attrs, model);
    }
    assertSame(attrs, model);
  }
});

test("a left side is not changed by an update", () => {
  const left = Attrs.fromEntries(Array.from({ length: 100 }, (_, i): [string, number] => [`n${i}`, i]));
  const first = update(left, Attrs.fromEntries([["n1", -1]]));
  const second = update(first, Attrs.fromEntries([["n2", -2]]));
  assert.deepEqual(
    [left.get("n1"), first.get("n1"), first.get("n2"), second.get("n1"), second.get("n2")],
    [1, -1, 2, -1, -2],
  );
  assert.equal(second.size, 100);
});

test("of equal names the first or the last counts", () => {
  for (const length of [3, 40]) {
    const names = Array.from({ length }, (_, i) => `n${i % 3}`);
    const values = names.map((_, i) => i);
    assert.equal(Attrs.build(names, values).get("n0"), 0);
    assert.equal(Attrs.build(names, values, { keep: "last" }).get("n0"), length - 1 - ((length - 1) % 3));
  }
});

test("names are ordered by byte", () => {
  const names = ["b", "a", "B", "ab", "", "\u00ff", "a'"];
  assert.deepEqual(Attrs.build(names, names).names(), ["", "B", "a", "a'", "ab", "b", "\u00ff"]);
});

test("positions follow their attributes", () => {
  const left = new Attrs(new Shape(["a", "b"], [10, 20], true), [1, 2], undefined);
  const right = new Attrs(new Shape(["b", "c"], [30, 40], true), [3, 4], undefined);
  const both = update(left, right);
  assert.deepEqual(
    ["a", "b", "c", "d"].map((name) => both.positionOf(name)),
    [10, 30, 40, undefined],
  );
  assert.equal(both.removeNames(["b"]).positionOf("c"), 40);
  assert.equal(both.filter((name) => name !== "a").positionOf("b"), 30);
  assert.equal(both.mapValues(() => 0).positionOf("a"), undefined);
});

test("removing what is not there answers the set itself", () => {
  const attrs = Attrs.fromEntries([["a", 1]]);
  assert.equal(attrs.removeNames(["b"]), attrs);
  assert.equal(attrs.removeNames(["a"]).size, 0);
});
