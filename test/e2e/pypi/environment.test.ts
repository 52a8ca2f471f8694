/** Python environments from an index on the loopback interface, through whole commands. Debian's packages come from its archive. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makeElf } from "../../../src/format/elf/testing/make-elf.ts";
import { type FixtureIndex, serveFixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { makeSdist, makeWheel } from "../../../src/resolve/python/testing/packages.ts";
import { type CallOptions, copse, failure, output, project, write } from "../world.ts";

function library(soname: string, needed: readonly string[]): Buffer {
  return makeElf({
    ...{ bits: 64, byteOrder: "little", machine: process.arch === "arm64" ? 183 : 62 },
    ...{ soname, needed, rpath: "", runpath: "$ORIGIN", versionNeeds: [] },
  });
}
const machine = process.arch === "arm64" ? "aarch64" : "x86_64";

const projects = {
  alpha: [
    makeWheel({
      ...{ name: "alpha", version: "1.0", requires: ["beta>=1"] },
      scripts: ["alpha-tool = alpha.tool:main"],
      files: {
        "alpha/tool.py":
          "import beta, sys\ndef main():\n    print('alpha with beta', beta.__version__, sys.prefix)\n",
      },
    }),
  ],
  beta: [
    makeWheel({ name: "beta", version: "1.0" }),
    makeWheel({ name: "beta", version: "2.0" }),
    makeWheel({ name: "beta", version: "3.0b1" }),
  ],
  gamma: [makeWheel({ name: "gamma", version: "1.0", requires: ["beta<2"] })],
  source: [makeSdist({ name: "source", version: "0.5", requires: ["beta"], dynamic: ["Requires-Dist"] })],
  native: [
    makeWheel({
      ...{ name: "native", version: "1.0", tag: `py3-none-manylinux_2_17_${machine}` },
      files: {
        "native/ext.so": library("ext.so", ["libc.so.6", "libgomp.so.1", "libnobody.so.7", "libown.so.3"]),
        "native/libown-1a2b.so": library("libown.so.3", ["libc.so.6"]),
      },
    }),
  ],
};

let index: FixtureIndex;
let other: FixtureIndex;
before(async () => {
  index = await serveFixtureIndex(projects);
  other = await serveFixtureIndex(projects, { format: "html", metadata: false });
});
after(async () => {
  await index.close();
  await other.close();
});

/** A project whose shell has these requirements, with pip configured for one index alone. */
function pythonProject(python: string, at: FixtureIndex = index): CallOptions & { readonly cwd: string } {
  const cwd = project();
  write(cwd, {
    "shell.nix": `{ pkgs ? import <nixpkgs> { } }: pkgs.mkShell { name = "py"; packages = [ (${python}) ]; }\n`,
  });
  return { cwd, env: { PIP_CONFIG_FILE: "/dev/null", PIP_INDEX_URL: at.url } };
}

interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly system?: readonly string[];
  readonly build?: unknown;
  readonly for: readonly string[];
}

function lockedPackages(cwd: string): LockedPackage[] {
  const { python } = JSON.parse(readFileSync(join(cwd, "copse.lock"), "utf8"));
  const [section] = Object.values(python as Record<string, { packages: LockedPackage[] }>);
  return section?.packages ?? [];
}

describe("an environment of wheels", () => {
  const here = () => pythonProject("pkgs.python3.withPackages (ps: with ps; [ alpha ])");
  let call: ReturnType<typeof here>;
  before(async () => {
    call = here();
    await output(["run", "--", "true"], call);
  });

  test("is solved, locked, and seen by its interpreter alone", async () => {
    const script =
      "import alpha, beta, sys; print(alpha.__version__, beta.__version__, sys.prefix, sys.path[-1])";
    const [alpha, beta, prefix, path] = (await output(["run", "--", "python3", "-c", script], call))
      .trim()
      .split(" ");
    assert.deepEqual([alpha, beta], ["1.0", "2.0"]);
    assert.match(prefix ?? "", /^\/nix\/store\/.*-env$/);
    assert.equal(path, `${prefix}/lib/python3.11/site-packages`);
    assert.equal(await output(["run", "--", "alpha-tool"], call), `alpha with beta 2.0 ${prefix}\n`);
    assert.deepEqual(
      lockedPackages(call.cwd).map((one) => [one.name, one.version, one.for]),
      [
        ["alpha", "1.0", ["."]],
        ["beta", "2.0", ["alpha"]],
      ],
    );
  });

  test("asks nothing of the index when it is there, frozen or not", async () => {
    index.takeRequests();
    await output(["run", "--", "true"], call);
    await output(["run", "--frozen", "--", "true"], call);
    assert.deepEqual(index.takeRequests(), []);
    const lock = readFileSync(join(call.cwd, "copse.lock"), "utf8");
    assert.doesNotMatch(lock, /127\.0\.0\.1|http/);
  });

  test("has programs that start from outside, as the environment's own", async () => {
    await output(["build", "-o", "result"], call);
    const { spawnSync } = await import("node:child_process");
    const run = (program: string, ...args: string[]) =>
      spawnSync(join(call.cwd, "result/bin", program), args, { cwd: "/", encoding: "utf8" }).stdout;
    assert.equal(run("python3", "-c", "import alpha; print(alpha.__version__)"), "1.0\n");
    assert.match(run("alpha-tool"), /^alpha with beta 2\.0 /);
    const executable = join(call.cwd, "result/bin/python3");
    assert.equal(run("python3", "-c", "import sys; print(sys.executable)"), `${executable}\n`);
  });

  test("has the same paths from another index, of another kind", async () => {
    const elsewhere = pythonProject("pkgs.python3.withPackages (ps: with ps; [ alpha ])", other);
    const path = (options: CallOptions) => output(["eval", "-f", "shell.nix", "-A", "outPath"], options);
    assert.equal(await path(elsewhere), await path(call));
  });

  test("--frozen says what the lock lacks", async () => {
    const missing = pythonProject('pkgs.python3.withRequirements [ "alpha" "gamma" ]');
    write(missing.cwd, { "copse.lock": readFileSync(join(call.cwd, "copse.lock"), "utf8") });
    assert.match(
      await failure(["run", "--frozen", "--", "true"], missing),
      /error\[lock-missing\].*`alpha gamma`/,
    );
  });

  test("keeps what is locked when something is added", async () => {
    const added = pythonProject('pkgs.python3.withRequirements [ "beta<2" ]');
    await output(["lock"], added);
    assert.deepEqual(
      lockedPackages(added.cwd).map(({ version }) => version),
      ["1.0"],
    );
    write(added.cwd, {
      "shell.nix":
        'with import <nixpkgs> { }; mkShell { packages = [ python3 (python3.withRequirements [ "beta" ]) python3Packages.alpha ]; }\n',
    });
    await output(
      ["run", "--", "python3", "-c", "import alpha, beta; assert beta.__version__ == '1.0'"],
      added,
    );
  });
});

test("requirements that exclude each other are explained", async () => {
  const call = pythonProject('pkgs.python3.withRequirements [ "gamma" "beta>=2" ]');
  const said = await failure(["lock"], call);
  assert.match(said, /error\[python-no-solution\]/);
  for (const word of ["gamma", "beta<2", "beta>=2"]) assert.ok(said.includes(word), `${word} in ${said}`);
});

test("settings: constraints, overrides, pre-releases, what a package depends on", async () => {
  const versions = async (settings: string) => {
    const call = pythonProject(`pkgs.python3.withRequirements { requirements = [ "alpha" ]; ${settings} }`);
    await output(["lock"], call);
    return lockedPackages(call.cwd).map(({ name, version }) => `${name} ${version}`);
  };
  assert.deepEqual(await versions('constraints = [ "beta<2" ];'), ["alpha 1.0", "beta 1.0"]);
  assert.deepEqual(await versions('overrides = [ "beta==1.0" ];'), ["alpha 1.0", "beta 1.0"]);
  assert.deepEqual(await versions('prereleases = "allow";'), ["alpha 1.0", "beta 3.0b1"]);
  assert.deepEqual(await versions('prereleases = [ "Beta" ];'), ["alpha 1.0", "beta 3.0b1"]);
  assert.deepEqual(await versions('prereleases = [ "alpha" ];'), ["alpha 1.0", "beta 2.0"]);
  assert.deepEqual(await versions('dependencies.alpha.remove = [ "beta" ];'), ["alpha 1.0"]);
  const unknown = pythonProject('pkgs.python3.withRequirements { requirement = [ "alpha" ]; }');
  assert.match(await failure(["lock"], unknown), /a setting that is not known: `requirement`/);
});

test("a project that no index has is named", async () => {
  const call = pythonProject("pkgs.python3Packages.no-such-project");
  assert.match(await failure(["lock"], call), /attribute 'no-such-project' missing/);
});

test("what is built from source is, once, without network", async () => {
  const call = pythonProject("pkgs.python3.withPackages (ps: [ ps.source ])");
  const script = "import source, beta; print(source.__version__, beta.__version__)";
  assert.equal(await output(["run", "--", "python3", "-c", script], call), "0.5 2.0\n");
  const [built] = lockedPackages(call.cwd).filter(({ name }) => name === "source");
  assert.deepEqual(built?.build, { requires: [], tools: [] });
});

test("libraries that a wheel uses undeclared are found in Debian, and told", async () => {
  const call = pythonProject("pkgs.python3.withPackages (ps: [ ps.native ])");
  const { code, stderr } = await copse(["run", "--", "sh", "-c", "ls /usr/lib/*/libgomp.so.1"], call);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /native needs libgomp\.so\.1: added Debian's libgomp1 to the lock/);
  assert.match(stderr, /native: native\/ext\.so needs libnobody\.so\.7, which nothing here provides/);
  assert.doesNotMatch(stderr, /libown|libc\.so/);
  assert.deepEqual(
    lockedPackages(call.cwd).map(({ system }) => system),
    [["libgomp1"]],
  );
});

test("bytes that are not those of the lock are refused, and can be had from elsewhere", async () => {
  const call = pythonProject('pkgs.python3.withRequirements [ "gamma" ]');
  await output(["lock"], call);
  const path = `/files/gamma/${projects.gamma[0]?.file}`;
  index.faults.set(path, { kind: "bytes", bytes: Buffer.from("something else") });
  try {
    const said = await failure(["run", "--", "true"], call);
    assert.match(said, /error\[(?:hash-mismatch|download-[a-z]+)\]/);
    await output(["run", "--", "python3", "-c", "import gamma"], {
      ...call,
      env: { ...call.env, PIP_INDEX_URL: other.url },
    });
  } finally {
    index.faults.clear();
  }
});

describe("a project at hand", () => {
  const setting = (stated: string) =>
    `pkgs.python3.withRequirements { requirements = [ "mine[more]" ]; projects.mine = { path = ./.; ${stated} }; }`;
  const files = {
    "pyproject.toml": [
      '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]',
      '[project]\nname = "mine"\nversion = "0.1"\ndependencies = ["alpha"]\noptional-dependencies.more = ["gamma"]',
      'scripts.mine-tool = "mine:main"\n',
    ].join("\n"),
    "mine.py": "import alpha, gamma\ndef main():\n    print('mine', __file__)\n",
    // A backend that puts the module into a wheel, with nothing but Python's own means.
    "backend.py": [
      "import os, zipfile",
      "def build_wheel(directory, config_settings=None, metadata_directory=None):",
      "    name = 'mine-0.1-py3-none-any.whl'",
      "    info = 'mine-0.1.dist-info/'",
      "    with zipfile.ZipFile(os.path.join(directory, name), 'w') as wheel:",
      "        wheel.write('mine.py', 'mine.py')",
      "        wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: mine\\nVersion: 0.1\\n')",
      "        wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')",
      "        wheel.writestr(info + 'entry_points.txt', '[console_scripts]\\nmine-tool = mine:main\\n')",
      "        wheel.writestr(info + 'RECORD', ''.join(n + ',,\\n' for n in wheel.namelist()))",
      "    return name",
      "",
    ].join("\n"),
  };

  test("that is editable is where it is, and what it needs is locked", async () => {
    const call = pythonProject(setting("editable = true;"));
    write(call.cwd, files);
    assert.equal(await output(["run", "--", "mine-tool"], call), `mine ${call.cwd}/mine.py\n`);
    assert.deepEqual(
      lockedPackages(call.cwd).map(({ name, version }) => `${name} ${version}`),
      ["alpha 1.0", "beta 1.0", "gamma 1.0"],
    );
    write(call.cwd, { "mine.py": "def main():\n    print('changed')\n" });
    assert.equal(await output(["run", "--frozen", "--", "mine-tool"], call), "changed\n");
  });

  test("is built otherwise, and built again when it changes", async () => {
    const call = pythonProject(setting(""));
    write(call.cwd, files);
    assert.match(
      await output(["run", "--", "mine-tool"], call),
      /^mine \/nix\/store\/.*\/site-packages\/mine\.py\n$/,
    );
    write(call.cwd, { "mine.py": "def main():\n    print('changed')\n" });
    assert.equal(await output(["run", "--frozen", "--", "mine-tool"], call), "changed\n");
  });

  test("may be a wheel; what libraries it uses undeclared is found in Debian, and locked", async () => {
    const wheel = projects.native[0];
    assert.ok(wheel);
    const call = pythonProject(
      `pkgs.python3.withRequirements { requirements = [ "native" ]; projects.native = { path = ./${wheel.file}; }; }`,
    );
    writeFileSync(join(call.cwd, wheel.file), wheel.bytes);
    const command = ["sh", "-c", "ls /usr/lib/*/libgomp.so.1"];
    const { code, stderr } = await copse(["run", "--", ...command], call);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /native needs libgomp\.so\.1: added Debian's libgomp1 to the lock/);
    const { python } = JSON.parse(readFileSync(join(call.cwd, "copse.lock"), "utf8"));
    assert.deepEqual(
      Object.values(python as Record<string, { libraries: unknown }>).map(({ libraries }) => libraries),
      [{ "libgomp.so.1": "libgomp1" }],
    );
    const again = await copse(["run", "--frozen", "--", ...command], call);
    assert.equal(again.code, 0, again.stderr);
    assert.doesNotMatch(again.stderr, /libgomp/);
  });
});
