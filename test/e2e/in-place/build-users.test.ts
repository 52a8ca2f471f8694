/**
 * Build users: root builds as one of a group. The group and its users exist for these processes only, in a mount namespace
 * that has other tables of accounts.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { COPSE, callerEnvironment } from "../world.ts";

const isPossible =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/tmp"]).status === 0;
const skip = !isPossible && "only root has build users, and only with a mount namespace of its own";

// Not from the range in which accounts are given out.
const FIRST_UID = 2_100_000_000 + (process.pid % 100_000) * 10;
const GROUP = FIRST_UID + 9;

const directory = realpathSync(mkdtempSync(join(tmpdir(), "copse-users-")));
chmodSync(directory, 0o755);
after(() => void execFileSync("/bin/sh", ["-c", 'chmod -R u+w "$1"; rm -rf "$1"', "sh", directory]));

const EXPRESSION = `
  let
    bash = name: run: derivation {
      inherit name;
      system = builtins.currentSystem;
      builder = "/bin/bash";
      args = [ "-c" run ];
      PATH = "/usr/bin:/bin";
      passAsFile = [ "text" ];
      text = "for the builder";
    };
  in
  {
    who = bash "who" ''
      { id -u; id -g; id -G; cat $textPath; } > $out
      touch f; touch /etc/written 2> /dev/null && echo written >> $out
      (setsid sleep 987 > /dev/null 2>&1 &)
    '';
    one = bash "one" "sleep 0.5; id -u > $out";
    two = bash "two" "sleep 0.5; id -u > $out";
  }`;

test("builds run as users of the group, each alone, and leave nothing running", { skip }, () => {
  const names = [0, 1, 2].map((n) => `builder${n}`);
  const passwd = names.map((name, n) => `${name}:x:${FIRST_UID + n}:${GROUP}::/:/bin/false\n`);
  writeFileSync(join(directory, "passwd"), readFileSync("/etc/passwd", "utf8") + passwd.join(""));
  writeFileSync(
    join(directory, "group"),
    `${readFileSync("/etc/group", "utf8")}builders:x:${GROUP}:${names.join(",")}\n`,
  );
  writeFileSync(join(directory, "default.nix"), EXPRESSION);
  mkdirSync(join(directory, "etc"));
  writeFileSync(
    join(directory, "etc/nix.conf"),
    "build-users-group = builders\nsandbox = false\nmax-jobs = 3\n",
  );
  symlinkSync(COPSE, join(directory, "nix-build"));
  const script =
    'mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/group" /etc/group && exec "$1/nix-build" --no-out-link "$1"';
  const { COPSE_STORE: _, ...env } = callerEnvironment();
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    ["--mount", "/bin/sh", "-c", script, "sh", directory],
    {
      encoding: "utf8",
      env: {
        ...env,
        HOME: directory,
        NIX_STORE_DIR: join(directory, "store"),
        NIX_STATE_DIR: join(directory, "var"),
        NIX_LOG_DIR: join(directory, "log"),
        NIX_CONF_DIR: join(directory, "etc"),
      },
    },
  );
  assert.equal(status, 0, stderr);
  const [one, two, who] = stdout
    .trim()
    .split("\n")
    .toSorted((a, b) => a.slice(-3).localeCompare(b.slice(-3))) as [string, string, string];
  const uids = [one, two].map((path) => Number(readFileSync(path, "utf8")));
  const [uid, gid, groups, text] = readFileSync(who, "utf8").split("\n");
  assert.equal(new Set([...uids, Number(uid)]).size, 3, "three builds at a time have three users");
  for (const each of [...uids, Number(uid)])
    assert.ok(each >= FIRST_UID && each < FIRST_UID + 3, String(each));
  assert.deepEqual([gid, groups, text], [String(GROUP), String(GROUP), "for the builder"]);
  assert.equal(statSync(one).uid, 0);
  const left = spawnSync("ps", ["-e", "-o", "uid="], { encoding: "utf8" }).stdout.split("\n").map(Number);
  assert.deepEqual(
    left.filter((each) => each >= FIRST_UID && each <= GROUP),
    [],
  );
});
