import assert from "node:assert/strict";
import { test } from "node:test";
import { imported } from "../testing.ts";

test("pyproject.toml: extras and groups are groups, and a package that can be built is added itself", () => {
  const { data, lost } = imported({
    "pyproject.toml": `
[build-system]
requires = ["hatchling"]
[project]
name = "My.Study"
description = "Scans"
requires-python = ">=3.12"
dependencies = ["pandas>=2,<3", "nibabel", "torch", "tool"]
[project.optional-dependencies]
viz = ["matplotlib"]
all = ["my-study[viz]", "seaborn"]
[dependency-groups]
dev = ["pytest", { include-group = "lint" }]
lint = ["ruff==0.6.*", { include-group = "dev" }]
[tool.uv]
constraint-dependencies = ["numpy<2.3"]
override-dependencies = ["protobuf==4.25.3"]
exclude-newer = "2024-03-01T00:00:00Z"
prerelease = "allow"
environments = ["sys_platform == 'linux'"]
[[tool.uv.index]]
name = "PyTorch_CPU"
url = "http://127.0.0.1:9/whl/cpu"
explicit = true
[tool.uv.sources]
torch = { index = "PyTorch_CPU" }
tool = { git = "http://127.0.0.1:9/tool.git", tag = "v1" }
`,
  });
  assert.equal(data.name, "My.Study");
  assert.equal(data.python?.version, "3.13");
  assert.deepEqual(data.python?.packages, [
    "pandas>=2,<3",
    "nibabel",
    { name: "torch", index: "pytorch-cpu" },
    { name: "tool", git: "http://127.0.0.1:9/tool.git", rev: "v1" },
    { name: "My.Study", path: ".", editable: true },
  ]);
  assert.deepEqual(Object.fromEntries(data.python?.groups ?? []), {
    viz: ["matplotlib"],
    all: ["matplotlib", "seaborn"],
    dev: ["pytest", "ruff==0.6.*"],
    lint: ["ruff==0.6.*", "pytest"],
  });
  assert.deepEqual(data.python?.constraints, ["numpy<2.3"]);
  assert.deepEqual(data.python?.overrides, ["protobuf==4.25.3"]);
  assert.equal(data.python?.["exclude-newer"], "2024-03-01");
  assert.equal(data.python?.prereleases, "allow");
  assert.match(lost.join("\n"), /pyproject\.toml:\d+: \[tool\.uv\] environments/);
  assert.match(lost.join("\n"), /the group `(?:dev|lint)` includes itself/);
});

test("poetry: operators, extras, groups, sources, markers", () => {
  const { data, lost } = imported({
    "pyproject.toml": `
[tool.poetry]
name = "study"
package-mode = false
[tool.poetry.dependencies]
python = "^3.9"
numpy = "^1.26"
scipy = { version = "~1.11.2", extras = ["x"], python = "<3.12" }
torch = { version = "2.5.1", source = "lab" }
mine = { path = "lib", develop = true }
plots = { version = "*", optional = true }
either = "^1.0 || ^2.0"
gap = "^1.0 || ^3.0"
many = [{ version = "1.0", markers = "sys_platform == 'linux'" }, { version = "2.0", python = ">=3.12" }]
[tool.poetry.extras]
viz = ["plots"]
[tool.poetry.group.dev.dependencies]
pytest = "*"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
sphinx = ">=7"
[[tool.poetry.source]]
name = "lab"
url = "http://127.0.0.1:9/simple"
`,
    "lib/setup.py": "setup(name='mine')",
    "poetry.lock": `
[[package]]
name = "numpy"
version = "1.26.4"
[[package]]
name = "mine"
version = "0.1"
[package.source]
type = "directory"
url = "lib"
`,
  });
  assert.deepEqual(data.python?.packages, [
    "numpy>=1.26,<2.0",
    'scipy[x]>=1.11.2,<1.12 ; python_version < "3.12"',
    { name: "torch", version: "==2.5.1", index: "lab" },
    { name: "mine", path: "lib", editable: true },
    "either>=1.0,<3.0",
    "gap>=1.0,<4.0",
    'many==1.0 ; sys_platform == "linux"',
    'many==2.0 ; python_version >= "3.12"',
  ]);
  assert.deepEqual(Object.fromEntries(data.python?.groups ?? []), {
    viz: ["plots"],
    dev: ["pytest"],
    docs: ["sphinx>=7"],
  });
  assert.deepEqual(data.python?.constraints, ["numpy==1.26.4"]);
  assert.equal(lost.filter((line) => line.includes("alternatives")).length, 1);
});

test("Pipfile and its lock", () => {
  const files = {
    Pipfile: `
[[source]]
url = "http://127.0.0.1:9/public/simple"
verify_ssl = true
name = "pypi"
[[source]]
url = "http://127.0.0.1:9/lab/simple"
name = "Lab"
[packages]
numpy = "*"
torch = { version = ">=2", index = "Lab", extras = ["x"], sys_platform = "== 'linux'" }
[dev-packages]
pytest = "==8.0"
[requires]
python_version = "3.9"
[scripts]
train = "python train.py"
`,
    "Pipfile.lock": JSON.stringify({
      _meta: { requires: { python_version: "3.9" }, sources: [] },
      default: { numpy: { version: "==1.26.4", hashes: ["sha256:aa"] }, torch: { version: "==2.5.1" } },
      develop: { pytest: { version: "==8.0", markers: "python_version >= '3.8'" } },
    }),
  };
  const { data } = imported(files);
  assert.equal(data.python?.version, "3.9");
  assert.deepEqual(data.python?.packages, [
    "numpy",
    { name: "torch", extras: ["x"], version: ">=2", index: "lab", marker: 'sys_platform == "linux"' },
  ]);
  assert.deepEqual(data.python?.groups, new Map([["dev", ["pytest==8.0"]]]));
  assert.deepEqual(data.python?.indexes, new Map([["lab", "http://127.0.0.1:9/lab/simple"]]));
  assert.deepEqual(data.python?.constraints, ["numpy==1.26.4", "pytest==8.0", "torch==2.5.1"]);
  assert.equal(data.tasks?.get("train"), "python train.py");
  const alone = imported({ "Pipfile.lock": files["Pipfile.lock"] });
  assert.deepEqual(alone.data.python?.packages, ["numpy==1.26.4", "torch==2.5.1"]);
  assert.deepEqual(alone.data.python?.groups, new Map([["dev", ['pytest==8.0 ; python_version >= "3.8"']]]));
});

const UV_LOCK = `
version = 1
requires-python = ">=3.10"
[[package]]
name = "numpy"
version = "2.2.6"
source = { registry = "http://127.0.0.1:9/simple" }
resolution-markers = ["python_full_version < '3.11'"]
[[package]]
name = "numpy"
version = "2.4.0"
source = { registry = "http://127.0.0.1:9/simple" }
resolution-markers = ["python_full_version >= '3.11'"]
[[package]]
name = "tool"
version = "1.0"
source = { git = "http://127.0.0.1:9/tool.git?rev=v1#0123456789012345678901234567890123456789" }
[[package]]
name = "study"
version = "0.1"
source = { virtual = "." }
[package.metadata]
requires-dist = [
  { name = "numpy", specifier = ">=2" },
  { name = "tool", git = "http://127.0.0.1:9/tool.git?rev=v1" },
  { name = "matplotlib", marker = "python_full_version < '3.13' and extra == 'viz'", specifier = ">=3" },
  { name = "study", extras = ["viz"], marker = "extra == 'all'" },
]
[package.metadata.requires-dev]
dev = [{ name = "pytest" }]
`;

test("uv.lock alone knows what its project wanted", () => {
  const { data } = imported({ "uv.lock": UV_LOCK });
  assert.deepEqual(data.python?.packages, [
    "numpy>=2",
    { name: "tool", git: "http://127.0.0.1:9/tool.git", rev: "v1" },
  ]);
  const plots = 'matplotlib>=3 ; python_full_version < "3.13"';
  assert.deepEqual(Object.fromEntries(data.python?.groups ?? []), {
    viz: [plots],
    all: [plots],
    dev: ["pytest"],
  });
  assert.deepEqual(data.python?.constraints, [
    'numpy==2.2.6 ; python_full_version < "3.11"',
    'numpy==2.4.0 ; python_full_version >= "3.11"',
  ]);
  assert.equal(data.python?.indexes, undefined);
});

test("pylock.toml is a list of packages, or a lock beside what says more", () => {
  const pylock = `
lock-version = "1.0"
created-by = "test"
[[packages]]
name = "numpy"
version = "1.26.4"
marker = "sys_platform == 'linux'"
wheels = [{ name = "numpy-1.26.4-py3-none-any.whl", upload-time = 2024-02-05T23:48:31.123Z, hashes = { sha256 = "aa" } }]
[[packages]]
name = "tool"
vcs = { type = "git", url = "http://127.0.0.1:9/tool.git", commit-id = "0123456789012345678901234567890123456789" }
`;
  assert.deepEqual(imported({ "pylock.toml": pylock }).data.python?.packages, [
    'numpy==1.26.4 ; sys_platform == "linux"',
    { name: "tool", git: "http://127.0.0.1:9/tool.git", rev: "0123456789012345678901234567890123456789" },
  ]);
  const beside = imported({ "pylock.dev.toml": pylock, "requirements.in": "numpy\n" });
  assert.deepEqual(beside.data.python?.packages, ["numpy"]);
  assert.deepEqual(beside.data.python?.constraints, ["numpy==1.26.4"]);
});

test("a Python that no suite has is replaced by the next one", () => {
  const version = (text: string) => imported({ ".python-version": text });
  assert.equal(version("3.10.4\n").data.python?.version, "3.11");
  assert.match(version("3.10.4\n").lost[0] ?? "", /\.python-version:1: Python `3\.10\.4`/);
  assert.equal(version("3.12").data.python?.version, "3.13");
  assert.equal(version("3.8").data.python?.version, "3.9");
  assert.equal(version("3.11").data.python?.version, "3.11");
  assert.deepEqual(version("3.11").lost, []);
});

test("indexes that pip asks anyway do not stand in copse.toml", () => {
  const { data } = imported(
    { "requirements.txt": "-i http://127.0.0.1:9/simple\nsix\n" },
    { knownIndexes: ["http://127.0.0.1:9/simple/"] },
  );
  assert.equal(data.python?.indexes, undefined);
});
