import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { normaliseName } from "#format/python";
import type { LockedPythonPackage } from "#resolve";
import type { PackageEntry } from "../expression/package-entries.ts";
import { chooseAnswer, type ExportedPackage, formatPylock, formatRequirements } from "./mod.ts";

/** A wheel that pip takes, made by Python's own zipfile. */
const MAKE_WHEELS = `
import sys, os, zipfile
for name, version, requires in [("alpha", "1.2", ["beta>=1"]), ("beta", "2.0", [])]:
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "value = 1\\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n" + "".join(f"Requires-Dist: {r}\\n" for r in requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in [*files, f"{info}/RECORD"])
    folder = os.path.join(sys.argv[1], "pypi", name)
    os.makedirs(folder)
    with zipfile.ZipFile(os.path.join(folder, f"{name}-{version}-py3-none-any.whl"), "w") as z:
        for path, text in files.items(): z.writestr(path, text)
`;

function runs(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

/** A Python of the machine with pip, for which the exports are made. */
const noPip = runs("python3", ["-m", "pip", "--version"]) ? false : "python3 with pip is not installed";
const UV = process.env["COPSE_UV"] ?? "uv";
const noUv = noPip || (runs(UV, ["--version"]) ? false : "uv is not installed ($COPSE_UV)");

const platform = {
  python: pythonVersion(),
  system: process.arch === "x64" ? "x86_64-linux" : "aarch64-linux",
};

function pythonVersion(): string {
  const { stdout } = spawnSync("python3", ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
    encoding: "utf8",
  });
  return stdout?.trim() || "3.11";
}

function locked(name: string, version: string, rest: Partial<LockedPythonPackage> = {}): LockedPythonPackage {
  const file = `${name}-${version}-py3-none-any.whl`;
  return { name: normaliseName(name), version, file, sha256: "0".repeat(64), dependencies: [], ...rest };
}

function withWheels(action: (folder: string, packages: ExportedPackage[]) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "copse-export-"));
  try {
    assert.equal(spawnSync("python3", ["-c", MAKE_WHEELS, folder]).status, 0);
    const packages = [locked("beta", "2.0"), locked("alpha", "1.2", { dependencies: ["beta"] })].map(
      (one) => {
        const path = `pypi/${one.name}/${one.file}`;
        const { stdout } = spawnSync(
          "python3",
          [
            "-c",
            "import sys,hashlib; print(hashlib.sha256(open(sys.argv[1],'rb').read()).hexdigest())",
            join(folder, path),
          ],
          { encoding: "utf8" },
        );
        return { locked: { ...one, sha256: stdout.trim() }, place: { path }, isDirect: false };
      },
    );
    action(folder, packages);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const quiet = {
  ...process.env,
  PIP_CONFIG_FILE: "/dev/null",
  PIP_BREAK_SYSTEM_PACKAGES: "1",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
};

function pipDryRun(folder: string, text: string) {
  writeFileSync(join(folder, "requirements.txt"), text);
  const args = [
    "-m",
    "pip",
    "install",
    "--dry-run",
    "--ignore-installed",
    "--require-hashes",
    "-r",
    "requirements.txt",
  ];
  return spawnSync("python3", args, { cwd: folder, env: quiet, encoding: "utf8" });
}

test("pip takes an exported requirements.txt, with its hashes", { skip: noPip }, () => {
  withWheels((folder, packages) => {
    const text = formatRequirements(packages, { indexes: new Map(), platform });
    const { status, stdout, stderr } = pipDryRun(folder, text);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /Would install alpha-1\.2 beta-2\.0/);
    const other = formatRequirements(
      packages.map((one) => ({
        ...one,
        locked: { ...one.locked, sha256: createHash("sha256").digest("hex") },
      })),
      { indexes: new Map(), platform },
    );
    const refused = pipDryRun(folder, other);
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr, /HASHES|hashes/i);
  });
});

test("uv installs what an exported pylock.toml says", { skip: noUv }, () => {
  withWheels((folder, packages) => {
    writeFileSync(join(folder, "pylock.toml"), formatPylock(packages, platform));
    const env = { ...quiet, UV_CACHE_DIR: join(folder, "cache"), UV_OFFLINE: "1", UV_NO_CONFIG: "1" };
    assert.equal(spawnSync(UV, ["venv", "-q", "--python", "python3", "v"], { cwd: folder, env }).status, 0);
    const args = ["pip", "sync", "--dry-run", "--python", "v/bin/python", "pylock.toml"];
    const { status, stderr } = spawnSync(UV, args, { cwd: folder, env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /alpha==1\.2/);
    assert.match(stderr, /beta==2\.0/);
  });
});

const CHECK_PYLOCK = `
import sys, tomllib
from packaging.pylock import Pylock
lock = Pylock.from_dict(tomllib.load(open(sys.argv[1], "rb")))
lock.validate()
print(",".join(f"{p.name}=={p.version}" for p in lock.packages if p.version))
`;
const packagingPython = process.env["COPSE_PYTHON_PACKAGING"] ?? "python3";
const noPylock = runs(packagingPython, ["-c", "import tomllib, packaging.pylock"])
  ? false
  : "no packaging with pylock ($COPSE_PYTHON_PACKAGING)";

test("packaging finds an exported pylock.toml valid", { skip: noPylock }, () => {
  const folder = mkdtempSync(join(tmpdir(), "copse-export-"));
  try {
    const url = "http://127.0.0.1:9/files/alpha-1.2-py3-none-any.whl";
    const packages: ExportedPackage[] = [
      {
        locked: locked("alpha", "1.2", { size: 12, dependencies: ["beta[x]", "gamma"] }),
        place: { url, uploadTime: "2024-03-01T12:00:00.123456Z", requiresPython: ">=3.8" },
        isDirect: false,
      },
      {
        locked: locked("beta", "2.0", { file: "beta-2.0.tar.gz" }),
        place: { path: "../f/beta-2.0.tar.gz" },
        isDirect: false,
      },
      { locked: locked("gamma", "3"), place: { url }, isDirect: true },
    ];
    mkdirSync(join(folder, "mine"));
    const directories = [{ name: "mine", path: "mine", isEditable: true }];
    const file = join(folder, "pylock.toml");
    writeFileSync(file, formatPylock(packages, { ...platform, directories }));
    const { status, stdout, stderr } = spawnSync(packagingPython, ["-c", CHECK_PYLOCK, file], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trim(), "alpha==1.2,beta==2.0,gamma==3");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the answer of the environment is chosen, by its requirements", () => {
  const request = (requirements: string[]) => ({
    requirements,
    python: "3.11.2",
    glibc: "2.36",
    settings: {},
    answer: [],
  });
  const data = new Map([
    ["3.11 x86_64-linux", { packages: [], requests: [request(["numpy"]), request(["torch >=2", "numpy"])] }],
    ["3.13 aarch64-linux", { packages: [], requests: [request(["numpy"])] }],
  ]);
  const choose = (requirements: string[] | undefined, system = "x86_64-linux", python?: string) =>
    chooseAnswer(data, { entries: requirements?.map(entry), system, python });
  assert.deepEqual(choose(["numpy", "torch>=2"]).request, data.get("3.11 x86_64-linux")?.requests[1]);
  assert.equal(choose(undefined, "aarch64-linux").python, "3.13");
  assert.throws(() => choose(undefined), { code: "export-ambiguous" });
  assert.throws(() => choose(["scipy"]), { code: "export-unlocked" });
  assert.throws(() => choose(["numpy"], "x86_64-linux", "3.13"), { code: "export-unlocked" });
});

/** As copse.toml names it. */
function entry(requirement: string): PackageEntry {
  const name = /^[a-z]+/.exec(requirement)?.[0] ?? requirement;
  return { ...{ name, given: name, requirement }, isEditable: false, origin: [] };
}

test("indexes of copse.toml stand in requirements.txt where a package comes from them", () => {
  const indexes = new Map([
    ["lab", "http://127.0.0.1:9/lab"],
    ["other", "http://127.0.0.1:9/other"],
  ]);
  const packages = [{ locked: locked("alpha", "1.2", { index: "lab" }), place: {}, isDirect: false }];
  assert.deepEqual(
    formatRequirements(packages, { indexes, platform: { python: "3.11", system: "x86_64-linux" } }).split(
      "\n",
    ),
    [
      "# From copse.lock, for Python 3.11 on x86_64-linux.",
      "--extra-index-url http://127.0.0.1:9/lab",
      "alpha==1.2 \\",
      `    --hash=sha256:${"0".repeat(64)}`,
      "",
    ],
  );
});
