/**
 * Builds without sandbox, as root and as anyone else, in a store whose paths are where its files are. C++ Nix builds the
 * same derivations in the same place, one after the other: outputs must be equal byte for byte, and what fails there must
 * fail here, with the same first words and the same exit code.
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
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cppNixProgram, noRecentCppNix } from "../../../src/store/test-store.ts";
import { COPSE, callerEnvironment } from "../world.ts";

const FILE = join(import.meta.dirname, "builds.nix");
const directory = realpathSync(mkdtempSync(join(tmpdir(), "copse-in-place-")));
after(() => void execFileSync("/bin/sh", ["-c", 'chmod -R u+w "$1"; rm -rf "$1"', "sh", directory]));

const place = join(directory, "nix");
const programs = join(directory, "bin");
mkdirSync(programs);
symlinkSync(COPSE, join(programs, "nix-build"));
mkdirSync(join(directory, "etc"));
writeFileSync(
  join(directory, "etc/nix.conf"),
  "build-users-group =\nsandbox = false\nsubstituters =\nsystem-features = kvm benchmark\n",
);

interface Built {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One run at a time: all stores of this test have one place. */
function nixBuild(
  program: string,
  args: readonly string[],
  more: Record<string, string> = {},
  first: readonly string[] = ["--no-out-link", FILE],
): Built {
  const { COPSE_STORE: _, ...env } = callerEnvironment();
  const { status, stdout, stderr } = spawnSync(program, [...first, ...args], {
    encoding: "utf8",
    env: {
      ...env,
      HOME: directory,
      NIX_STORE_DIR: join(place, "store"),
      NIX_LOCALSTATE_DIR: join(place, "var"),
      NIX_STATE_DIR: join(place, "var/nix"),
      NIX_LOG_DIR: join(place, "var/log/nix"),
      NIX_CONF_DIR: join(directory, "etc"),
      ...more,
    },
  });
  return { code: status, stdout, stderr };
}

const copse = (...args: string[]) => nixBuild(join(programs, "nix-build"), args);
const names = (set: string): string[] => {
  const text = readFileSync(FILE, "utf8");
  const begin = text.indexOf(`\n  ${set} =`);
  const body = text.slice(
    begin,
    text.indexOf("\n    }", begin) < 0 ? undefined : text.indexOf("\n  };", begin),
  );
  const indent = set === "same" ? 4 : 6;
  return [...body.matchAll(new RegExp(`^ {${indent}}(\\w+) = `, "gm"))].map(([, name]) => name as string);
};

/** Names of outputs with the hash of what they are. */
function described({ stdout }: Built): string[] {
  const paths = stdout.trim().split("\n");
  const dumps = paths.map((path) =>
    execFileSync(cppNixProgram("nix-hash"), ["--type", "sha256", path], { encoding: "utf8" }),
  );
  return paths.map((path, index) => `${path} ${dumps[index]}`);
}

/**
 * C++ Nix takes a builder that has closed its output for one that hangs, and kills it: on a busy machine that meets some
 * that are merely about to end. What it has built stays, so it is asked again.
 */
function buildWithCppNix(args: readonly string[]): Built {
  for (let tries = 0; ; tries++) {
    const built = nixBuild(cppNixProgram("nix-build"), args);
    if (built.code === 0) return built;
    assert.ok(tries < 50 && built.stderr.includes("due to signal 9"), built.stderr);
  }
}

describe("beside C++ Nix", { skip: noRecentCppNix }, () => {
  const options = names("same").flatMap((name) => ["-A", `same.${name}`]);

  test("outputs are equal", () => {
    const theirs = buildWithCppNix(options);
    const expected = described(theirs);
    renameSync(place, join(directory, "theirs"));
    const ours = copse(...options);
    assert.equal(ours.code, 0, ours.stderr);
    assert.deepEqual(described(ours), expected);
    assert.ok(expected.length >= 13, `${expected.length} outputs were compared`);
  });

  test("C++ Nix finds the store as it says it is", () => {
    const { code, stderr } = nixBuild(cppNixProgram("nix-store"), ["--verify", "--check-contents"], {}, []);
    assert.equal(code, 0, stderr);
  });
});

/** What is said, and the exit code. The paths' digests are left out. */
const REFUSED: Readonly<Record<string, readonly [code: number, words: RegExp]>> = {
  reference: [1, /output '\S+-reference' is not allowed to refer to the following paths:\n\s+\S+-dep\b/],
  itself: [1, /output '\S+-itself' is not allowed to refer to the following paths:\n\s+\S+-itself\b/],
  requisite: [1, /is not allowed to refer to the following paths:\n\s+\S+-dep0\n/],
  disallowed: [1, /is not allowed to refer to the following paths:\n\s+\S+-dep\n/],
  disallowedRequisite: [1, /is not allowed to refer to the following paths:\n\s+\S+-dep0\n/],
  unknownOutput: [1, /output check for 'out' contains output name 'dev'.*\(Valid outputs are \[out\]\.\)/],
  large: [1, /path '\S+-large' is too large at \d+ bytes; limit is 10 bytes/],
  largeClosure: [1, /closure of path '\S+-large-closure' is too large at \d+ bytes; limit is 1000 bytes/],
  cycle: [
    1,
    /cycle detected in build of '\S+-cycle.drv' in the references of output 'dev' from output 'out'/,
  ],
  none: [1, /builder for '\S+-none.drv' failed to produce output path for output 'out' at "\S+-none"/],
  pipe: [1, /file "\S+-pipe" has an unsupported type/],
  writable: [
    1,
    /suspicious ownership or permission on "\S+-writable" for output 'out'; rejecting this build output/,
  ],
  fails: [
    100,
    /Cannot build '\S+-fails.drv'.\n\s+Reason: builder failed with exit code 3.\n\s+Output paths:\n\s+\S+-fails/,
  ],
  killed: [100, /Reason: builder failed due to signal 9 \(Killed\)/],
  mismatch: [
    102,
    /hash mismatch in fixed-output derivation '\S+-mismatch.drv':\n\s+specified: sha256-A{43}=\n\s+got: {4}sha256-mOpuTyFvL7S2n\/\+bOkSELDhobKaF8\/VdxIxdP7EQe\+Q=/,
  ],
  notFlat: [1, /should be a non-executable regular file since recursive hashing is not enabled/],
  fixedFails: [1, /Reason: builder failed with exit code 1/],
  otherSystem: [
    100,
    /Reason: platform mismatch\n\s+Required system: 'riscv64-linux'\n\s+Current system: '\S+'/,
  ],
  otherFeature: [
    100,
    /Reason: missing system features\n\s+Required features: \{kvm, zebra\}\n\s+Available features: \{.*kvm/,
  ],
  noBuilder: [100, /executing '\/no\/such': No such file or directory/],
  unknownBuiltin: [100, /unsupported builtin builder 'foo'/],
  oddGraph: [1, /odd number of tokens in 'exportReferencesGraph': 'g1'/],
  notInput: [
    100,
    /cannot export references of path '\S+-dep0' because it is not in the input closure of the derivation/,
  ],
  conflict: [
    100,
    /Unable to build profile. There is a conflict for the following files:\n\n\s+"\S+-[ab]\/bin\/common"\n\s+"\S+-[ab]\/bin\/common"/,
  ],
  collision: [100, /collision between "\S+-a\/share" and non-directory "\S+-collides\/share"/],
};

describe("what fails", () => {
  test("all of the file's are here", () =>
    assert.deepEqual(Object.keys(REFUSED).toSorted(), names("refused").toSorted()));

  for (const [name, [code, words]] of Object.entries(REFUSED)) {
    test(name, () => {
      const outcome = copse("-A", `refused.${name}`);
      assert.match(outcome.stderr, words);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.equal(outcome.stdout, "");
      const path = /\S+-\S+?(?=')/.exec(/Output paths:\n\s+(\S+)/.exec(outcome.stderr)?.[1] ?? "");
      if (path) assert.ok(!existsSync(path[0]));
    });
  }
});

test("what a builder leaves behind does not outlive it", async () => {
  const { code, stdout, stderr } = copse("-A", "daemon");
  assert.equal(code, 0, stderr);
  const output = stdout.trim();
  // It may have got as far as writing once more before it was ended, but not afterwards.
  const written = () => readFileSync(join(output, "late"), "utf8").length;
  const before = written();
  await sleep(300);
  assert.equal(written(), before);
});

test("variables that are not UTF-8 arrive as they are", () => {
  const { code, stdout, stderr } = copse("-A", "bytes");
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(stdout.trim(), "latin1"), "caf\xe9 \xff\xfe");
});
