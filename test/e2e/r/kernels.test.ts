/** Jupyter kernels of an environment, started by a Jupyter that stands outside of it. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { failure, output, project, write } from "../world.ts";

const environment = `
with import <nixpkgs> { config.pythonPackages = "debian"; };
mkShell { packages = [ (python3.withPackages (ps: [ ps.ipykernel ])) rPackages.IRkernel rPackages.crayon ]; }`;

const outside = `
with import <nixpkgs> { config.pythonPackages = "debian"; };
mkShell { packages = [ (python3.withPackages (ps: [ ps.jupyter_client ])) ]; }`;

const ask = `
import sys
from jupyter_client.manager import start_new_kernel
for name, code in [("study-ir", "cat(requireNamespace('crayon'), requireNamespace('IRkernel'))"), ("study-python3", "import ipykernel; print(6 * 7)")]:
    manager, client = start_new_kernel(kernel_name=name, startup_timeout=120)
    texts = []
    client.execute_interactive(code, timeout=120, output_hook=lambda m: texts.append(m["content"].get("text", "")))
    print(name, "".join(texts).strip())
    client.stop_channels()
    manager.shutdown_kernel(now=True)
`;

describe("copse kernel", () => {
  const cwd = project();
  const other = project();
  const prefix = project();
  const folder = join(prefix, "share/jupyter/kernels");

  before(() => {
    write(cwd, { "shell.nix": environment });
    write(other, { "shell.nix": outside, "ask.py": ask });
  });

  test("an environment without a kernel says so", async () => {
    const empty = project();
    write(empty, { "shell.nix": "with import <nixpkgs> { }; mkShell { packages = [ ]; }" });
    const stderr = await failure(["kernel", "install", "--prefix", prefix], { cwd: empty });
    assert.match(stderr, /^error\[kernel-missing\][\s\S]*ipykernel is Python's, IRkernel is R's/m);
    assert.ok(!existsSync(folder));
  });

  test("install puts them where a Jupyter finds them, and list shows them", async () => {
    await output(["kernel", "install", "--name", "study", "--prefix", prefix], { cwd });
    const listed = JSON.parse(await output(["kernel", "list", "--json", "--prefix", prefix], { cwd }));
    assert.deepEqual(
      listed.map((one: { name: string; language: string; isThere: boolean }) => [
        one.name,
        one.language,
        one.isThere,
      ]),
      [
        ["study-ir", "R", true],
        ["study-python3", "python", true],
      ],
    );
    const spec = JSON.parse(readFileSync(join(folder, "study-ir/kernel.json"), "utf8"));
    assert.equal(spec.argv[0], join(folder, "study-ir/environment/bin/R"));
    assert.deepEqual(spec.argv.slice(1), [
      "--slave",
      "-e",
      "IRkernel::main()",
      "--args",
      "{connection_file}",
    ]);
    assert.ok(existsSync(join(folder, "study-python3/logo-64x64.png")));
    const roots = await output(["gc", "--print-roots"], { cwd });
    assert.match(roots, /study-ir\/environment -> /);
  });

  test("a Jupyter of another environment starts both, and they have their own packages", async () => {
    const env = { JUPYTER_PATH: join(prefix, "share/jupyter") };
    const printed = await output(["run", "--", "python3", "ask.py"], { cwd: other, env });
    assert.deepEqual(printed.trim().split("\n"), ["study-ir TRUE TRUE", "study-python3 42"]);
  });

  test("what is not copse's is neither replaced nor removed", async () => {
    mkdirSync(join(folder, "theirs-ir"), { recursive: true });
    write(join(folder, "theirs-ir"), { "kernel.json": '{"argv":["R"],"display_name":"R","language":"R"}' });
    const occupied = await failure(["kernel", "install", "--name", "theirs", "--prefix", prefix, "ir"], {
      cwd,
    });
    assert.match(occupied, /^error\[kernel-occupied\]/m);
    const missing = await failure(["kernel", "remove", "--prefix", prefix, "theirs-ir"], { cwd });
    assert.match(missing, /^error\[kernel-missing\][\s\S]*study-ir, study-python3/m);
    await failure(["kernel", "remove", "--prefix", prefix, "../kernels/study-ir"], { cwd });
    assert.ok(existsSync(join(folder, "theirs-ir/kernel.json")));
  });

  test("remove takes a kernel away, with what kept its environment", async () => {
    await output(["kernel", "remove", "--prefix", prefix, "study-ir"], { cwd });
    assert.ok(!existsSync(join(folder, "study-ir")));
    assert.doesNotMatch(await output(["gc", "--print-roots"], { cwd }), /study-ir\/environment/);
  });
});
