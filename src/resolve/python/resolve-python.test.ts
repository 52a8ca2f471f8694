import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { normaliseName, parseRequirement, parseSpecifiers } from "#format/python";
import { type PythonSolution, type PythonSolveSettings, solvePython } from "./resolve-python.ts";
import { type MemoryIndex, type MemoryProjects, memoryIndex } from "./solve/testing/memory-index.ts";

const PLATFORM = { system: "x86_64-linux", python: "3.11.2", glibc: "2.36" };

interface Asked {
  readonly settings?: PythonSolveSettings;
  readonly constraints?: readonly string[];
  readonly locked?: Readonly<Record<string, string>>;
  readonly index?: MemoryIndex;
  readonly python?: string;
}

function ask(
  projects: MemoryProjects,
  requirements: readonly string[],
  {
    settings = {},
    constraints = [],
    locked = {},
    index = memoryIndex(projects),
    python = "3.11.2",
  }: Asked = {},
): Promise<PythonSolution> {
  return solvePython({
    requirements: requirements.map(parseRequirement),
    constraints: constraints.map(parseRequirement),
    platform: { ...PLATFORM, python },
    preferences: new Map(Object.entries(locked)),
    index,
    settings,
  });
}

async function versions(...asked: Parameters<typeof ask>): Promise<string> {
  const { packages } = await ask(...asked);
  return packages
    .map(({ name, version }) => `${name} ${version}`)
    .sort()
    .join(", ");
}

async function failure(
  ...asked: Parameters<typeof ask>
): Promise<{ code: string; text: string; hint: string }> {
  try {
    await ask(...asked);
  } catch (error) {
    if (isCopseError(error)) return { code: error.code, text: error.message, hint: error.hint ?? "" };
    throw error;
  }
  return assert.fail("There is a solution");
}

const name = normaliseName;

test("dependencies come first, with who wants them", async () => {
  const { packages } = await ask(
    {
      app: { "1.0": { requires: ["lib[fast]>=1"] } },
      lib: { "1.0": { extras: { fast: ["c"] } } },
      c: { "3": {} },
    },
    ["app", "c"],
  );
  assert.deepEqual(
    packages.map(({ name, extras, dependencies, reasons }) => ({ name, extras, dependencies, reasons })),
    [
      { name: "c", extras: [], dependencies: [], reasons: ["", "lib"] },
      { name: "lib", extras: ["fast"], dependencies: [{ name: "c", extras: [] }], reasons: ["app"] },
      { name: "app", extras: [], dependencies: [{ name: "lib", extras: ["fast"] }], reasons: [""] },
    ],
  );
});

test("packages that need each other", async () => {
  const circle = { a: { "1": { requires: ["b"] } }, b: { "1": { requires: ["a"] } } };
  assert.equal(await versions(circle, ["a"]), "a 1, b 1");
});

test("an extra of an extra, and extras of the package itself", async () => {
  const projects = {
    a: { "1": { extras: { all: ["a[x,y]"], x: ["b"], y: ["c[z]"] } } },
    b: { "1": {} },
    c: { "1": { extras: { z: ["d"] } } },
    d: { "1": {} },
  };
  assert.equal(await versions(projects, ["a[all]"]), "a 1, b 1, c 1, d 1");
  assert.equal(await versions(projects, ["a"]), "a 1");
});

test("the project moves to where its extra can be had", async () => {
  const projects = {
    a: { "1": { extras: { x: ["b<2"] } }, "2": { extras: { x: ["b>=2"] } } },
    b: { "1": {}, "2": {} },
  };
  assert.equal(await versions(projects, ["a[x]", "b<2"]), "a 1, b 1");
});

test("an extra that does not exist is told and ignored", async () => {
  const solution = await ask({ a: { "1": {} } }, ["a[none]"]);
  assert.deepEqual(solution.notes, ["a 1 has no extra `none`"]);
});

test("markers hold for the platform, not for the machine", async () => {
  const requires = [
    'b; sys_platform == "win32"',
    'c; python_version < "3.11"',
    'd; platform_machine == "x86_64"',
  ];
  const projects = { a: { "1": { requires } }, b: { "1": {} }, c: { "1": {} }, d: { "1": {} } };
  assert.equal(await versions(projects, ["a"]), "a 1, d 1");
  assert.equal(await versions(projects, ["a"], { python: "3.9.2" }), "a 1, c 1, d 1");
});

test("what is locked stays, as long as it may", async () => {
  const projects = { a: { "1": {}, "2": {}, "3": {} } };
  assert.equal(await versions(projects, ["a"], { locked: { a: "2" } }), "a 2");
  assert.equal(await versions(projects, ["a>2"], { locked: { a: "2" } }), "a 3");
  assert.equal(await versions(projects, ["a"], { locked: { a: "7" } }), "a 3");
});

test("yanked versions only when pinned or locked", async () => {
  const projects = { a: { "1": {}, "2": { listing: { yanked: "broken wheel" } } } };
  assert.equal(await versions(projects, ["a"]), "a 1");
  assert.equal(await versions(projects, ["a==2"]), "a 2");
  assert.equal(await versions(projects, ["a"], { locked: { a: "2" } }), "a 2");
  const { text, hint } = await failure(projects, ["a>1"]);
  assert.match(text, /a 2 was yanked \(broken wheel\)/);
  assert.match(hint, /pin the yanked version of a/);
});

test("pre-releases behind final releases, unless something else is said", async () => {
  const projects = { a: { "1": {}, "2rc1": {} }, b: { "1a1": {} } };
  assert.equal(await versions(projects, ["a", "b"]), "a 1, b 1a1");
  assert.equal(await versions(projects, ["a", "b"], { settings: { prereleases: "allow" } }), "a 2rc1, b 1a1");
  assert.equal(
    await versions(projects, ["a", "b"], { settings: { prereleases: new Set([name("a")]) } }),
    "a 2rc1, b 1a1",
  );
  const { text } = await failure(projects, ["b"], { settings: { prereleases: "disallow" } });
  assert.match(text, /b 1a1 is a pre-release/);
  assert.equal(
    (await failure(projects, ["b"], { settings: { prereleases: "explicit" } })).code,
    "python-no-solution",
  );
  assert.equal(await versions(projects, ["b>=1a1"], { settings: { prereleases: "explicit" } }), "b 1a1");
});

test("the file: best tag, highest build, sdist last", async () => {
  const file = async (version: object, settings: PythonSolveSettings = {}) =>
    (await ask({ a: { "1": version } }, ["a"], { settings })).packages[0]!.file.file;
  const wheels = ["py3-none-any", "cp311-cp311-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_17_x86_64"];
  assert.equal(await file({ wheels, sdist: true }), "a-1-cp311-cp311-manylinux_2_17_x86_64.whl");
  assert.equal(
    await file({ wheels: ["2-py3-none-any", "10-py3-none-any", "py3-none-any"] }),
    "a-1-10-py3-none-any.whl",
  );
  assert.equal(await file({ wheels, sdist: true }, { noBinary: "all" }), "a-1.tar.gz");
  assert.equal(await file({ wheels: ["cp39-cp39-win32"], sdist: true }), "a-1.tar.gz");
  const onlyOthers = await failure({ a: { "1": { wheels: ["cp39-cp39-win32"] } } }, ["a"]);
  assert.match(
    onlyOthers.text,
    /no wheel for Python 3\.11\.2 on x86_64-linux and no sdist, only cp39-cp39-win32/,
  );
  const onlySdist = await failure({ a: { "1": { wheels: [], sdist: true } } }, ["a"], {
    settings: { onlyBinary: new Set([name("a")]) },
  });
  assert.match(onlySdist.hint, /let a be built from source/);
});

test("a version that is for another Python is passed over, by its file or its metadata", async () => {
  const projects = {
    a: {
      "1": {},
      "2": { requiresPython: ">=3.12" },
      "3": { metadata: "Metadata-Version: 2.1\nName: a\nVersion: 3\nRequires-Python: >=3.13\n" },
    },
  };
  assert.equal(await versions(projects, ["a"]), "a 1");
  const { text, hint } = await failure(projects, ["a>1"]);
  assert.match(text, /a 2 needs Python >=3\.12, and this is 3\.11\.2/);
  assert.match(hint, /use another Python \(>=3\.\d\d and >=3\.\d\d\)/);
});

test("an upper bound on Python makes a wheel the last resort, and is told", async () => {
  const bound = { requiresPython: ">=3.7,<3.10" };
  assert.equal(await versions({ a: { "1": {}, "2": bound } }, ["a"]), "a 1");
  const { packages, notes } = await ask({ a: { "1": bound } }, ["a"]);
  assert.equal(packages[0]!.version, "1");
  assert.match(notes.join(), /a 1 says that it is for Python >=3\.7,<3\.10, and is used with 3\.11\.2/);
  assert.equal(
    (await failure({ a: { "1": { ...bound, wheels: [], sdist: true } } }, ["a"])).code,
    "python-no-solution",
  );
});

test("constraints limit what is taken and take nothing", async () => {
  const projects = { a: { "1": {}, "2": {} }, b: { "1": {} } };
  assert.equal(await versions(projects, ["a"], { constraints: ["a<2", "b==1"] }), "a 1");
  const { text, hint } = await failure(projects, ["a>=2"], { constraints: ["a<2"] });
  assert.match(text, /a 2 is outside of the constraint `a<2`/);
  assert.match(hint, /lift the constraint `a<2`/);
});

test("overrides replace what anybody demands", async () => {
  const projects = { a: { "1": { requires: ["b<2"] } }, b: { "1": {}, "2": {} } };
  const overrides = ["b>=2"].map(parseRequirement);
  assert.equal(await versions(projects, ["a"], { settings: { overrides } }), "a 1, b 2");
  const never = ['b; python_version < "3"'].map(parseRequirement);
  assert.equal(await versions(projects, ["a"], { settings: { overrides: never } }), "a 1");
});

test("relaxed bounds do not count, the request's own do", async () => {
  const projects = { a: { "1": { requires: ["b>=1,<2"] } }, b: { "0.5": {}, "1": {}, "2": {} } };
  const relax = (text: string): PythonSolveSettings => {
    const { name, specifiers } = parseRequirement(text);
    return { relax: [{ name, ...(specifiers && { specifiers }) }] };
  };
  assert.equal(await versions(projects, ["a"], { settings: relax("b") }), "a 1, b 2");
  assert.equal(await versions(projects, ["a"], { settings: relax("b<2") }), "a 1, b 2");
  assert.equal(await versions(projects, ["a"], { settings: relax("b<3") }), "a 1, b 1");
  assert.equal(await versions(projects, ["a", "b<1"], { settings: relax("b>=1") }), "a 1, b 0.5");
  assert.equal(await versions(projects, ["a", "b<2"], { settings: relax("b") }), "a 1, b 1");
  const { hint } = await failure(projects, ["a", "b>=2"]);
  assert.match(hint, /relax = \[ "b" \]/);
});

test("a package's dependencies corrected", async () => {
  const projects = {
    a: { "1": { requires: ["b", "c"] }, "2": { requires: ["b"] } },
    b: { "1": {} },
    c: { "1": {} },
    d: { "1": {} },
  };
  const adjustments = [
    {
      project: name("a"),
      versions: parseSpecifiers("<2"),
      remove: [name("c")],
      demand: [parseRequirement("d")],
    },
  ];
  assert.equal(await versions(projects, ["a<2"], { settings: { adjustments } }), "a 1, b 1, d 1");
  assert.equal(await versions(projects, ["a"], { settings: { adjustments } }), "a 2, b 1");
});

test("exclude-newer: what came later does not exist, what has no time is left out and told once", async () => {
  const at = (uploadTime: string) => ({ listing: { uploadTime } });
  const projects = {
    a: { "1": at("2024-02-29T23:59:59.9Z"), "2": at("2024-03-01T00:00:00Z"), "3": {} },
    b: { "1": at("2025-01-01T00:00:00Z") },
  };
  const solution = await ask(projects, ["a"], { settings: { excludeNewer: "2024-03-01" } });
  assert.equal(solution.packages[0]!.version, "1");
  assert.deepEqual(solution.notes, ["files without a time of upload are left out by exclude-newer: a"]);
  assert.equal(
    await versions(projects, ["a"], { settings: { excludeNewer: "2024-03-01T00:00:01+00:00" } }),
    "a 2",
  );
  const { text, hint } = await failure(projects, ["b"], { settings: { excludeNewer: "2024-03-01" } });
  assert.match(text, /nothing of b was uploaded before/);
  assert.match(hint, /later exclude-newer/);
  assert.equal(
    (await failure(projects, ["a"], { settings: { excludeNewer: "last week" } })).code,
    "exclude-newer-invalid",
  );
});

test("URLs: of the request and of a dependency", async () => {
  const direct = {
    "file:/b.whl": { name: "b", version: "9", requires: ["c"] },
    "file:/a.whl": { name: "a", version: "5" },
  };
  const projects = {
    a: { "1": { requires: ["b @ file:/b.whl"] } },
    b: { "1": {} },
    c: { "1": {} },
    d: { "1": { requires: ["a>4"] } },
  };
  const index = memoryIndex(projects, { direct });
  assert.equal(await versions(projects, ["a"], { index }), "a 1, b 9, c 1");
  const own = memoryIndex(projects, { direct });
  assert.equal(await versions(projects, ["a @ file:/a.whl", "d"], { index: own }), "a 5, d 1");
  assert.ok(!own.asked.includes("a"), "no index is asked for what a URL names");
  assert.equal((await failure(projects, ["b<9", "a"], { index })).code, "python-no-solution");
});

test("lowest and lowest-direct", async () => {
  const projects = { a: { "1": { requires: ["b"] }, "2": { requires: ["b"] } }, b: { "1": {}, "2": {} } };
  assert.equal(await versions(projects, ["a"], { settings: { strategy: "lowest" } }), "a 1, b 1");
  assert.equal(await versions(projects, ["a"], { settings: { strategy: "lowest-direct" } }), "a 1, b 2");
});

test("metadata that cannot be used: the version is passed over, aloud", async () => {
  const broken = { metadata: "Metadata-Version: 2.1\nName: a\nVersion: 2\nRequires-Dist: b ((\n" };
  const undefinedMarker = { requires: ['b; "x" == "y"'] };
  for (const version of [broken, undefinedMarker]) {
    const { packages, notes } = await ask({ a: { "1": {}, "2": version }, b: { "1": {} } }, ["a"]);
    assert.equal(packages.map((one) => one.version).join(), "1");
    assert.match(notes.join(), /a 2 is passed over/);
  }
});

test("other errors of the index end the solve", async () => {
  const index = memoryIndex({ a: { "1": { requires: ["b"] } } });
  const failing = {
    ...index,
    files: (project: Parameters<typeof index.files>[0]) =>
      project === "b" ? Promise.reject(new Error("network down")) : index.files(project),
  };
  await assert.rejects(
    solvePython({ requirements: [parseRequirement("a")], platform: PLATFORM, index: failing }),
    /network down/,
  );
});

test("an unknown project, asked for or needed", async () => {
  assert.equal((await failure({}, ["nunpy"])).code, "python-package-unknown");
  const needed = await failure({ a: { "1": { requires: ["nunpy"] } } }, ["a"]);
  assert.equal(needed.code, "python-no-solution");
  assert.match(needed.text, /a 1 needs `nunpy`, and no index has a project `nunpy`/);
  // An older version that does not need it is found.
  assert.equal(await versions({ a: { "1": {}, "2": { requires: ["nunpy"] } } }, ["a"]), "a 1");
});

test("an explanation groups versions and names where each demand comes from", async () => {
  const torch = Object.fromEntries(
    Array.from({ length: 40 }, (_, minor) => [
      `2.${minor}`,
      { requires: [minor < 20 ? "numpy>=2" : "numpy>=2.1"] },
    ]),
  );
  const projects = {
    torch: { "1.0": { requires: ["numpy"] }, ...torch },
    old: { "0.9": {}, "1.0": { requires: ["numpy<2"] }, "1.1": { requires: ["numpy<2"] } },
    numpy: { "1.26": {}, "2.0": {}, "2.1": {} },
    noise: { "1": { requires: ["numpy"] } },
  };
  const { text, hint } = await failure(projects, ["noise", "torch>=2", "old>=1.0"]);
  assert.deepEqual(text.split("\n"), [
    "No versions satisfy all that is asked of Python 3.11.2 on x86_64-linux: `torch>=2, old>=1.0`",
    "  you ask for `torch>=2` and `old>=1.0`",
    "  versions of torch from 2.0 need `numpy>=2` or `numpy>=2.1`",
    "  versions of old from 1.0 need `numpy<2`",
  ]);
  assert.equal(
    hint,
    'ask for something else than `torch>=2` or `old>=1.0`; or do not heed a bound: relax = [ "numpy" ]',
  );
});
