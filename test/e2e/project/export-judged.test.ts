/** Whole locks, exported, as other installers take them: from the index that they were locked from. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { output } from "../world.ts";
import { openPythonWorld, type PythonWorld } from "./python-project.ts";

const UV = process.env["COPSE_UV"] ?? "uv";
const pipVersion = /^pip (\d+)\.(\d+)/.exec(
  spawnSync("python3", ["-m", "pip", "--version"], { encoding: "utf8" }).stdout ?? "",
);
const noPip = pipVersion ? false : "python3 with pip is not installed";
const isPylockPip = pipVersion !== null && Number(pipVersion[1]) * 100 + Number(pipVersion[2]) >= 2603;
const noUv = spawnSync(UV, ["--version"]).status === 0 ? noPip : "uv is not installed ($COPSE_UV)";

let python: PythonWorld;
let at: ReturnType<PythonWorld["project"]>;
before(async () => {
  python = await openPythonWorld();
  at = python.project(
    '[python]\npackages = ["alpha[more]", "gamma"]\n\n[python.groups]\ndev = ["epsilon"]\n',
  );
  await output(["lock"], at);
});
after(() => python.index.close());

const EXPECTED = "alpha-1.1 beta-1.0 delta-0.1 epsilon-7 gamma-1.0";

/** Not waited for in one piece: the index is served by this very process. */
async function asked(
  program: string,
  args: readonly string[],
): Promise<{ readonly status: number | null; readonly text: string }> {
  const env = {
    ...{ PATH: process.env["PATH"], HOME: at.cwd, ...at.env },
    ...{ PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_BREAK_SYSTEM_PACKAGES: "1" },
    ...{ UV_NO_CONFIG: "1", UV_CACHE_DIR: join(at.cwd, "uv-cache"), UV_DEFAULT_INDEX: python.index.url },
  };
  const child = spawn(program, args, { cwd: at.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, text }));
  });
}

async function pipWouldInstall(file: string): Promise<void> {
  const options = [
    "install",
    "--dry-run",
    "--ignore-installed",
    "--no-cache-dir",
    "--quiet",
    "--report",
    "-",
  ];
  const { status, text } = await asked("python3", ["-m", "pip", ...options, "--require-hashes", "-r", file]);
  assert.equal(status, 0, text);
  const report = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as {
    readonly install: readonly { readonly metadata: { readonly name: string; readonly version: string } }[];
  };
  const names = report.install.map(({ metadata }) => `${metadata.name}-${metadata.version}`);
  assert.equal(names.sort().join(" "), EXPECTED);
}

test("pip takes requirements.txt with nothing but hashes", { skip: noPip }, async () => {
  await output(["export", "--format", "requirements", "-o", "requirements.txt"], at);
  await pipWouldInstall("requirements.txt");
});

const noPylock = isPylockPip ? false : "pip is older than 26.3";
test("pip takes pylock.toml", { skip: noPip || noPylock }, async () => {
  await output(["export", "-o", "pylock.toml"], at);
  const { status, text } = await asked("python3", [
    "-m",
    "pip",
    "install",
    "--dry-run",
    "--ignore-installed",
    "-r",
    "pylock.toml",
  ]);
  assert.equal(status, 0, text);
  for (const one of EXPECTED.split(" ")) assert.ok(text.includes(one), `${one} in ${text}`);
});

test("uv takes both", { skip: noUv }, async () => {
  await output(["export", "-o", "pylock.toml"], at);
  await output(["export", "--format", "requirements", "-o", "requirements.txt"], at);
  const made = await asked(UV, ["venv", "-q", "--python", "python3", "v"]);
  assert.equal(made.status, 0, made.text);
  for (const file of [["pylock.toml"], ["--require-hashes", "requirements.txt"]]) {
    const { status, text } = await asked(UV, [
      "pip",
      "sync",
      "--dry-run",
      "--python",
      "v/bin/python",
      ...file,
    ]);
    assert.equal(status, 0, text);
    for (const one of EXPECTED.split(" "))
      assert.ok(text.includes(one.replace("-", "==")), `${one} in ${text}`);
  }
});
