import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRequirement } from "#format/python";
import { staticMetadata } from "./static-metadata.ts";

const PROJECT = `
[project]
name = "Lab.Tools"
version = "1.2"
requires-python = ">=3.9"
dependencies = ["numpy>=1", "old ; python_version < '3'"]
[project.optional-dependencies]
gpu = ["cupy ; sys_platform == 'linux' or sys_platform == 'win32'", "mine @ https://files.example/mine-1.tar.gz"]
`;

test("what pyproject.toml says is what a build would come to", () => {
  const metadata = staticMetadata(PROJECT);
  assert.deepEqual(
    [metadata?.name, metadata?.version.text, metadata?.requiresPython?.toString(), metadata?.providesExtra],
    ["lab-tools", "1.2", ">=3.9", ["gpu"]],
  );
  assert.deepEqual(metadata?.requiresDist.map(formatRequirement), [
    "numpy>=1",
    'old ; python_version < "3"',
    'cupy ; (sys_platform == "linux" or sys_platform == "win32") and extra == "gpu"',
    'mine @ https://files.example/mine-1.tar.gz ; extra == "gpu"',
  ]);
});

test("what only a build knows is not guessed", () => {
  for (const text of [
    '[build-system]\nrequires = ["setuptools"]\n',
    '[project]\nname = "lab"\ndynamic = ["version"]\n',
    '[project]\nname = "lab"\nversion = "1"\ndynamic = ["dependencies"]\n',
    '[tool.poetry]\nname = "lab"\nversion = "1"\n',
  ])
    assert.equal(staticMetadata(text), undefined, text);
});

test("what is no TOML, or no requirement, is refused", () => {
  assert.throws(() => staticMetadata("[project\n"), { code: "python-project-invalid" });
  const text = '[project]\nname = "lab"\nversion = "1"\ndependencies = ["a\\nRequires-Dist: b"]\n';
  assert.throws(() => staticMetadata(text), { code: "python-requirement-invalid" });
});
