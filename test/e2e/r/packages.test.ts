/** R packages of a repository: solved beside Debian's, built, and found by R in every kind of environment. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { sourcePackage } from "../../../src/resolve/cran/testing/fixture-cran.ts";
import { copse, failure, output, project, write } from "../world.ts";
import { packages, type RProject, rProject } from "./r-world.ts";

const file = `
with import <nixpkgs> { };
let
  mine = rPackages.buildRPackage {
    name = "mine-0.1";
    src = ./mine;
    needsCompilation = false;
    propagatedBuildInputs = with rPackages; [ compiled crayon ];
  };
in
{
  shell = mkShell { packages = [ R rPackages.on_top rPackages.crayon ]; };
  wrapper = rWrapper.override { packages = with rPackages; [ on_top crayon ]; };
  asked = rWrapper.withRequirements [ "purely (>= 1.2)" "crayon" ];
  own = rWrapper.override { packages = [ mine ]; };
  inherit (rPackages) compiled purely;
  source = rPackages.compiled.src;
  misspelt = rPackages.on_tob;
}`;

describe("a project with packages of a repository", () => {
  const ends: (() => void)[] = [];
  let at: RProject;
  const run = (args: readonly string[]) => output(args, { cwd: at.cwd, env: at.env });

  before(async () => {
    at = await rProject({ after: (end) => ends.push(end) }, { "default.nix": file });
    mkdirSync(join(at.cwd, "mine/R"), { recursive: true });
    write(join(at.cwd, "mine"), {
      DESCRIPTION:
        "Package: mine\nVersion: 0.1\nTitle: Mine\nAuthor: A Tester\nMaintainer: A Tester <t@copse.invalid>\nLicense: MIT\nDescription: Mine.\nImports: compiled, crayon\n",
      NAMESPACE: 'exportPattern("^[^.]")\n',
      "R/mine.R": "mine <- function() compiled::twice(4)\n",
    });
  });
  after(() => {
    for (const end of ends) end();
  });

  test("R finds them beside Debian's", async () => {
    const script =
      'suppressMessages(library(on.top)); cat(top(21), requireNamespace("crayon"), packageDescription("compiled")$Built, compiled::where(), sep = "\\n")';
    const printed = await run(["run", "-f", "default.nix", "-A", "shell", "--", "Rscript", "-e", script]);
    const [value, crayon, built, where] = printed.split("\n");
    assert.equal(value, "[21] 42");
    assert.equal(crayon, "TRUE");
    assert.match(built ?? "", /^R 4\.\d+\.\d+; .*; 1970-01-01 00:00:01 UTC; unix$/);
    assert.equal(where, "twice.c");
  });

  test("the lock names no host, and with it nothing is asked again", async () => {
    const text = readFileSync(join(at.cwd, "copse.lock"), "utf8");
    assert.doesNotMatch(text, /127\.0\.0\.1|https?:/);
    const asked = at.cran.requests.length;
    await run(["eval", "--frozen", "-f", "default.nix", "-A", "shell.drvPath"]);
    assert.equal(at.cran.requests.length, asked);
  });

  for (const name of ["compiled", "purely"])
    test(`building ${name} again gives the same bytes`, async () => {
      await run(["build", "-A", name, "--no-out-link"]);
      await run(["build", "-A", name, "--no-out-link", "--check"]);
    });

  for (const [attribute, script, expected] of [
    ["wrapper", "cat(on.top:::top(1), nzchar(crayon::red('x')))", "[1] 2 TRUE"],
    ["asked", "cat(purely::purely(3))", "[3]"],
    ["own", "cat(mine::mine())", "8"],
  ] as const)
    test(`R of ${attribute} starts from anywhere with its packages`, async () => {
      const link = join(at.cwd, `result-${attribute}`);
      await run(["build", "-A", attribute, "-o", link]);
      const { spawnSync } = await import("node:child_process");
      const started = spawnSync(join(link, "bin/Rscript"), ["-e", script], {
        encoding: "utf8",
        env: { ...process.env, R_LIBS_SITE: "/of/the/host" },
      });
      assert.equal(started.stdout, expected, started.stderr);
    });

  test("a locked version is had from the repository's archive when it was replaced", async () => {
    at.cran.publish([
      ...packages.filter(({ name }) => name !== "compiled"),
      { name: "compiled", version: "0.5" },
    ]);
    const env = { ...at.env, COPSE_STORE: project(), XDG_CACHE_HOME: project() };
    const path = (
      await output(["build", "--frozen", "-A", "source", "--no-out-link"], { cwd: at.cwd, env })
    ).trim();
    const published = at.cran.files.get("src/contrib/Archive/compiled/compiled_0.4.tar.gz");
    assert.deepEqual(readFileSync(join(env.COPSE_STORE, path)), published);
  });

  test("all that is locked can be kept, as a mirror", async () => {
    const folder = project();
    const { version, r } = JSON.parse(readFileSync(join(at.cwd, "copse.lock"), "utf8"));
    write(folder, { "copse.lock": JSON.stringify({ version, debian: {}, r }) });
    await run(["fetch", "--output", folder, "-f", join(folder, "copse.lock")]);
    const published = at.cran.files.get("src/contrib/Archive/compiled/compiled_0.4.tar.gz");
    assert.deepEqual(readFileSync(join(folder, "CRAN/src/contrib/compiled_0.4.tar.gz")), published);
  });

  test("a name that is none is answered with those like it", async () => {
    const stderr = await failure(["build", "-A", "misspelt"], { cwd: at.cwd, env: at.env });
    assert.match(stderr, /on_tob.*\n[\s\S]*on_top/);
  });
});

test("an archive that holds another version than its name says is refused", async (t) => {
  const liar = { name: "liar", version: "2.0", fields: { NeedsCompilation: "no" } };
  const { cran, cwd, env } = await rProject(t, { "default.nix": "(import <nixpkgs> { }).rPackages.liar" }, [
    liar,
  ]);
  const { createHash } = await import("node:crypto");
  const { gzipSync } = await import("node:zlib");
  const archive = sourcePackage({ ...liar, version: "1.0" });
  cran.files.set("src/contrib/liar_2.0.tar.gz", archive);
  const md5 = createHash("md5").update(archive).digest("hex");
  const index =
    cran.files
      .get("src/contrib/PACKAGES")
      ?.toString()
      .replace(/^MD5sum: .*$/m, `MD5sum: ${md5}`) ?? "";
  cran.files.set("src/contrib/PACKAGES.gz", gzipSync(index));
  const stderr = await failure(["build", "--no-out-link"], { cwd, env });
  assert.match(stderr, /the archive of liar 2\.0 has another version: Version: 1\.0/);
});

test("without a repository: what Debian has works, other names say what to write", async () => {
  const cwd = project();
  write(cwd, { "none.R": "" });
  const env = {
    R_PROFILE: `${cwd}/none.R`,
    R_PROFILE_USER: `${cwd}/none.R`,
    CRAN: "",
    R_REPOSITORIES: "NULL",
  };
  const expression = (name: string) => ["eval", "-E", `(import <nixpkgs> { }).rPackages.${name}.name`];
  assert.match(await output(expression("crayon"), { cwd, env }), /^"crayon-1/);
  const refused = await copse(expression("notthere"), { cwd, env });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^error\[cran-unconfigured\][\s\S]*options\(repos = c\(CRAN/);
});
