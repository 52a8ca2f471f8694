/** `copse import` and `copse export` as they are called. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { normaliseName } from "#format/python";
import { formatLock, type LockedPythonPackage } from "#resolve";
import { type FixtureIndex, serveFixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { makeSdist, makeWheel } from "../../../src/resolve/python/testing/packages.ts";
import { failure, output, project, write } from "../world.ts";

test("import looks at the folder, says what it found, and does not overwrite", async () => {
  const cwd = project();
  write(cwd, {
    "requirements.txt": "numpy>=1.26\n-f ./links\n",
    Dockerfile: "FROM python:3.9\nRUN apt-get install -y git\n",
  });
  const printed = await output(["import", "--dry-run"], { cwd });
  assert.match(printed, /^packages = \["numpy>=1\.26"\]$/m);
  assert.equal(existsSync(join(cwd, "copse.toml")), false);
  const report = JSON.parse(await output(["import", "--json"], { cwd }));
  assert.deepEqual(report.files, [
    { file: "requirements.txt", kind: "requirements" },
    { file: "Dockerfile", kind: "dockerfile" },
  ]);
  assert.deepEqual(
    report.notCarriedOver.map(({ file, line }: { file: string; line: number }) => [file, line]),
    [["requirements.txt", 2]],
  );
  const written = readFileSync(join(cwd, "copse.toml"), "utf8");
  assert.equal(written, report.text);
  assert.match(await failure(["import"], { cwd }), /^error\[file-exists\]/);
  await output(["import", "--force", "Dockerfile"], { cwd });
  assert.doesNotMatch(readFileSync(join(cwd, "copse.toml"), "utf8"), /numpy/);
  assert.match(await output(["eject", "-o", "-"], { cwd }), /git/);
});

test("a folder with nothing to import, and a file that is none", async () => {
  const cwd = project();
  assert.match(await failure(["import"], { cwd }), /^error\[import-nothing\]/);
  assert.match(await failure(["import", "absent.txt"], { cwd }), /^error\[import-unreadable\]/);
});

const alpha = makeWheel({ name: "alpha", version: "1.2", requires: ["beta"], requiresPython: ">=3.8" });
const beta = makeSdist({ name: "beta", version: "2.0" });
let index: FixtureIndex;
before(async () => {
  index = await serveFixtureIndex({
    alpha: [{ ...alpha, requiresPython: ">=3.8", uploadTime: "2024-03-01T12:00:00Z" }],
    beta: [beta],
  });
});
after(() => index.close());

const system = process.arch === "x64" ? "x86_64-linux" : "aarch64-linux";

function lockedOf(
  { file, bytes }: { readonly file: string; readonly bytes: Buffer },
  name: string,
  version: string,
): LockedPythonPackage {
  return {
    name: normaliseName(name),
    version,
    file,
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    dependencies: name === "alpha" ? ["beta"] : [],
  };
}

function lockedProject(): string {
  const cwd = project();
  const answer = [lockedOf(beta, "beta", "2.0"), lockedOf(alpha, "alpha", "1.2")];
  const request = { requirements: ["alpha>=1"], python: "3.11.2", glibc: "2.36", settings: {}, answer };
  const python = new Map([[`3.11 ${system}`, { packages: answer, requests: [request] }]]);
  write(cwd, {
    "copse.toml": '[python]\npackages = ["alpha >=1"]\n',
    "copse.lock": formatLock({ debian: new Map(), python }),
  });
  return cwd;
}

const configured = (): Record<string, string> => ({
  PIP_INDEX_URL: index.url,
  PIP_CONFIG_FILE: "/dev/null",
  XDG_CACHE_HOME: project(),
});

const READ_TOML =
  "import sys, json, tomllib, datetime; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb')), default=str))";
const noToml =
  spawnSync("python3", ["-c", "import tomllib"]).status === 0
    ? false
    : "python3 with tomllib is not installed";

test("a pylock has the addresses that the configured index names", { skip: noToml }, async () => {
  const cwd = lockedProject();
  await output(["export", "-o", "pylock.toml"], { cwd, env: configured() });
  const { stdout, stderr } = spawnSync("python3", ["-c", READ_TOML, join(cwd, "pylock.toml")], {
    encoding: "utf8",
  });
  assert.notEqual(stdout, "", stderr);
  const lock = JSON.parse(stdout);
  assert.equal(lock["lock-version"], "1.0");
  assert.equal(lock["requires-python"], "==3.11.*");
  const [one, other] = lock.packages;
  assert.equal(one.wheels[0].name, alpha.file);
  assert.equal(one.wheels[0].hashes.sha256, createHash("sha256").update(alpha.bytes).digest("hex"));
  const got = await fetch(one.wheels[0].url);
  assert.deepEqual(Buffer.from(await got.arrayBuffer()), alpha.bytes);
  assert.deepEqual(one.dependencies, [{ name: "beta" }]);
  assert.equal(one["requires-python"], ">=3.8");
  assert.equal(other.sdist.name, beta.file);
  assert.match(
    await failure(["export", "-o", "lock.toml"], { cwd, env: configured() }),
    /^error\[export-name\]/,
  );
});

test("an index with other bytes, or without the file, is told", async () => {
  const cwd = lockedProject();
  const other = makeWheel({ name: "alpha", version: "1.2" });
  index.projects.set("alpha", [other]);
  try {
    assert.match(await failure(["export"], { cwd, env: configured() }), /^error\[export-hash-differs\]/);
    index.projects.set("alpha", []);
    assert.match(await failure(["export"], { cwd, env: configured() }), /^error\[export-file-missing\]/);
  } finally {
    index.projects.set("alpha", [{ ...alpha, requiresPython: ">=3.8", uploadTime: "2024-03-01T12:00:00Z" }]);
  }
});

test("with a folder that copse fetch has filled, no index is asked", async () => {
  const cwd = lockedProject();
  for (const [name, { file, bytes }] of [
    ["alpha", alpha],
    ["beta", beta],
  ] as const) {
    mkdirSync(join(cwd, "kept/pypi", name), { recursive: true });
    writeFileSync(join(cwd, "kept/pypi", name, file), bytes);
  }
  index.takeRequests();
  const printed = await output(["export", "--offline", "kept"], { cwd, env: configured() });
  assert.match(printed, new RegExp(`path = "kept/pypi/alpha/${alpha.file}"`));
  const list = await output(["export", "--offline", "kept", "--format", "requirements"], {
    cwd,
    env: configured(),
  });
  assert.match(
    list,
    /^--no-index\n--find-links kept\/pypi\/alpha\n--find-links kept\/pypi\/beta\nalpha==1\.2 \\\n {4}--hash=sha256:/m,
  );
  assert.deepEqual(index.takeRequests(), []);
  assert.match(await failure(["export", "--offline", "elsewhere"], { cwd }), /^error\[export-file-missing\]/);
});

test("requirements need no index, and what is not locked is told", async () => {
  const cwd = lockedProject();
  const printed = await output(["export", "--format", "requirements"], { cwd, env: configured() });
  assert.match(printed, /^alpha==1\.2 \\\n {4}--hash=sha256:[0-9a-f]{64}\nbeta==2\.0 \\\n/m);
  write(cwd, { "copse.toml": '[python]\npackages = ["alpha >=2"]\n' });
  assert.match(await failure(["export"], { cwd }), /^error\[export-unlocked\]/);
});
