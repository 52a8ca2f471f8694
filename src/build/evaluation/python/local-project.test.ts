import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { type LocalProjectRequest, readLocalProject } from "./local-project.ts";

const platform = { system: "x86_64-linux", python: "3.11.2" };

function requirements(request: Partial<LocalProjectRequest>): readonly string[] | undefined {
  const whole = {
    platform,
    name: "my-project",
    extras: [],
    table: undefined,
    metadata: undefined,
    ...request,
  };
  return readLocalProject(whole)?.requirements;
}

const table = {
  name: "My.Project",
  version: "1.0",
  dependencies: ["numpy>=1", "old; python_version < '3'", "here; sys_platform == 'linux'"],
  "optional-dependencies": {
    gpu: ["cupy"],
    all: ["my-project[gpu,plots]", "extra"],
    plots: ["matplotlib; python_version >= '3'"],
  },
  scripts: { tool: "my:main" },
  "entry-points": { "my.plugins": { one: "my.one" } },
};

test("pyproject.toml's dependencies are those of the platform and of the extras that are asked for", () => {
  assert.deepEqual(requirements({ table }), ["numpy>=1", "here"]);
  assert.deepEqual(requirements({ table, extras: ["GPU"] }), ["numpy>=1", "here", "cupy"]);
  assert.deepEqual(requirements({ table, extras: ["all"] }), [
    "numpy>=1",
    "here",
    "cupy",
    "extra",
    "matplotlib",
  ]);
});

test("what only a build knows is not guessed, and taken from what it came to", () => {
  const dynamic = { ...table, dynamic: ["dependencies"] };
  assert.equal(requirements({ table: dynamic }), undefined);
  assert.equal(requirements({}), undefined);
  const metadata = [
    "Metadata-Version: 2.1",
    "Name: my-project",
    "Version: 2.0",
    "Provides-Extra: all",
    "Requires-Dist: scipy",
    "Requires-Dist: my-project[gpu]; extra == 'all'",
    "Requires-Dist: cupy>1; extra == 'gpu' and python_version > '3'",
    "",
  ].join("\n");
  assert.deepEqual(requirements({ table: dynamic, metadata }), ["scipy"]);
  assert.deepEqual(requirements({ metadata, extras: ["all"] }), ["scipy", "cupy>1"]);
});

test("a version may be dynamic alone; entry points are written down", () => {
  const { version: _, ...rest } = table;
  const request = {
    platform,
    name: "my-project",
    extras: [],
    table: { ...rest, dynamic: ["version"] },
    metadata: undefined,
  };
  const project = readLocalProject(request);
  assert.equal(project?.name, "my-project");
  assert.equal(project?.version, undefined);
  assert.equal(project?.entryPoints, "[console_scripts]\ntool = my:main\n[my.plugins]\none = my.one\n");
});

test("a project without a name, or with a requirement that is none, is refused", () => {
  const { name: _, ...nameless } = table;
  assert.throws(
    () => requirements({ table: nameless }),
    (error) => isCopseError(error, "python-project-invalid"),
  );
  assert.throws(
    () => requirements({ table: { ...table, dependencies: ["a b"] } }),
    (error) => isCopseError(error, "python-requirement-invalid"),
  );
});
