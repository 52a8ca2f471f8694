/** How builds are driven: failures and their exit codes, limits, building again to compare, hooks, formats of the log. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, test } from "node:test";
import { copse, type Outcome, prepareFixture, project, realPath, write } from "./world.ts";

before(prepareFixture);

const cwd = project("fixture");
write(cwd, {
  "default.nix": `
    with import <nixpkgs> { };
    rec {
      good = runCommand "good" { } "echo said; echo x >$out";
      bad = runCommand "bad" { } "echo first; echo second; touch left; exit 3";
      worse = runCommand "worse" { } "exit 4";
      needsBad = runCommand "needs-bad" { } "cat \${bad} >$out";
      needsGood = runCommand "needs-good" { } "cat \${good} >$out";
      several = [ bad worse needsBad good ];
      endless = runCommand "endless" { } "sleep 1000 & while :; do echo; sleep 0.1; done";
      silent = runCommand "silent" { } "sleep 1000";
      loud = runCommand "loud" { } "while :; do echo loud; done";
      random = runCommand "random" { } ''mkdir $out; echo same >$out/same; date +%s%N >$out/time'';
      wrong = runCommand "wrong" { outputHash = lib.fakeHash; } "echo x >$out";
    }`,
});

function nixBuild(...args: string[]): Promise<Outcome> {
  return copse(["--frozen", "--no-out-link", ...args], { cwd, as: "nix-build" });
}

describe("failures", { concurrency: 2 }, () => {
  test("a failed builder: code 100, its last lines, no path", async () => {
    const { code, stderr, stdout } = await nixBuild("-A", "bad", "--option", "log-lines", "1");
    assert.equal(code, 100);
    assert.equal(stdout, "");
    assert.match(stderr, /error: Cannot build '.*-bad\.drv'\.\n\s+Reason: builder failed with exit code 3\./);
    assert.match(stderr, /the last line of its log:\n\s+> second/);
  });

  test("what needed it says so, and only that", async () => {
    const { code, stderr } = await nixBuild("-A", "needsBad");
    assert.equal(code, 100);
    assert.match(stderr, /Cannot build '.*-needs-bad\.drv'\.\n\s+Reason: 1 dependency failed\./);
    assert.equal(stderr.match(/^error:/gm)?.length, 2);
  });

  test("--keep-going finishes the others and tells of all failures", async () => {
    const { code, stderr } = await nixBuild("-A", "several", "-k", "-Q");
    assert.equal(code, 100);
    for (const name of ["bad", "worse", "needs-bad"])
      assert.match(stderr, new RegExp(`Cannot build '[^']*-${name}\\.drv'`));
    assert.match(stderr, /error: build of '.*-bad\.drv\^out', .* failed/);
    const good = await nixBuild("-A", "good", "--max-jobs", "0");
    assert.equal(good.code, 0, good.stderr);
  });

  test("--keep-failed keeps the folder of the build", async () => {
    const { stderr } = await nixBuild("-A", "bad", "-K");
    const [, kept = ""] = /note: keeping build directory '(.*)'/.exec(stderr) ?? [];
    assert.ok(existsSync(join(kept, "left")), stderr);
  });

  test("a wrong hash: code 102, both hashes", async () => {
    const { code, stderr } = await nixBuild("-A", "wrong");
    assert.equal(code, 102);
    assert.match(stderr, /specified:\s+sha256-A{43}=\n\s+got:\s+sha256-/);
  });

  test("copse itself ends with 1", async () => {
    const { code, stderr } = await copse(["build", "--frozen", "--no-out-link", "-A", "worse"], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, /^error\[build-failed\]: Cannot build/m);
  });
});

describe("limits", { concurrency: 2 }, () => {
  test("--timeout: code 101, and nothing runs on", async () => {
    const { code, stderr } = await nixBuild("-A", "endless", "-Q", "--timeout", "1");
    assert.equal(code, 101);
    assert.match(stderr, /building of '.*-endless\.drv' timed out after 1 seconds/);
  });
  test("--max-silent-time", async () => {
    const { code, stderr } = await nixBuild("-A", "silent", "--max-silent-time", "1");
    assert.equal(code, 101);
    assert.match(stderr, /timed out after 1 seconds of silence/);
  });
  test("max-build-log-size", async () => {
    const { code, stderr } = await nixBuild("-A", "loud", "-Q", "--option", "max-build-log-size", "1000");
    assert.equal(code, 1);
    assert.match(stderr, /killed after writing more than 1000 bytes of log output/);
  });
  test("max-jobs 0 builds nothing", async () => {
    const { code, stderr } = await nixBuild("-A", "worse", "-j0");
    assert.notEqual(code, 0);
    assert.match(stderr, /local builds are disabled/);
  });
});

test("--dry-run says what would be built and builds nothing", async () => {
  write(cwd, {
    "dry.nix": `with import <nixpkgs> { }; runCommand "dry" { } "echo built >$out"`,
  });
  const dry = await nixBuild("dry.nix", "--dry-run");
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stderr, /this derivation will be built:\n {2}\/nix\/store\/.*-dry\.drv/);
  const again = await nixBuild("dry.nix", "--dry-run");
  assert.match(again.stderr, /will be built/);
});

test("--check builds again, and shows where the two differ", async () => {
  const [path = ""] = (await nixBuild("-A", "random")).stdout.split("\n");
  const before = readFileSync(join(realPath(path), "time"), "utf8");
  const { code, stderr } = await nixBuild("-A", "random", "--check");
  assert.equal(code, 104);
  assert.match(stderr, /derivation '.*-random\.drv' may not be deterministic: output '.*-random' differs/);
  assert.match(stderr, /time: contents differ from byte \d+ \(line 1\)\n\s+- \d+\n\s+\+ \d+/);
  assert.doesNotMatch(stderr, /same:/);
  assert.equal(readFileSync(join(realPath(path), "time"), "utf8"), before);
  assert.equal((await nixBuild("-A", "good")).code, 0);
  assert.equal((await nixBuild("-A", "good", "--check")).code, 0);
  const kept = await nixBuild("-A", "random", "--check", "-K");
  assert.match(kept.stderr, /differs from '.*-random\.check'/);
  assert.ok(readdirSync(dirname(realPath(path))).some((name) => name.endsWith("-random.check")));
});

test("the post-build hook gets derivation and outputs; when it fails, nothing further is built", async () => {
  const hook = join(cwd, "hook");
  const seen = join(cwd, "seen");
  writeFileSync(hook, `#!/bin/sh\necho hooked\necho "$DRV_PATH $OUT_PATHS" >>${seen}\n`);
  chmodSync(hook, 0o755);
  write(cwd, {
    "hooked.nix": `with import <nixpkgs> { };
      let first = runCommand "hooked-first" { } "echo 1 >$out";
      in runCommand "hooked-second" { outputs = [ "out" "dev" ]; } "cat \${first} >$out; touch $dev"`,
  });
  const { code, stderr } = await nixBuild("hooked.nix", "--post-build-hook", hook);
  assert.equal(code, 0, stderr);
  const lines = readFileSync(seen, "utf8").trim().split("\n");
  assert.equal(lines.length, 2);
  assert.match(lines[0]!, /-hooked-first\.drv \S+-hooked-first$/);
  assert.match(lines[1]!, /-hooked-second\.drv \S+ \S+$/);
  writeFileSync(hook, "#!/bin/sh\nexit 7\n");
  write(cwd, {
    "unhooked.nix": `with import <nixpkgs> { };
      runCommand "unhooked-top" { } "cat \${runCommand "unhooked-first" { } "touch $out"}; touch $out"`,
  });
  const failed = await nixBuild("unhooked.nix", "--post-build-hook", hook);
  assert.notEqual(failed.code, 0);
  assert.match(failed.stderr, /program '.*hook' failed with exit code 7/);
  assert.doesNotMatch(failed.stderr, /building '.*unhooked-top/);
});

test("--log-format internal-json is one object a line", async () => {
  write(cwd, { "json.nix": `with import <nixpkgs> { }; runCommand "json" { } "echo spoken; touch $out"` });
  const { stderr } = await nixBuild("json.nix", "--log-format", "internal-json");
  const messages = stderr
    .split("\n")
    .filter((line) => line.startsWith("@nix "))
    .map((line) => JSON.parse(line.slice(5)) as { action: string; type?: number; fields?: unknown[] });
  assert.deepEqual(
    messages.filter(({ type }) => type === 101).map(({ fields }) => fields),
    [["spoken"]],
  );
  assert.ok(messages.some(({ action, type }) => action === "start" && type === 105));
  assert.equal(
    messages.filter(({ action }) => action === "start").length,
    messages.filter(({ action }) => action === "stop").length,
  );
});
