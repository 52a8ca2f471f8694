import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "#format/testing";
import { type Fact, factsUnder, factUniverse, shrinkCore, solve } from "./mod.ts";
import { faultsOf, judgeWorld, randomWorld, type World, worldUniverse } from "./testing/random-universe.ts";

const SHAPES = [
  { packages: 3, versions: 3, needs: 2, allowed: 0.5 },
  { packages: 5, versions: 4, needs: 2, allowed: 0.5 },
  { packages: 8, versions: 5, needs: 3, allowed: 0.6 },
  { packages: 8, versions: 6, needs: 4, allowed: 0.35 },
  { packages: 12, versions: 4, needs: 3, allowed: 0.5 },
];
const WORLDS = 4500 * Number(process.env["COPSE_FUZZ"] ?? 1);

test("agrees with a search of all combinations on random worlds", async () => {
  const seen = { solution: 0, conflict: 0 };
  for (let seed = 0; seed < WORLDS; seed++) {
    const world = randomWorld(new Random(seed), SHAPES[seed % SHAPES.length]!);
    const outcome = await solve(0, worldUniverse(world));
    seen[outcome.kind]++;
    const judged = judgeWorld(world);
    assert.equal(outcome.kind, judged ? "solution" : "conflict", `world ${seed}`);
    if (outcome.kind === "solution") assert.deepEqual(faultsOf(world, outcome.versions), [], `world ${seed}`);
  }
  // A generator that makes only one kind of world would prove nothing.
  assert.ok(seen.solution > WORLDS / 10 && seen.conflict > WORLDS / 10, JSON.stringify(seen));
});

test("the facts under a proof exclude every solution, and each that is kept is needed", async () => {
  let conflicts = 0;
  for (let seed = 0; seed < WORLDS / 5; seed++) {
    const world = randomWorld(new Random(seed), SHAPES[seed % SHAPES.length]!);
    const outcome = await solve(0, worldUniverse(world));
    if (outcome.kind !== "conflict") continue;
    conflicts++;
    const facts = factsUnder(outcome.proof);
    assert.equal(judgeWorld(worldOf(world, facts)), undefined, `world ${seed}`);
    const core = await shrinkCore(
      0,
      facts.map((fact) => [fact]),
    );
    assert.equal(judgeWorld(worldOf(world, core.flat())), undefined, `world ${seed}, shrunk`);
    for (const left of core) {
      const rest = core.filter((group) => group !== left).flat();
      assert.equal((await solve(0, factUniverse(rest))).kind, "solution", `world ${seed}, without one`);
      assert.ok(judgeWorld(worldOf(world, rest)), `world ${seed}, without one, judged`);
    }
  }
  assert.ok(conflicts > 50);
});

test("learns from conflicts: a hundred versions with the same fault are one conflict", async () => {
  const facts: Fact<string, string>[] = [need("root", "a"), need("root", "b", [0, 1])];
  for (let version = 0; version < 100; version++) facts.push(need("a", "b", [1, 2], version));
  const outcome = await solve("root", factUniverse(facts));
  assert.equal(outcome.kind, "conflict");
  assert.ok(outcome.decisions < 110, String(outcome.decisions));
});

test("turns to what keeps conflicting before it goes down to ancient versions", async () => {
  // Versions newest first. a: 0 is new. b: 0-9 need the old a, 10 is ancient and needs nothing.
  const facts: Fact<string, string>[] = [need("root", "a", [0, 2]), need("root", "b", [0, 11])];
  for (let version = 0; version < 10; version++)
    // Other versions of c each, so that nothing can be learned about several at once.
    facts.push(need("b", "a", [1, 2], version), need("b", `c${version}`, [0, 1], version));
  const base = factUniverse(facts);
  const outcome = await solve("root", {
    ...base,
    priority: ({ package: one, rank }) => ({ early: 0, usual: 1, late: 2 })[rank] * 2 + (one === "b" ? 1 : 0),
    factsOf: (one, version) => base.factsOf(one, version),
  });
  assert.ok(outcome.kind === "solution");
  assert.deepEqual([outcome.versions.get("a"), outcome.versions.get("b")], [1, 0]);
});

test("a package that needs another version of itself cannot be taken", async () => {
  const own = [need("root", "a", [0, 2]), need("a", "a", [1, 2], 0)];
  const outcome = await solve("root", factUniverse(own));
  assert.ok(outcome.kind === "solution" && outcome.versions.get("a") === 1);
  assert.equal((await solve("root", factUniverse([...own, need("a", "a", [0, 1], 1)]))).kind, "conflict");
});

test("answers that come later give the same solution", async () => {
  for (let seed = 0; seed < 50; seed++) {
    const universe = worldUniverse(randomWorld(new Random(seed), SHAPES[2]!));
    const atOnce = await solve(0, universe);
    const later = await solve(0, {
      priority: (wanted) => universe.priority(wanted),
      choose: async (one, versions) => universe.choose(one, versions),
      factsOf: async (one, version) => universe.factsOf(one, version),
    });
    assert.deepEqual(kindAndVersions(later), kindAndVersions(atOnce));
  }
});

function kindAndVersions(outcome: Awaited<ReturnType<typeof solve<number, string>>>): unknown {
  return outcome.kind === "solution" ? [...outcome.versions].sort() : outcome.kind;
}

function need(from: string, to: string, allowed = [0, 1], version = 0): Fact<string, string> {
  return {
    kind: "dependency",
    package: from,
    versions: [version, version + 1],
    needs: to,
    allowed,
    note: "",
  };
}

/** The world in which nothing holds but some facts about the packages of another one. */
function worldOf(world: World, facts: readonly Fact<number, string>[]): World {
  const packages = world.packages.map((versions) => versions.map(() => new Map<number, readonly number[]>()));
  const broken = new Set<string>();
  for (const fact of facts)
    packages[fact.package]!.forEach((needs, version) => {
      if (version < fact.versions[0]! || version >= fact.versions[1]!) return;
      if (fact.kind === "unavailable") broken.add(`${fact.package} ${version}`);
      else needs.set(fact.needs, fact.allowed);
    });
  return { packages, broken };
}
