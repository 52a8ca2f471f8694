/**
 * Floating outputs, whose paths follow from what is built. What C++ Nix makes of the same expressions in the same place
 * must be equal: derivations, paths, contents, references and what is remembered of the builds.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { findJudge } from "../../../src/format/testing/mod.ts";
import { COPSE, callerEnvironment } from "../world.ts";

const FILE = join(import.meta.dirname, "content-addressed.nix");
const FEATURES = "ca-derivations dynamic-derivations blake3-hashes nix-command";
const directory = realpathSync(mkdtempSync(join(tmpdir(), "copse-floating-")));
after(() => void execFileSync("/bin/sh", ["-c", 'chmod -R u+w "$1"; rm -rf "$1"', "sh", directory]));

const place = join(directory, "nix");
const own = join(directory, "bin");
mkdirSync(own);
for (const name of ["nix", "nix-build", "nix-store", "nix-instantiate"]) symlinkSync(COPSE, join(own, name));
const { judge, reason: missing } = findJudge("nix-build", { atLeast: "2.30" });
// See format/hash-modulo.ts: paths of what mentions itself are others from there on.
const isNewer = findJudge("nix-build", { atLeast: "2.35" }).judge !== undefined;
const reason = missing || (isNewer && "nix-build is newer than 2.34");

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `bin`: whose programs. One run at a time: all stores of this test have one place. */
function run(bin: string, program: string, args: readonly string[], features = FEATURES): Ran {
  const { COPSE_STORE: _, ...env } = callerEnvironment();
  const { status, stdout, stderr } = spawnSync(join(bin, program), args, {
    encoding: "utf8",
    env: {
      ...env,
      HOME: directory,
      NIX_STORE_DIR: join(place, "store"),
      NIX_LOCALSTATE_DIR: join(place, "var"),
      NIX_STATE_DIR: join(place, "var/nix"),
      NIX_LOG_DIR: join(place, "var/log/nix"),
      NIX_CONF_DIR: join(directory, "etc"),
      NIX_CONFIG: `build-users-group =\nsandbox = false\nsubstituters =\nexperimental-features = ${features}\n`,
    },
  });
  return { code: status, stdout, stderr };
}

function build(bin: string, ...args: string[]): string[] {
  const { code, stdout, stderr } = run(bin, "nix-build", [FILE, "--no-out-link", ...args]);
  assert.equal(code, 0, stderr);
  return stdout.trim().split("\n");
}

let stores = 0;
/** What is there is kept aside, as long as the test runs. */
function freshStore(): void {
  if (existsSync(place)) renameSync(place, join(directory, `old-${stores++}`));
}

const QUERIES = [
  "select path, hash, narSize, ca, ultimate from ValidPaths order by path",
  `select a.path as referrer, b.path as reference from Refs
     join ValidPaths a on a.id = referrer join ValidPaths b on b.id = reference order by 1, 2`,
  `select drvPath, outputName, path from Realisations
     join ValidPaths v on v.id = outputPath order by 1, 2`,
  "select migration from SchemaMigrations",
];

function database(): unknown[] {
  using db = new DatabaseSync(join(place, "var/nix/db/db.sqlite"), { readOnly: true });
  return QUERIES.map((query) =>
    db
      .prepare(query)
      .all()
      .map((row) => ({ ...row })),
  );
}

function builds(stderr: string): string[] {
  return [...stderr.matchAll(/^building '\S+\/[0-9a-z]{32}-(\S+)\.drv'/gm)].map(([, name]) => name as string);
}

describe("floating outputs", () => {
  test("refer to themselves and each other by their final paths", () => {
    freshStore();
    const [recursive, doc] = build(own, "-A", "recursive", "-A", "several.doc") as [string, string];
    assert.equal(readFileSync(join(recursive, "link"), "utf8"), `${recursive}\n`);
    const [dev, self] = readFileSync(join(doc, "page"), "utf8").trim().split(" ") as [string, string];
    assert.equal(self, doc);
    const out = readFileSync(join(dev, "inc"), "utf8").trim();
    assert.equal(readFileSync(join(out, "lib"), "utf8"), "lib\n");
    const references = run(own, "nix-store", ["-q", "--references", doc]).stdout.trim().split("\n");
    assert.deepEqual(references.sort(), [dev, doc].sort());
  });

  test("are found again, and what comes out the same leads to nothing new", () => {
    freshStore();
    const first = build(own, "-A", "top");
    assert.deepEqual(build(own, "-A", "top", "-j0"), first);
    const again = run(own, "nix-build", [FILE, "--no-out-link", "-A", "top", "--arg", "seed", "2"]);
    assert.equal(again.stdout.trim(), first[0], again.stderr);
    assert.deepEqual(builds(again.stderr), ["root"]);
  });

  test("are kept by what refers to them, and forgotten with their files", () => {
    freshStore();
    const [top] = build(own, "-A", "top") as [string];
    const link = join(directory, "result");
    assert.equal(run(own, "nix-build", [FILE, "-A", "above", "-o", link]).code, 0);
    assert.equal(run(own, "nix-store", ["--gc"]).code, 0);
    assert.equal(existsSync(top), false);
    build(own, "-A", "above", "-j0");
    const refused = run(own, "nix-build", [FILE, "--no-out-link", "-A", "top", "-j0"]);
    assert.match(refused.stderr, /local builds are disabled/);
    assert.equal(run(own, "nix-store", ["--verify", "--check-contents"]).code, 0);
  });

  test("can be read by the evaluation that describes them", () => {
    freshStore();
    const expr = `with import ${FILE} { }; builtins.readFile top + toString (builtins.pathExists "\${several.dev}/inc")`;
    const { stdout, stderr } = run(own, "nix-instantiate", ["--eval", "--read-write-mode", "-E", expr]);
    const [lib] = build(own, "-A", "deferred.lib");
    assert.ok(stdout.startsWith(`"${lib} `), stdout + stderr);
    assert.ok(stdout.trim().endsWith('\\n1"'), stdout);
  });

  test("must come out the same when they are checked", () => {
    freshStore();
    const expr =
      'derivation { name = "dice"; system = builtins.currentSystem; builder = "/bin/sh"; __contentAddressed = true; ' +
      'args = [ "-c" "read line < /proc/sys/kernel/random/uuid; echo $line > $out" ]; }';
    const args = ["-E", expr, "--no-out-link"];
    assert.equal(run(own, "nix-build", args).code, 0);
    const { code, stderr } = run(own, "nix-build", [...args, "--check"]);
    assert.equal(code, 104, stderr);
    assert.match(stderr, /may not be deterministic: output '.*-dice' differs/);
    build(own, "-A", "recursive", "-A", "deferred");
    build(own, "-A", "recursive", "-A", "deferred", "--check");
  });

  test("are refused where they are not switched on", () => {
    freshStore();
    const disabled = (attribute: string, features: string): string =>
      run(own, "nix-build", [FILE, "--no-out-link", "-A", attribute], features).stderr;
    const words = (feature: string) =>
      new RegExp(
        `experimental Nix feature '${feature}' is disabled.*add '--extra-experimental-features ${feature}'`,
      );
    assert.match(disabled("root", ""), words("ca-derivations"));
    assert.match(disabled("text", "ca-derivations"), words("dynamic-derivations"));
    assert.match(disabled("fixedText", ""), words("dynamic-derivations"));
    assert.match(disabled("blake", "ca-derivations"), words("blake3-hashes"));
    const [drvPath = ""] = run(own, "nix-instantiate", [FILE, "-A", "root"]).stdout.trim().split("\n");
    assert.match(run(own, "nix-store", ["-r", drvPath], "").stderr, words("ca-derivations"));
  });
});

describe("floating outputs, judged", { skip: reason }, () => {
  const bin = judge ? dirname(judge.path) : "";

  test("all that is written to the store is what C++ Nix writes", () => {
    freshStore();
    const expected = build(bin);
    const expectedRows = database();
    freshStore();
    assert.deepEqual(build(own), expected);
    assert.deepEqual(database(), expectedRows);
  });

  test("each goes on with what the other has built", () => {
    freshStore();
    const some = build(bin, "-A", "recursive", "-A", "above");
    const ours = run(own, "nix-build", [FILE, "--no-out-link"]);
    const names = builds(ours.stderr);
    for (const name of ["recursive", "above", "root", "several"])
      assert.equal(names.includes(name), false, name);
    for (const path of some) assert.ok(ours.stdout.includes(path), path);
    assert.equal(build(bin, "-j0").join("\n"), ours.stdout.trim());
    assert.equal(run(bin, "nix-store", ["--verify", "--check-contents"]).code, 0);
  });
});

test("a path that is damaged below what is wanted is repaired", () => {
  freshStore();
  const step = (name: string, text: string) =>
    `derivation { name = "${name}"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo ${text} > $out" ]; }`;
  writeFileSync(
    join(directory, "steps.nix"),
    `let low = ${step("low", "low")}; in ${step("high", `\${${step("middle", "${low}")}}`)}`,
  );
  const args = [join(directory, "steps.nix"), "--no-out-link"];
  const high = run(own, "nix-build", args).stdout.trim();
  const low = run(own, "nix-store", ["-qR", high])
    .stdout.trim()
    .split("\n")
    .find((path) => path.endsWith("-low"));
  execFileSync("/bin/sh", ["-c", 'chmod u+w "$1"; echo damaged > "$1"', "sh", low as string]);
  const { code, stderr } = run(own, "nix-build", [...args, "--repair"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(builds(stderr), ["low"]);
  assert.equal(readFileSync(low as string, "utf8"), "low\n");
});
