/**
 * Random universes of Python packages, with extras, markers, pre-releases and requirements of every operator, solved and
 * judged by a search that tries every combination and asks each specifier about each version.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { contains, type NormalizedName, parseRequirement, parseVersion } from "#format/python";
import { Random } from "#format/testing";
import { solvePython } from "./resolve-python.ts";
import { type MemoryProjects, type MemoryVersion, memoryIndex } from "./solve/testing/memory-index.ts";

const UNIVERSES = 600 * Number(process.env["COPSE_FUZZ"] ?? 1);
const NAMES = ["a", "b", "c", "d", "e", "f"];
const VERSIONS = ["0.9", "1.0", "1.0.post1", "1.1rc1", "1.1", "1.1+cpu", "2.0.dev3", "2.0"];
const OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "~="];
const EXTRAS = ["x", "y"];

function randomRequirement(random: Random): string {
  const extras = random.chance(0.2) ? `[${random.pick(EXTRAS)}]` : "";
  const version = random.pick(VERSIONS);
  const operator = version.includes("+") ? random.pick(["==", "!="]) : random.pick(OPERATORS);
  const specifier = random.chance(0.4) ? "" : `${operator}${version}`;
  const second = random.chance(0.15) ? `${specifier === "" ? "" : ","}!=1.*` : "";
  const marker = random.chance(0.15) ? `; sys_platform == "${random.pick(["linux", "win32"])}"` : "";
  return `${random.pick(NAMES)}${extras}${specifier}${second} ${marker}`;
}

function randomVersion(random: Random): MemoryVersion {
  const requires = random.list(random.below(3), () => randomRequirement(random));
  const extras = Object.fromEntries(
    EXTRAS.map((extra) => [extra, random.list(random.below(2), () => randomRequirement(random))]),
  );
  return { requires, extras };
}

function randomProjects(random: Random): MemoryProjects {
  return Object.fromEntries(
    NAMES.map((name) => [
      name,
      Object.fromEntries(
        VERSIONS.filter(() => random.chance(0.5)).map((version) => [version, randomVersion(random)]),
      ),
    ]),
  );
}

interface Need {
  readonly name: NormalizedName;
  readonly extras: readonly string[];
  readonly allows: (version: string) => boolean;
}

function needsOf(requirements: readonly string[]): readonly Need[] {
  return requirements
    .filter((text) => !text.includes("win32"))
    .map((text) => {
      const { name, extras, specifiers } = parseRequirement(text);
      return {
        name,
        extras,
        allows: (version) => !specifiers || contains(specifiers, parseVersion(version)),
      };
    });
}

/** A choice as the judge has it: a version and the extras that are wanted of it. */
type Chosen = ReadonlyMap<string, { readonly version: string; readonly extras: ReadonlySet<string> }>;

/** All that the chosen packages need, and the root. */
function openNeeds(projects: MemoryProjects, root: readonly Need[], chosen: Chosen): readonly Need[] {
  const needs = [...root];
  for (const [name, { version, extras }] of chosen) {
    const about = projects[name]![version]!;
    needs.push(...needsOf(about.requires ?? []));
    for (const extra of extras) needs.push(...needsOf(about.extras?.[extra] ?? []));
  }
  return needs;
}

function judge(projects: MemoryProjects, root: readonly Need[], chosen: Chosen): boolean {
  for (const need of openNeeds(projects, root, chosen)) {
    const taken = chosen.get(need.name);
    if (!taken) {
      const candidates = Object.keys(projects[need.name] ?? {}).filter(need.allows);
      return candidates.some((version) =>
        judge(projects, root, new Map([...chosen, [need.name, { version, extras: new Set(need.extras) }]])),
      );
    }
    if (!need.allows(taken.version)) return false;
    const extras = taken.extras.union(new Set(need.extras));
    if (extras.size > taken.extras.size)
      return judge(projects, root, new Map([...chosen, [need.name, { version: taken.version, extras }]]));
  }
  return true;
}

test("agrees with a search of all combinations, and its solutions hold", async () => {
  const seen = { solution: 0, conflict: 0 };
  for (let seed = 0; seed < UNIVERSES; seed++) {
    const random = new Random(seed);
    const projects = randomProjects(random);
    const requirements = random.list(1 + random.below(3), () => randomRequirement(random));
    const label = `universe ${seed}: ${requirements.join(" & ")}`;
    const expected = judge(projects, needsOf(requirements), new Map());
    seen[expected ? "solution" : "conflict"]++;
    try {
      const { packages } = await solvePython({
        requirements: requirements.map(parseRequirement),
        platform: { system: "x86_64-linux", python: "3.11.2", glibc: "2.36" },
        index: memoryIndex(projects),
      });
      assert.ok(expected, `${label}: there is no solution`);
      const chosen = new Map(
        packages.map(({ name, version, extras }) => [name as string, { version, extras: new Set(extras) }]),
      );
      for (const need of openNeeds(projects, needsOf(requirements), chosen)) {
        const taken = chosen.get(need.name);
        assert.ok(taken && need.allows(taken.version), `${label}: ${need.name} ${taken?.version}`);
        assert.ok(
          need.extras.every((extra) => taken.extras.has(extra as NormalizedName)),
          label,
        );
      }
    } catch (error) {
      if (!isCopseError(error, "python-no-solution")) throw error;
      assert.ok(!expected, `${label}: there is a solution\n${error.message}`);
      assert.ok(error.message.split("\n").length <= 20, label);
    }
  }
  assert.ok(seen.solution > UNIVERSES / 10 && seen.conflict > UNIVERSES / 10, JSON.stringify(seen));
});
