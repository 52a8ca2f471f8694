import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { fuzzRuns, Random } from "#format/testing";
import { normaliseName } from "../requirement/name.ts";
import { findPackaging } from "../testing/packaging.ts";
import { randomVersion } from "../testing/random-versions.ts";
import { platformTags, type TagPlatform } from "./platform-tags.ts";
import { parseSdistName } from "./sdist-name.ts";
import { expandTags, parseTagSet, rankOfTags, rankTags } from "./tags.ts";
import { compareBuilds, parseWheelName } from "./wheel-name.ts";

const packaging = findPackaging();

const BOOKWORM: TagPlatform = { system: "x86_64-linux", python: "3.11.2", glibc: "2.36" };

test("the best tag is that of the interpreter itself", () => {
  const tags = platformTags(BOOKWORM);
  assert.equal(tags[0], "cp311-cp311-linux_x86_64");
  assert.equal(tags[1], "cp311-cp311-manylinux_2_36_x86_64");
  assert.equal(tags.at(-1), "py30-none-any");
  const ranks = rankTags(tags);
  const rank = (text: string): number | undefined => rankOfTags(parseTagSet(text), ranks);
  const ordered = [
    "cp311-cp311-manylinux_2_28_x86_64",
    "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp311-abi3-manylinux2014_x86_64",
    "cp39-abi3-manylinux1_x86_64",
    "py3-none-manylinux_2_17_x86_64",
    "cp311-none-any",
    "py2.py3-none-any",
  ].map(rank) as number[];
  assert.deepEqual(
    ordered,
    ordered.toSorted((a, b) => a - b),
  );
  for (const text of [
    "cp312-cp312-manylinux_2_17_x86_64",
    "cp311-cp311-manylinux_2_37_x86_64",
    "cp311-cp311-musllinux_1_2_x86_64",
    "cp311-cp311-manylinux_2_17_aarch64",
    "cp312-abi3-manylinux_2_17_x86_64",
    "cp311-cp311-win_amd64",
    "py2-none-any",
  ])
    assert.equal(rank(text), undefined, text);
});

test("platforms that have no wheels are refused", () => {
  for (const change of [{ system: "x86_64-darwin" }, { system: "x" }, { glibc: "3.0" }, { glibc: "new" }])
    assert.throws(() => platformTags({ ...BOOKWORM, ...change }), { code: "python-platform-unknown" });
  assert.throws(() => platformTags({ ...BOOKWORM, python: "3" }), { code: "python-version-invalid" });
});

const LIBRARIES = [
  ["glibc", "2.31"],
  ["glibc", "2.36"],
  ["glibc", "2.41"],
  ["musl", "1.2"],
] as const;
const ARCHITECTURES = {
  x86_64: "x86_64",
  aarch64: "aarch64",
  i686: "i686",
  powerpc64le: "ppc64le",
  armv7l: "armv7l",
};

test("packaging has the same tags in the same order", { skip: packaging.reason }, () => {
  const questions: [TagPlatform, unknown][] = [];
  for (const python of ["3.8", "3.9", "3.11", "3.13", "3.14"])
    for (const [system, architecture] of Object.entries(ARCHITECTURES))
      for (const [library, version] of LIBRARIES)
        for (const freeThreaded of [false, true]) {
          if (freeThreaded && !["3.13", "3.14"].includes(python)) continue;
          const numbers = [python, version].map((text) => text.split(".").map(Number));
          questions.push([
            { system: `${system}-linux`, python: `${python}.1`, [library]: version, freeThreaded },
            [numbers[0], architecture, library, numbers[1], freeThreaded],
          ]);
        }
  const answers = packaging.ask!(
    "linux",
    questions.map(([, question]) => question),
  );
  for (const [i, [platform, question]] of questions.entries())
    assert.deepEqual(platformTags(platform), answers[i], JSON.stringify(question));
});

test("the name of a wheel has its parts", () => {
  const wheel = parseWheelName(
    "Foo_Bar-1.0+cpu-2x-cp39.cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
  );
  assert.equal(wheel.name, "foo-bar");
  assert.equal(`${wheel.version}`, "1.0+cpu");
  assert.deepEqual(wheel.build, { number: 2, text: "x" });
  assert.equal([...expandTags(wheel.tags)].length, 4);
  assert.ok(compareBuilds(undefined, wheel.build) < 0);
  assert.ok(compareBuilds({ number: 10, text: "" }, { number: 9, text: "a" }) > 0);
  assert.ok(compareBuilds({ number: 1, text: "b" }, { number: 1, text: "a" }) > 0);
  assert.equal(compareBuilds(undefined, undefined), 0);
});

test("what is not the name of a wheel is refused", () => {
  for (const file of [
    "foo-1.0-py3-none-any.zip",
    "foo-1.0-py3-none.whl",
    "foo-1.0-1-2-py3-none-any.whl",
    "foo-x-py3-none-any.whl",
    "foo-1.0-x-py3-none-any.whl",
    "foo__bar-1.0-py3-none-any.whl",
    "../foo-1.0-py3-none-any.whl",
    "foo-1.0-py3-none-.whl",
    "foo-1.0-py3-none-any.whl.metadata",
    "-1.0-py3-none-any.whl",
  ])
    assert.throws(() => parseWheelName(file), { code: "python-wheel-name-invalid" }, file);
});

test("the name of a source archive is divided where the project's name ends", () => {
  const sdist = (file: string, project?: string): string => {
    const { name, version, extension } = parseSdistName(
      file,
      project === undefined ? undefined : normaliseName(project),
    );
    return `${name} ${version} ${extension}`;
  };
  assert.equal(sdist("foo_bar-1.0.tar.gz"), "foo-bar 1.0 .tar.gz");
  assert.equal(sdist("foo-bar-1.0-1.zip", "foo-bar"), "foo-bar 1.0.post1 .zip");
  assert.equal(sdist("python-3to2-1.0.tar.bz2", "python-3to2"), "python-3to2 1.0 .tar.bz2");
  for (const [file, project] of [
    ["foo.tar.gz", undefined],
    ["foo-x.tar.gz", undefined],
    ["-1.0.tar.gz", undefined],
    ["foo-1.0.exe", undefined],
    ["foo-1.0.tar.gz", "bar"],
    ["foo-bar-1.0.tar.gz", "foo"],
  ] as const)
    assert.throws(() => sdist(file, project), { code: "python-sdist-name-invalid" }, file);
});

function orNull(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (isCopseError(error)) return null;
    throw error;
  }
}

function randomFile(random: Random): string {
  const version = random.chance(0.8) ? formatted(random) : random.pick(["", "x", "1.0_1", "1..0"]);
  const name = random.pick(["foo", "Foo_Bar", "a.b", "foo__bar", "f-o", "x1"]);
  if (random.chance(0.3)) return `${name}-${version}${random.pick([".tar.gz", ".zip", ".tar", ".gz"])}`;
  const build = random.chance(0.2) ? `-${random.pick(["1", "2abc", "x", "007", ""])}` : "";
  const part = (tags: readonly string[]): string =>
    random.list(1 + random.below(2), () => random.pick(tags)).join(".");
  const tags = [
    part(["py3", "cp311", "CP39", "py2", "", "3"]),
    part(["none", "abi3"]),
    part(["any", "manylinux_2_17_x86_64"]),
  ];
  return `${name}-${version}${build}-${tags.join("-")}${random.chance(0.9) ? ".whl" : ".egg"}`;
}

function formatted(random: Random): string {
  return randomVersion(random).trim().replaceAll("-", "_");
}

test("packaging reads names of files the same", { skip: packaging.reason }, () => {
  const random = new Random(57);
  const files = random.list(fuzzRuns(1500), () => randomFile(random));
  const wheels = packaging.ask!("wheel", files);
  const sdists = packaging.ask!("sdist", files);
  for (const [i, file] of files.entries()) {
    const wheel = orNull(() => {
      const { name, version, build, tags } = parseWheelName(file);
      const all = [...new Set(expandTags(tags))].sort();
      return [name, `${version}`, build === undefined ? null : [`${build.number}`, build.text], all];
    });
    assert.deepEqual(wheel, wheels[i], file);
    const sdist = orNull(() => {
      const { name, version } = parseSdistName(file);
      return [name, `${version}`];
    });
    assert.deepEqual(sdist, sdists[i], file);
  }
});
