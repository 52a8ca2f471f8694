/** `copse lock` and `--frozen`: answers of the index, written down once and asked for no more. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { copse, failure, output, project, world, write } from "./world.ts";

const lockOf = (cwd: string): string => readFileSync(join(cwd, "copse.lock"), "utf8");

function shellOf(packages: string): { readonly cwd: string } {
  const cwd = project("fixture");
  write(cwd, {
    "shell.nix": `{ pkgs ? import <nixpkgs> { } }:\npkgs.mkShell {\n  packages = ${packages};\n}\n`,
  });
  return { cwd };
}

describe("lock", () => {
  const cwd = project("fixture");
  rmSync(join(cwd, "copse.lock"));

  test("from nothing, without building", async () => {
    const frozen = await failure(["run", "--frozen", "--", "true"], { cwd });
    assert.match(frozen, /error\[lock-missing\]: Lock has no answer for bookworm on \w+ to `base-files /);
    assert.match(frozen, / hint: lock without --frozen first/);
    assert.ok(!existsSync(join(cwd, "copse.lock")));

    const { code, stdout, stderr } = await copse(["lock"], { cwd });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^bookworm \w+: \d+ packages, debian \S+ of \d{4}-/);
    assert.ok(stdout.endsWith(`written: ${join(cwd, "copse.lock")}\n`));
    assert.doesNotMatch(stderr, /unpack|build/);
  });

  test("holds versions, files and hashes, and nothing of hosts or this machine", () => {
    const text = lockOf(cwd);
    const { debian } = JSON.parse(text);
    const [suite] = Object.values(debian.bookworm) as { packages: Record<string, unknown>[] }[];
    const python = suite?.packages.find(({ name }) => name === "python3.11");
    assert.match(String(python?.["file"]), /^pool\/main\/p\/python3\.11\/python3\.11_.*\.deb$/);
    assert.match(String(python?.["sha256"]), /^[0-9a-f]{64}$/);
    assert.doesNotMatch(text, /:\/\//);
    for (const local of [world.home, world.store, cwd, "/nix/store", "/tmp/"]) {
      assert.ok(!text.includes(local), local);
    }
    assert.doesNotMatch(text, new RegExp(`\\b${hostname()}\\b`));
  });

  test("is enough from then on, and comes out the same again", async () => {
    const before = lockOf(cwd);
    assert.match(await output(["lock", "--frozen"], { cwd }), /^unchanged: /m);
    const summary = JSON.parse(await output(["lock", "--update", "--json"], { cwd }));
    assert.deepEqual([summary.changed, summary.path], [false, join(cwd, "copse.lock")]);
    assert.equal(summary.suites[0].name.split(" ")[0], "bookworm");
    assert.equal(lockOf(cwd), before);
  });

  test("grows by what is asked for in addition", async () => {
    const here = shellOf("[ pkgs.hello ]");
    const before = JSON.parse(lockOf(here.cwd)).debian.bookworm;
    assert.match(await failure(["lock", "--frozen"], here), /error\[/);
    assert.match(await output(["lock"], here), /^written: /m);
    const after = JSON.parse(lockOf(here.cwd)).debian.bookworm;
    for (const [architecture, { packages }] of Object.entries(before) as [
      string,
      { packages: { name: string }[] },
    ][]) {
      const names = (list: { name: string }[]): Set<string> => new Set(list.map(({ name }) => name));
      const added = names(after[architecture].packages).difference(names(packages));
      assert.deepEqual([...added], ["hello"]);
    }
  });

  test("with a fault in it, is pointed at", async () => {
    const here = { cwd: project("fixture") };
    write(here.cwd, { "copse.lock": lockOf(here.cwd).replace('"version": 1', '"version": 99') });
    assert.match(await failure(["lock"], here), /error\[lock-[a-z]+\][\s\S]*copse\.lock:2:\d+$/m);
  });
});

describe("names that do not exist", { concurrency: 2 }, () => {
  const wrong: readonly (readonly [packages: string, expected: RegExp])[] = [
    ["[ pkgs.pyton3 ]", /attribute 'pyton3' missing[\s\S]* hint: did you mean .*\bpython3\b/],
    ["with pkgs; [ pyton3 ]", /undefined variable 'pyton3'[\s\S]* hint: did you mean .*\bpython3\b/],
    [
      "[ pkgs.debian.libhdf5-dve ]",
      /attribute 'libhdf5-dve' missing[\s\S]* hint: did you mean .*\blibhdf5-dev\b/,
    ],
    [
      '[ (import <nixpkgs> { config.pythonPackages = "debian"; }).python3Packages.numpi ]',
      /attribute 'numpi' missing[\s\S]* hint: did you mean .*\bnumpy\b/,
    ],
    [
      '[ ((import <nixpkgs> { config.pythonPackages = "debian"; }).python3.withPackages (p: [ p.scipi ])) ]',
      /'scipi' missing[\s\S]* hint: did you mean .*\bscipy\b/,
    ],
    [
      "[ pkgs.rPackages.gplot2 ]",
      /no R package of this name[\s\S]*`gplot2`[\s\S]* hint: did you mean .*\bggplot2\b/,
    ],
  ];
  for (const [packages, expected] of wrong) {
    test(packages, async () => {
      assert.match(await failure(["lock"], shellOf(packages)), expected);
    });
  }
});
