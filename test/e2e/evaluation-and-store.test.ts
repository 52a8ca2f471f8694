/** Where evaluation meets the store from the command line: what it may write, what it reads, what it refuses to copy. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { byteStringFromText, installedPath } from "../../src/base/mod.ts";
import { removeTree } from "../../src/store/mod.ts";
import { callerEnvironment, copse, failure, output, project, write } from "./world.ts";

const DERIVATION = 'derivation { name = "d"; system = "s"; builder = "b"; }';

test("what is no text is printed byte by byte", () => {
  const cwd = project();
  writeFileSync(join(cwd, "f"), Buffer.from([0x61, 0xff, 0x62]));
  const print = (...args: string[]) =>
    spawnSync(installedPath("bin/copse"), ["eval", ...args, "--expr", "builtins.readFile ./f"], {
      cwd,
      env: callerEnvironment(),
    }).stdout.toString("latin1");
  assert.equal(print(), '"a\xffb"\n');
  assert.equal(print("--raw"), "a\xffb");
});

test("read-only evaluation writes nothing, and builds nothing for that reason", async () => {
  const cwd = project();
  const COPSE_STORE = join(cwd, "store");
  const options = { cwd, as: "nix-instantiate", env: { COPSE_STORE } } as const;
  const printed = await output(["--readonly-mode", "-E", DERIVATION], options);
  assert.match(printed, /^\/nix\/store\/[a-z0-9]{32}-d\.drv\n$/);
  assert.deepEqual(derivationsIn(COPSE_STORE), []);
  const imported = await copse(["--readonly-mode", "--eval", "-E", `import (${DERIVATION})`], options);
  assert.equal(imported.code, 1);
  assert.match(imported.stderr, /^error: path '[a-z0-9]{32}-d\.drv' is not valid\n/);
  assert.equal(await output(["-E", DERIVATION], options), printed);
  assert.equal(derivationsIn(COPSE_STORE).length, 1);
});

function derivationsIn(store: string): string[] {
  const folder = join(store, "nix/store");
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".drv")) : [];
}

test("a store's URI says which directory its paths begin with", async () => {
  const uri = "dummy://?store=/foo";
  const printed = await output(["--store", uri, "-E", DERIVATION], { as: "nix-instantiate" });
  assert.match(printed, /^\/foo\//);
});

test("what a store that lies elsewhere lacks is read from the machine's own", async () => {
  const cwd = project();
  const machine = join(cwd, "machine");
  const object = join(machine, "00000000000000000000000000000000-x");
  mkdirSync(object, { recursive: true });
  write(object, { "default.nix": '"read"' });
  const printed = await output(["--eval", object, "--store", join(cwd, "other")], {
    cwd,
    as: "nix-instantiate",
    env: { NIX_STORE_DIR: machine },
  });
  assert.equal(printed, '"read"\n');
});

test("a source that has another hash is an error of the expression, not of a build", async () => {
  const cwd = project();
  write(cwd, { f: "x" });
  const expr = `builtins.path { path = ./f; sha256 = "${"0".repeat(52)}"; }`;
  const { code, stderr } = await copse(["--eval", "-E", expr], { cwd, as: "nix-instantiate" });
  assert.equal(code, 1);
  assert.match(stderr, /^error: store path mismatch in \(possibly filtered\) path added from '.*\/f'\n/);
});

test("a folder that holds the store itself is not copied into it", async () => {
  const cwd = project();
  const COPSE_STORE = join(cwd, "store");
  const stderr = await failure(["eval", "--expr", '"${./.}"'], { cwd, env: { COPSE_STORE } });
  assert.match(stderr, /^error\[store-within-source\]: /);
  const filtered =
    '"${builtins.path { name = "x"; path = ./.; filter = path: _: baseNameOf path != "store"; }}"';
  assert.match(await output(["eval", "--expr", filtered], { cwd, env: { COPSE_STORE } }), /-x"\n$/);
  removeTree(byteStringFromText(COPSE_STORE));
});

test("an environment has the paths of inputs that are known only when they are built", async () => {
  const cwd = project();
  write(cwd, {
    "shell.nix": `let
      system = builtins.currentSystem;
      builder = "/bin/sh";
      floating = derivation {
        name = "floating"; inherit system builder; args = [ "-c" "echo built > $out" ];
        __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256";
      };
    in derivation { name = "shell"; inherit system builder floating; }\n`,
  });
  const settings = [
    ...["--option", "experimental-features", "ca-derivations"],
    ...["--option", "sandbox-paths", "/bin /usr /lib /lib64?"],
  ];
  const printed = await output([...settings, "--run", "echo $floating"], { cwd, as: "nix-shell" });
  assert.match(printed, /^\/nix\/store\/[a-z0-9]{32}-floating\n$/);
});
