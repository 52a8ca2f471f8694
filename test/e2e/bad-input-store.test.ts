/** Faults of builders, disks and archives on their way into the store, as commands meet them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { type TestMember, tarBytes } from "../../src/root/debs-for-tests.ts";
import { assertNothingLeft, fails, plainStore } from "./bad-input-world.ts";
import { COPSE, callerEnvironment, copse, output, project, signalAt, write } from "./world.ts";

const { env, folder } = plainStore();
const cwd = project();

/** Builds of `/bin/sh`; each has a cause of failure, and a word that mends it. */
write(cwd, {
  "default.nix": `
{ mended ? false, url ? "", hash ? "" }:
let
  build = name: attrs: derivation ({ inherit name; system = builtins.currentSystem; builder = "/bin/sh"; } // attrs);
  sh = name: bad: good: build name { args = [ "-c" (if mended then good else bad) ]; };
in
rec {
  fails = sh "fails" "echo one; echo two >&2; exit 3" "echo > $out";
  needs = build "needs" { args = [ "-c" "echo > $out" ]; input = fails; };
  crashes = sh "crashes" "kill -SEGV $$" "echo > $out";
  nothing = sh "nothing" "true" "echo > $out";
  absent = build "absent" { builder = if mended then "/bin/sh" else "/nonexistent/sh"; args = [ "-c" "echo > $out" ]; };
  special = sh "special" "exec /usr/bin/mkfifo $out" "echo > $out";
  slow = sh "slow" "echo begun; while :; do /usr/bin/sleep 100; done" "echo > $out";
  wrong = build "wrong" {
    args = [ "-c" "echo hi > $out" ];
    outputHash = if mended then "sha256-mOpuTyFvL7S2n/+bOkSELDhobKaF8/VdxIxdP7EQe+Q=" else "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  };
  fetched = derivation { name = "fetched"; system = "builtin"; builder = "builtin:fetchurl"; inherit url; outputHash = hash; outputHashAlgo = "sha256"; };
  channel = derivation { name = "channel"; system = builtins.currentSystem; builder = "builtin:unpack-channel"; channelName = "it"; src = /. + url; };
}
`,
});

const build = (attribute: string, ...more: string[]): string[] => [
  "build",
  "--no-out-link",
  "-A",
  attribute,
  ...more,
];
const mended = (attribute: string): Promise<string> =>
  output(build(attribute, "--arg", "mended", "true"), { cwd, env });

describe("a builder", () => {
  const cases: [attribute: string, error: string, status: number, says: RegExp][] = [
    ["fails", "build-failed", 100, /exit code 3[\s\S]*> one\n +> two\n/],
    ["needs", "build-failed", 100, /-fails\.drv'[\s\S]*exit code 3/],
    ["crashes", "build-failed", 100, /signal 11/],
    ["absent", "build-failed", 100, /\/nonexistent\/sh/],
    ["nothing", "output-missing", 1, /failed to produce output path/],
    ["special", "output-kind", 1, /-special" has an unsupported type/],
    ["wrong", "hash-mismatch", 102, /specified: sha256-A{43}=\n +got: +sha256-mOpu/],
  ];
  for (const [attribute, error, status, says] of cases)
    test(attribute, async () => {
      await fails({ args: build(attribute), cwd, env, error, says });
      const { code, stderr } = await copse(["--no-out-link", "-A", attribute], { cwd, env, as: "nix-build" });
      assert.deepEqual([code, stderr.includes("error[")], [status, false], stderr);
      assert.match(await mended(attribute), new RegExp(`-${attribute}\n$`));
    });

  test("that is killed from outside, or with copse itself", async () => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
      const watch = signalAt(/^slow> begun$/m, signal);
      const { code, signal: ended, stderr } = await copse(build("slow"), { cwd, env, watch });
      if (signal === "SIGKILL") assert.equal(ended, signal);
      else
        assert.deepEqual(
          [ended ?? code, /error\[interrupted\]/.test(stderr)],
          [signal === "SIGINT" ? 130 : 143, true],
          stderr,
        );
      if (signal !== "SIGKILL") await assertNothingLeft(env);
    }
    await mended("slow");
    await assertNothingLeft(env);
  });
});

/** A file system of a few megabytes in a mount namespace of its own, where a command runs. */
const inSmallDisk = (
  args: readonly string[],
  prepare: string,
): { status: number | null; stderr: string; stdout: string } =>
  spawnSync(
    "unshare",
    [
      ...["--mount", "--user", "--map-root-user", "sh", "-c"],
      `mount -t tmpfs -o size=12m tmpfs "$NIX_STATE_DIR" && ${prepare}; exec "$0" "$@"`,
      ...args,
    ],
    { cwd, env: { ...callerEnvironment(), ...env, ...disk }, encoding: "utf8" },
  );
const disk = {
  NIX_STATE_DIR: join(folder, "disk"),
  NIX_STORE_DIR: join(folder, "disk/store"),
  NIX_LOG_DIR: join(folder, "disk/log"),
};
mkdirSync(disk.NIX_STATE_DIR);
const cannotMount = inSmallDisk(["true"], "true").status !== 0 && "no file system can be mounted here";

test("a full disk", { skip: cannotMount }, () => {
  writeFileSync(join(cwd, "large"), Buffer.alloc(20 * 2 ** 20, 1));
  const script = `
    "$COPSE" store add large; echo "code $?" >&2
    "$COPSE" verify --check-contents >&2; echo "code $?" >&2
    echo small > small; "$COPSE" store add small >&2; echo "code $?" >&2; ls "$NIX_STORE_DIR" >&2`;
  const { stderr } = inSmallDisk(["sh", "-c", script], `export COPSE=${COPSE}`);
  assert.match(stderr, /^error\[disk-full\]: .*\n hint: .*\ncode 1\n/m);
  assert.equal(stderr.match(/^code 0$/gm)?.length, 2, stderr);
  assert.doesNotMatch(stderr, /tmp-copse|-large$/m);
});

test("a store that may not be written", { skip: process.getuid?.() === 0 && cannotMount }, async () => {
  const closed = plainStore();
  mkdirSync(closed.env["NIX_STORE_DIR"] as string);
  if (process.getuid?.() === 0) {
    const run = spawnSync(
      "unshare",
      [
        "--mount",
        "sh",
        "-c",
        'mount --bind "$F" "$F" && mount -o remount,ro,bind "$F" && exec "$0" "$@"',
        COPSE,
        "store",
        "add",
        "default.nix",
      ],
      {
        cwd,
        env: { ...callerEnvironment(), ...closed.env, F: closed.folder, TMPDIR: env["TMPDIR"] as string },
        encoding: "utf8",
      },
    );
    assert.equal(run.status, 1, run.stderr);
    assert.match(run.stderr, /^error\[store-unwritable\]: .*\n hint: ./m);
    assert.equal(run.stderr.match(/^error/gm)?.length, 1);
  } else {
    chmodSync(closed.folder, 0o555);
    await fails({
      args: ["store", "add", "default.nix"],
      cwd,
      env: closed.env,
      error: "store-unwritable",
      says: /./,
    });
    chmodSync(closed.folder, 0o755);
  }
  await output(["store", "add", "default.nix"], { cwd, env: closed.env });
});

/** A NAR's strings: a length of eight bytes, then the text, padded to eight. */
function nar(...words: readonly string[]): Buffer {
  const parts = ["nix-archive-1", ...words].flatMap((word) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(word)));
    return [length, Buffer.from(word), Buffer.alloc((8 - (Buffer.byteLength(word) % 8)) % 8)];
  });
  return Buffer.concat(parts);
}
const file = (contents: string): string[] => ["(", "type", "regular", "contents", contents, ")"];
const folderOf = (...entries: readonly (readonly [string, readonly string[]])[]): string[] => [
  ...["(", "type", "directory"],
  ...entries.flatMap(([name, node]) => ["entry", "(", "name", name, "node", ...node, ")"]),
  ")",
];

describe("an archive that leaves its target", () => {
  const outside = join(folder, "outside");
  const link = ["(", "type", "symlink", "target", folder, ")"];
  const nars: [what: string, bytes: Buffer][] = [
    ["by ..", nar(...folderOf(["..", file("x")]))],
    ["by a slash", nar(...folderOf(["a/../../outside", file("x")]))],
    ["by an absolute name", nar(...folderOf([outside, file("x")]))],
    [
      "through a link of the same name",
      nar(...folderOf(["a", link], ["a", folderOf(["outside", file("x")])])),
    ],
    ["being cut off", nar(...folderOf(["a", file("x")])).subarray(0, -16)],
  ];
  for (const [what, bytes] of nars)
    test(`as a NAR: ${what}`, async () => {
      const target = join(cwd, `restored-${what.replaceAll(/\W/g, "")}`);
      const input = bytes.toString("latin1");
      await fails({
        args: ["--restore", target],
        as: "nix-store",
        cwd,
        env,
        input,
        says: /NAR|export of store paths/,
        hasHint: false,
      });
      const dump = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), bytes]).toString("latin1");
      await fails({
        args: ["--import"],
        as: "nix-store",
        cwd,
        env,
        input: dump,
        says: /NAR|export of store paths/,
        hasHint: false,
      });
      assert.ok(!existsSync(outside));
    });

  const tars: [what: string, members: TestMember[]][] = [
    ["by ..", [{ path: "it/" }, { path: "it/../../outside", contents: "x" }]],
    ["by an absolute name", [{ path: "it/" }, { path: outside, contents: "x" }]],
    [
      "through a link",
      [
        { path: "it/" },
        { path: "it/way", type: "2", link: folder },
        { path: "it/way/outside", contents: "x" },
      ],
    ],
    ["by a hard link", [{ path: "it/" }, { path: "it/passwd", type: "1", link: "../../../../etc/passwd" }]],
    ["with a device", [{ path: "it/" }, { path: "it/null", type: "3" }]],
  ];
  for (const [what, members] of tars)
    test(`as a tarball: ${what}`, async () => {
      const path = join(cwd, `${what.replaceAll(/\W/g, "")}.tar.gz`);
      writeFileSync(path, gzipSync(tarBytes(members)));
      const args = build("channel", "--argstr", "url", path);
      await fails({
        args,
        cwd,
        env,
        error: "build-failed",
        says: /[Tt]ar archive|Archive contains|links|device/,
      });
      assert.ok(!existsSync(outside));
    });
});

test("a download that is not there, or is a page", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/page") response.writeHead(200, { "content-type": "text/html" }).end("<html>");
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hash = "sha256-mOpuTyFvL7S2n/+bOkSELDhobKaF8/VdxIxdP7EQe+Q=";
  const fetch = (url: string) => build("fetched", "--argstr", "url", url, "--argstr", "hash", hash);
  await fails({
    args: fetch(`${base}/none`),
    cwd,
    env,
    error: "download-status",
    says: /404 \(not found\)/,
    hasHint: false,
  });
  await fails({ args: fetch(`${base}/page`), cwd, env, error: "hash-mismatch", says: /got: +sha256-t9CC/ });
  writeFileSync(join(cwd, "hi"), "hi\n");
  const path = (await output(fetch(pathToFileURL(join(cwd, "hi")).href), { cwd, env })).trim();
  assert.equal(readFileSync(path, "utf8"), "hi\n");
});
