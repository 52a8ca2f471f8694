/**
 * Which Python an environment has, through whole commands, as far as it can be told without building one: CPython's archive is
 * a folder with files that are none, the index is on the loopback interface, Debian's is its own. What is built is shown by
 * `npm run proof:cpython`.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type FixtureIndex, serveFixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { makeWheel } from "../../../src/resolve/python/testing/packages.ts";
import { type CallOptions, failure, output, project, write } from "../world.ts";

const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
const wheels = ["311", "312", "313"].map((version) =>
  makeWheel({
    ...{ name: "native", version: "1.0", tag: `cp${version}-cp${version}-manylinux_2_17_${machine}` },
    requiresPython: ">=3.8",
  }),
);

let index: FixtureIndex;
before(async () => {
  index = await serveFixtureIndex({ native: wheels });
});
after(() => index.close());

interface PythonProject extends CallOptions {
  readonly cwd: string;
  /** Stands for CPython's archive. */
  readonly mirror: string;
}

function pythonProject(version: string, more = ""): PythonProject {
  const cwd = project();
  const mirror = join(cwd, "mirror");
  write(cwd, {
    "copse.toml": `name = "versions"
[python]
version = "${version}"
packages = ["native"]
${more}
[sources]
python = "${mirror}"
`,
  });
  return { cwd, mirror, env: { PIP_CONFIG_FILE: "/dev/null", PIP_INDEX_URL: index.url } };
}

function publish({ mirror }: PythonProject, release: string): void {
  mkdirSync(join(mirror, release), { recursive: true });
  writeFileSync(join(mirror, release, `Python-${release}.tar.xz`), `sources of ${release}`);
}

const lockOf = ({ cwd }: PythonProject) => JSON.parse(readFileSync(join(cwd, "copse.lock"), "utf8"));

describe("a Python that no suite has", () => {
  test("is locked as the newest release of its series, and packages are solved for it", async () => {
    const call = pythonProject("3.12");
    for (const release of ["3.12.9", "3.12.10", "3.13.1"]) publish(call, release);
    await output(["lock"], call);
    const { cpython, python, debian } = lockOf(call);
    assert.deepEqual(Object.keys(cpython), [`3.12 ${machine}-linux`]);
    assert.equal(cpython[`3.12 ${machine}-linux`].release, "3.12.10");
    assert.deepEqual(Object.keys(debian), ["bookworm"]);
    const [section] = Object.entries(python) as [
      string,
      { packages: { file: string }[]; requests: { python: string }[] },
    ][];
    assert.equal(section?.[0], `3.12 ${machine}-linux`);
    assert.match(section?.[1].packages[0]?.file ?? "", /-cp312-/);
    assert.equal(section?.[1].requests[0]?.python, "3.12.10");

    rmSync(call.mirror, { recursive: true });
    await output(["lock", "--frozen"], call);
  });

  test("is what Nix's name for it means, and a release has no such name", async () => {
    const call = pythonProject("3.12.4");
    for (const release of ["3.12.4", "3.12.10"]) publish(call, release);
    await output(["lock"], call);
    assert.deepEqual(Object.keys(lockOf(call).cpython), [`3.12.4 ${machine}-linux`]);
    assert.match(await output(["eject", "-o", "-"], call), /pythonOfVersion "3\.12\.4"/);
    const expression = "(import <nixpkgs> { }).pythonOfVersion";
    const env = { ...call.env, COPSE_MANIFEST: join(call.cwd, "copse.toml") };
    const version = await output(["eval", "--raw", "--expr", `(${expression} "3.12").fullVersion`], {
      ...call,
      env,
    });
    assert.equal(version.trim(), "3.12.10");
  });

  test("is an error that says what is at hand, where its sources cannot be had", async () => {
    const message = await failure(["lock"], pythonProject("3.12"));
    assert.match(message, /error\[python-unreachable\].*`3\.12`/);
    assert.match(message, /3\.9 \(bullseye\), 3\.11 \(bookworm\)/);
  });
});

test("a release that the suite has is the suite's", async () => {
  const call = pythonProject("3.11.2");
  await output(["lock"], call);
  assert.equal(lockOf(call).cpython, undefined);
});

for (const version of ["3.7", "3.13t", "pypy3.10", "3.15.0a1"])
  test(`${version} is refused in the line that asks for it`, async () => {
    const message = await failure(["lock"], pythonProject(version));
    assert.match(message, /error\[manifest-value\]/);
    assert.match(message, /copse\.toml:3:11/);
    assert.match(
      message,
      /neither free-threaded \(3\.13t\) nor PyPy; without building there are 3\.9 \(bullseye\)/,
    );
  });

test("Debian's packages are for the Python of their suite", async () => {
  const message = await failure(["lock"], pythonProject("3.12", 'from = "debian"'));
  assert.match(message, /Debian's packages of bookworm are for python3\.11/);
});
