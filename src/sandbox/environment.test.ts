import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { mergeAccounts } from "./accounts.ts";
import { formatFstab } from "./build/fstab.ts";
import { environmentRule, environmentRules, neutraliseEnvironment } from "./environment.ts";
import { findProgram, hostToolPath } from "./host-programs.ts";
import { identities, makeTestDirectory, makeTestRoot, runAs, whyNotHere } from "./test-root.ts";

const skip = await whyNotHere();
const directory = makeTestDirectory();
after(() => rmSync(directory, { recursive: true, force: true }));

describe("the environment of a root", () => {
  test("what leads to the host's libraries is gone, the rest stays", () => {
    const env = {
      HOME: "/h",
      LANG: "C",
      LD_PRELOAD: "x",
      CONDA_PREFIX: "/c",
      MY_DATA: "/d",
      PATH: "/host",
      NONE: undefined,
    };
    assert.deepEqual(neutraliseEnvironment(env, { pure: false, path: "/inside" }), {
      HOME: "/h",
      LANG: "C",
      MY_DATA: "/d",
      PATH: "/inside",
      PYTHONNOUSERSITE: "1",
      R_LIBS_USER: "/nonexistent/R",
      R_ENVIRON_USER: "/dev/null",
    });
  });

  test("kept by name", () => {
    const options = { pure: true, keep: ["PYTHONPATH", "MY_DATA", "PYTHONNOUSERSITE"], path: "/inside" };
    const result = neutraliseEnvironment({ PYTHONPATH: "/p", MY_DATA: "/d", OTHER: "1", TERM: "t" }, options);
    assert.deepEqual(
      [result["PYTHONPATH"], result["MY_DATA"], result["OTHER"], result["TERM"], result["PYTHONNOUSERSITE"]],
      ["/p", "/d", undefined, "t", undefined],
    );
  });

  test("every rule has a reason, and no two are about one name", () => {
    const names = environmentRules.map((rule) => rule.name);
    assert.equal(new Set(names).size, names.length);
    for (const rule of environmentRules) assert.ok(rule.reason.length > 0, rule.name);
    assert.equal(environmentRule("CONDA_SHLVL")?.name, "CONDA_*");
    assert.equal(environmentRule("XCONDA_SHLVL"), undefined);
  });

  // The languages themselves are the judges: whether poison still reaches them.
  const poison = join(directory, "poison");
  const judges: readonly [string, string[], Record<string, string>][] = [
    [
      "python3",
      ["-c", "import sys, site; print(sys.path, site.ENABLE_USER_SITE)"],
      { PYTHONPATH: poison, HOME: poison },
    ],
    ["perl", ["-e", "print join ' ', @INC"], { PERL5LIB: poison, PERLLIB: poison }],
    ["ruby", ["-e", "puts $LOAD_PATH, Gem.path"], { RUBYLIB: poison, GEM_PATH: poison }],
    ["node", ["-p", "require('module').globalPaths.join()"], { NODE_PATH: poison }],
    ["Rscript", ["-e", ".libPaths()"], { R_LIBS: poison, R_LIBS_USER: poison, R_LIBS_SITE: poison }],
  ];
  for (const [name, args, env] of judges) {
    const program = findProgram(name, hostToolPath);
    test(`${name} does not see the host's`, {
      skip: program === undefined && `${name} is not installed`,
    }, () => {
      mkdirSync(poison, { recursive: true });
      const run = (environment: Record<string, string>) =>
        execFileSync(program!, args, { encoding: "utf8", env: environment });
      const poisoned = { ...env, PATH: hostToolPath };
      assert.ok(run(poisoned).includes(poison));
      assert.ok(!run(neutraliseEnvironment(poisoned, { pure: false, path: hostToolPath })).includes(poison));
    });
  }

  test("enter.sh alone does what the table says", { skip }, async () => {
    const view = makeTestRoot(join(directory, "root"));
    const env = Object.fromEntries(
      environmentRules.map(({ name }) => [name.replace(/_\*$/, "_PATH").replace("*", ""), "/poison"]),
    );
    delete env["LD_PRELOAD"]; // would be heard of by the shell already
    const unlisted = [
      "_CE_PATH",
      "_CONDA_PATH",
      "MAMBA_PATH",
      "PIXI_PATH",
      "PYENV_PATH",
      "CONDA_PATH",
      "BUNDLE_PATH",
    ];
    const command = ["/bin/sh", join(import.meta.dirname, "enter.sh"), view, "--", "env"];
    const outcome = await runAs(command, { identity: identities[0]!, env });
    const poisoned = outcome.output.split("\n").filter((line) => line.endsWith("=/poison"));
    assert.equal(outcome.code, 0, outcome.output);
    // Beginnings of names cannot be had from a shell without a process; the common names are listed.
    const left = poisoned.map((line) => line.split("=")[0]!).filter((name) => !unlisted.includes(name));
    assert.deepEqual(left, []);
    for (const { name, value } of environmentRules) {
      if (value !== undefined) assert.ok(outcome.output.includes(`${name}=${value}\n`), name);
    }
  });
});

test("accounts: the user's entry shadows what has its name or number", () => {
  const table = "root:x:0:0:root:/root:/bin/bash\nann:x:5:5::/:/bin/sh\nbin:x:1000:2::/:/bin/sh\n\n";
  assert.equal(
    mergeAccounts(table, "ann:x:1000:1000:Ann:/home/ann:/bin/zsh\n"),
    "ann:x:1000:1000:Ann:/home/ann:/bin/zsh\nroot:x:0:0:root:/root:/bin/bash\n",
  );
});

test("fstab: the kernel's own reader of such tables is findmnt", {
  skip: findProgram("findmnt", hostToolPath) === undefined && "findmnt is not installed",
}, () => {
  const source = "/a b\t\\040c#d\ne";
  const file = join(directory, "fstab");
  writeFileSync(file, formatFstab([{ source: "/x", target: source, options: "bind" }]));
  const out = execFileSync("findmnt", ["--fstab", "--tab-file", file, "--json", "-o", "TARGET"], {
    encoding: "utf8",
  });
  assert.equal((JSON.parse(out) as { filesystems: { target: string }[] }).filesystems[0]?.target, source);
});
