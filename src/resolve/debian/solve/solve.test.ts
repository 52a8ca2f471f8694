import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CopseError, isCopseError } from "#base";
import { encodeIndex, PackageIndex } from "../index/index-file.ts";
import { type FixturePackage, packagesText } from "../testing/fixture-archive.ts";
import { solveDebian } from "./solve.ts";
import { type Candidate, conflictsOf, dependenciesOf, PackageUniverse } from "./universe.ts";

function universeOf(
  packages: readonly FixturePackage[],
  preferredVersions?: ReadonlyMap<string, string>,
): PackageUniverse {
  const index = PackageIndex.open(encodeIndex(packagesText(packages), "test"));
  assert.ok(index);
  return new PackageUniverse({ sources: [{ archive: "debian", index }], preferredVersions });
}

function solve(
  packages: readonly FixturePackage[],
  names: readonly string[],
  preferred?: ReadonlyMap<string, string>,
): string[] {
  return solveDebian({ universe: universeOf(packages, preferred), names, suite: "test" }).map(
    (one) => `${one.name}=${one.version}`,
  );
}

/** `name fields`, in short: `d:` Depends, `p:` Provides, `c:` Conflicts, `b:` Breaks, `D:` Pre-Depends, `v:` version. */
function packages(...lines: readonly string[]): FixturePackage[] {
  const keys: Record<string, string> = {
    d: "Depends",
    D: "Pre-Depends",
    p: "Provides",
    c: "Conflicts",
    b: "Breaks",
    P: "Priority",
    m: "Multi-Arch",
  };
  return lines.map((line) => {
    const [name = "", ...parts] = line.split("; ");
    const fields: Record<string, string> = {};
    let version = "1.0";
    for (const part of parts) {
      const [key = "", value = ""] = part.split(": ");
      if (key === "v") version = value;
      else fields[keys[key] as string] = value;
    }
    return { name, version, fields };
  });
}

function refusal(list: readonly FixturePackage[], names: readonly string[]): CopseError {
  try {
    solve(list, names);
  } catch (error) {
    if (error instanceof CopseError) return error;
    throw error;
  }
  throw new Error(`${names.join(" ")} was to be refused`);
}

test("a closure, each after what it depends on", () => {
  const list = packages("a; d: b, c (>= 2)", "b; d: d", "c; v: 2; D: e; d: d", "d", "e", "f");
  assert.deepEqual(solve(list, ["a"]), ["d=1.0", "b=1.0", "e=1.0", "c=2", "a=1.0"]);
  assert.deepEqual(solve(list, ["f", "a"]), solve(list, ["a", "f"]));
});

test("circles are cut the same way each time", () => {
  const list = packages("a; d: b", "b; d: c", "c; d: a");
  assert.deepEqual(solve(list, ["a"]), ["c=1.0", "b=1.0", "a=1.0"]);
  assert.deepEqual(solve(list, ["b", "a"]), ["c=1.0", "b=1.0", "a=1.0"]);
});

test("the first alternative is taken, unless another is there", () => {
  const list = packages("a; d: x | y", "b; d: y", "x", "y");
  assert.deepEqual(solve(list, ["a"]), ["x=1.0", "a=1.0"]);
  assert.deepEqual(solve(list, ["a", "b"]), ["y=1.0", "a=1.0", "b=1.0"]);
});

test("alternatives that cannot hold are passed over", () => {
  assert.deepEqual(solve(packages("a; d: none | old (>= 2) | y", "old", "y"), ["a"]), ["y=1.0", "a=1.0"]);
  assert.deepEqual(solve(packages("a; d: x | y", "x; d: gone", "y"), ["a"]), ["y=1.0", "a=1.0"]);
  assert.deepEqual(solve(packages("a; d: x | y, z", "x", "y", "z; c: x"), ["a"]), [
    "y=1.0",
    "z=1.0",
    "a=1.0",
  ]);
});

test("choices are taken back over several steps", () => {
  const list = packages(
    "a; d: x1 | x2, y1 | y2",
    "x1; d: u",
    "x2",
    "y1; d: w1 | w2",
    "y2; d: u, t",
    "t; c: u",
    "w1; b: u",
    "w2; b: x1",
    "u",
  );
  assert.deepEqual(solve(list, ["a"]).sort(), ["a=1.0", "w1=1.0", "x2=1.0", "y1=1.0"].sort());
});

test("virtual packages: real ones first, then by priority and name, with versions", () => {
  const list = packages("a; d: awk", "gawk; p: awk", "mawk; p: awk; P: required", "original-awk; p: awk");
  assert.deepEqual(solve(list, ["a"]), ["mawk=1.0", "a=1.0"]);
  const versioned = packages("a; d: api (>= 2)", "one; p: api", "two; p: api (= 1)", "three; p: api (= 2.1)");
  assert.deepEqual(solve(versioned, ["a"]), ["three=1.0", "a=1.0"]);
  assert.deepEqual(solve(packages("a; d: x", "b; p: x", "x"), ["a"]), ["x=1.0", "a=1.0"]);
});

test("a package may exclude what it provides itself", () => {
  const list = packages("exim; p: mta; c: mta", "postfix; p: mta; c: mta", "a; d: mta");
  assert.deepEqual(solve(list, ["a"]), ["exim=1.0", "a=1.0"]);
  assert.equal(refusal(list, ["exim", "postfix"]).code, "debian-unsatisfiable");
});

test("name:any needs a package that allows it", () => {
  const list = packages("a; d: python3:any", "python3; m: allowed", "b; d: perl:any", "perl");
  assert.deepEqual(solve(list, ["a"]), ["python3=1.0", "a=1.0"]);
  assert.equal(refusal(list, ["b"]).code, "debian-unsatisfiable");
});

test("the highest version, the locked one where it serves, another where it must be", () => {
  const list = packages("a; d: x", "x; v: 2", "x; v: 10", "x; v: 1:0.1~rc1", "b; d: x (<< 5)");
  assert.deepEqual(solve(list, ["a"]), ["x=1:0.1~rc1", "a=1.0"]);
  assert.deepEqual(solve(list, ["a"], new Map([["x", "10"]])), ["x=10", "a=1.0"]);
  assert.deepEqual(solve(list, ["a"], new Map([["x", "11"]])), ["x=1:0.1~rc1", "a=1.0"]);
  assert.deepEqual(solve(list, ["a", "b"]), ["x=2", "a=1.0", "b=1.0"]);
});

test("OpenBLAS comes before the reference BLAS", () => {
  const list = packages(
    "numpy; d: libblas3 | libblas.so.3",
    "libblas3; p: libblas.so.3",
    "libopenblas0-pthread; p: libblas.so.3, liblapack.so.3",
  );
  assert.deepEqual(solve(list, ["numpy"]), ["libopenblas0-pthread=1.0", "numpy=1.0"]);
});

test("an unknown name comes with those that may have been meant", () => {
  const list = packages("python3-numpy", "python3-scipy", "gawk; p: awk");
  assert.match(refusal(list, ["python3-nunpy"]).hint ?? "", /did you mean python3-numpy/);
  assert.match(refusal(list, ["numpy"]).hint ?? "", /did you mean python3-numpy/);
  assert.match(refusal(list, ["awk"]).hint ?? "", /gawk/);
  assert.ok(isCopseError(refusal(list, ["numpy"]), "debian-package-unknown"));
});

test("what cannot be satisfied is explained from the request on", () => {
  const lines = (error: CopseError) => error.trace.map(({ message }) => message);
  assert.deepEqual(lines(refusal(packages("a; d: b", "b; d: c (>= 2)", "c"), ["a"])), [
    "`a` depends on `b`",
    "`b` depends on `c (>= 2)`, but there is only 1.0",
  ]);
  assert.deepEqual(lines(refusal(packages("a; d: b", "b; d: gone"), ["a"])), [
    "`a` depends on `b`",
    "`b` depends on `gone`, which no package provides",
  ]);
  const both = lines(refusal(packages("a; d: x", "b; d: y", "x; c: y", "y"), ["a", "b"]));
  assert.ok(both.includes("`a` depends on `x`") && both.includes("`b` depends on `y`"), both.join("\n"));
  assert.ok(
    both.some((line) => line.includes("excludes")),
    both.join("\n"),
  );
});

// Random universes ---------------------------------------------------------------------------------------------

function randomPackages(seed: number): FixturePackage[] {
  let state = seed * 2654435761 + 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const count = 4 + random(6);
  const name = () => `p${random(count)}`;
  const relation = () =>
    `${random(8) === 0 ? "v1" : name()}${random(5) === 0 ? ` (${["<<", ">=", "="][random(3)]} ${1 + random(2)})` : ""}`;
  const list = (length: number, one: () => string) => Array.from({ length }, one).join(", ");
  const result: FixturePackage[] = [];
  for (let i = 0; i < count; i++) {
    for (let version = 1; version <= 1 + (random(4) === 0 ? 1 : 0); version++) {
      const fields: Record<string, string> = {};
      const depends = list(random(4), () => (random(3) === 0 ? `${relation()} | ${relation()}` : relation()));
      if (depends !== "") fields["Depends"] = depends;
      const conflicts = list(random(5) === 0 ? 1 : 0, relation);
      if (conflicts !== "") fields[random(2) === 0 ? "Conflicts" : "Breaks"] = conflicts;
      if (random(4) === 0) fields["Provides"] = random(2) === 0 ? "v1" : "v1 (= 1)";
      result.push({ name: `p${i}`, version: String(version), fields });
    }
  }
  return result;
}

/** Whether a set of packages holds together, by the rules as they stand in Debian's policy. */
function problems(universe: PackageUniverse, chosen: readonly Candidate[]): string[] {
  const set = new Set(chosen);
  const result: string[] = [];
  if (new Set(chosen.map(({ name }) => name)).size !== chosen.length)
    result.push("two versions of one package");
  for (const one of chosen) {
    for (const { relations } of dependenciesOf(one))
      if (!relations.some((relation) => universe.satisfying(relation).some((other) => set.has(other))))
        result.push(`${one.name} lacks ${JSON.stringify(relations)}`);
    for (const relation of conflictsOf(one))
      for (const other of universe.satisfying(relation))
        if (set.has(other) && other.name !== one.name) result.push(`${one.name} excludes ${other.name}`);
  }
  return result;
}

/** By trying all: for each name no version or one of them. */
function isSatisfiable(universe: PackageUniverse, names: readonly string[]): boolean {
  const all = universe.names();
  const attempt = (position: number, chosen: readonly Candidate[]): boolean => {
    const name = all[position];
    if (name === undefined)
      return (
        names.every((wanted) => chosen.some((one) => one.name === wanted)) &&
        problems(universe, chosen).length === 0
      );
    const options: (Candidate | undefined)[] = [
      ...universe.candidates(name),
      ...(names.includes(name) ? [] : [undefined]),
    ];
    return options.some((option) => attempt(position + 1, option ? [...chosen, option] : chosen));
  };
  return attempt(0, []);
}

test("on random universes: an answer wherever there is one, and only ones that hold", () => {
  let satisfiable = 0;
  for (let seed = 0; seed < 1500; seed++) {
    const list = randomPackages(seed);
    const universe = universeOf(list);
    const names = ["p0", "p1"];
    let answer: Candidate[] | undefined;
    try {
      answer = solveDebian({ universe, names, suite: "test" });
    } catch (error) {
      assert.ok(isCopseError(error, "debian-unsatisfiable"), `seed ${seed}: ${String(error)}`);
      assert.ok(error.trace.length > 0, `seed ${seed} has no explanation`);
    }
    if (answer) {
      satisfiable++;
      assert.deepEqual(problems(universe, answer), [], `seed ${seed}`);
      for (const name of names)
        assert.ok(
          answer.some((one) => one.name === name),
          `seed ${seed} lacks ${name}`,
        );
    } else assert.equal(isSatisfiable(universe, names), false, `seed ${seed} has an answer`);
  }
  assert.ok(satisfiable > 300 && satisfiable < 1400, `${satisfiable} of 1500 are satisfiable`);
});

const hasApt = spawnSync("apt-get", ["--version"]).status === 0;

/** What apt-get would install on an empty machine whose only source is this list. */
function apt(
  directory: string,
  list: readonly FixturePackage[],
  names: readonly string[],
): string[] | undefined {
  mkdirSync(join(directory, "repo"), { recursive: true });
  for (const part of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(directory, part), { recursive: true });
  const fields = { Maintainer: "nobody" };
  writeFileSync(
    join(directory, "repo", "Packages"),
    packagesText(list.map((one) => ({ ...one, fields: { ...fields, ...one.fields } }))),
  );
  writeFileSync(join(directory, "status"), "");
  writeFileSync(join(directory, "sources.list"), `deb [trusted=yes] file:${directory}/repo ./\n`);
  writeFileSync(
    join(directory, "apt.conf"),
    `Dir::State "${directory}"; Dir::State::lists "${directory}/lists"; Dir::State::status "${directory}/status"; Dir::Cache "${directory}/cache"; Dir::Etc::sourcelist "${directory}/sources.list"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::parts "/dev/null"; Dir::Etc::preferencesparts "/dev/null"; APT::Architecture "amd64"; APT::Architectures { "amd64"; }; APT::Sandbox::User "root"; Acquire::Languages "none"; Debug::NoLocking "1";`,
  );
  const env = { ...process.env, APT_CONFIG: join(directory, "apt.conf"), LC_ALL: "C" };
  const update = spawnSync("apt-get", ["update", "-qq"], { env, encoding: "utf8" });
  assert.equal(update.status, 0, update.stderr);
  const run = spawnSync("apt-get", ["-s", "install", "--no-install-recommends", ...names], {
    env,
    encoding: "utf8",
  });
  if (run.status !== 0) return undefined;
  return [...run.stdout.matchAll(/^Inst (\S+) \((\S+)/gm)].map((match) => `${match[1]}=${match[2]}`).sort();
}

test("on random universes without choices: what apt-get would install", {
  skip: !hasApt && "apt-get is not installed",
}, () => {
  const directory = mkdtempSync(join(tmpdir(), "copse-apt-"));
  let compared = 0;
  try {
    for (let seed = 5000; seed < 5012; seed++) {
      // With choices, apt gives up at times where there is an answer, and takes more than is needed at others.
      const list = randomPackages(seed)
        .filter(({ version }) => version === "1")
        .map((one) => ({
          ...one,
          fields: {
            ...one.fields,
            Depends: one.fields?.["Depends"]?.replace(/ \|[^,]*/g, "") ?? "libbase",
            Provides: "",
          },
        }))
        .map((one) => ({
          ...one,
          fields: Object.fromEntries(Object.entries(one.fields).filter(([, value]) => value !== "")),
        }));
      list.push({ name: "libbase", version: "1", fields: {} }, { name: "v1", version: "1", fields: {} });
      const theirs = apt(directory, list, ["p0", "p1"]);
      let ours: string[] | undefined;
      try {
        ours = solve(list, ["p0", "p1"]).sort();
      } catch (error) {
        assert.ok(isCopseError(error, "debian-unsatisfiable"));
      }
      assert.deepEqual(ours, theirs, `seed ${seed}`);
      if (ours) compared++;
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  assert.ok(compared > 0);
});
