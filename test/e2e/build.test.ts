/** `copse build` and `copse log`: trivial builders, outputs, failures, and what a builder sees. */
import assert from "node:assert/strict";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, describe, test } from "node:test";
import {
  copse,
  failure,
  output,
  prepareFixture,
  project,
  realPath,
  signalAt,
  world,
  write,
} from "./world.ts";

before(prepareFixture);

/** The fixture with a `default.nix` that has these attributes, in the scope of the package set. */
function packages(attributes: string): { readonly cwd: string } {
  const cwd = project("fixture");
  write(cwd, { "default.nix": `with import <nixpkgs> { }; rec {\n${attributes}\n}\n` });
  return { cwd };
}

const ONLY_PATHS = ["--frozen", "--no-out-link"];

async function built(attribute: string, here: { readonly cwd: string }): Promise<string> {
  const [path, ...more] = (await output(["build", ...ONLY_PATHS, "-A", attribute], here)).trim().split("\n");
  assert.deepEqual(more, []);
  return realPath(path as string);
}

describe("trivial builders", { concurrency: 2 }, () => {
  const here = packages(`
    text = writeText "text" "line one\\n\${toString 2}\\n";
    script = writeShellScriptBin "hi" "echo hi $1";
    command = runCommand "command" { WORD = "é"; files = [ text ]; } ''
      mkdir -p $out/sub
      printf %s "$WORD" >$out/sub/word
      cat $files >$out/text
    '';
    multi = runCommand "multi" { outputs = [ "out" "dev" ]; } "mkdir $out $dev; echo $dev >$out/dev";
    joined = symlinkJoin { name = "joined"; paths = [ script (writeTextDir "share/note" "n") ]; };
    broken = writeShellScriptBin "broken" "if";
  `);

  test("writeText", async () => {
    assert.equal(readFileSync(await built("text", here), "utf8"), "line one\n2\n");
  });
  test("writeShellScriptBin makes a program, and checks its syntax", async () => {
    const script = join(await built("script", here), "bin/hi");
    assert.equal(readFileSync(script, "utf8"), "#!/bin/bash\necho hi $1\n");
    assert.equal(statSync(script).mode & 0o777, 0o555);
    assert.match(await failure(["build", ...ONLY_PATHS, "-A", "broken"], here), /unexpected end of file/);
  });
  test("runCommand", async () => {
    const out = await built("command", here);
    assert.equal(readFileSync(join(out, "sub/word"), "utf8"), "é");
    assert.equal(readFileSync(join(out, "text"), "utf8"), "line one\n2\n");
  });
  test("several outputs", async () => {
    const out = await built("multi", here);
    assert.equal(await built("multi.dev", here), realPath(readFileSync(join(out, "dev"), "utf8")));
  });
  test("symlinkJoin", async () => {
    assert.deepEqual(readdirSync(await built("joined", here)).sort(), ["bin", "share"]);
  });
  test("metadata is canonical", async () => {
    for (const path of [await built("command", here), join(await built("command", here), "sub/word")]) {
      const stats = lstatSync(path);
      assert.equal(stats.mtimeMs, 1000);
      assert.equal(stats.mode & 0o777, stats.isDirectory() ? 0o555 : 0o444);
    }
  });
});

describe("result links", () => {
  const here = packages(`
    a = writeText "a" "a";
    multi = runCommand "multi" { outputs = [ "out" "dev" ]; } "mkdir $out $dev";
  `);
  const link = (name: string): string => readlinkSync(join(here.cwd, name));
  const build = async (...args: string[]): Promise<string> => output(["build", "--frozen", ...args], here);

  test("lead to where the result really lies, and are printed as store paths", async () => {
    const path = await build("-A", "a");
    assert.match(path, /^\/nix\/store\/[a-z0-9]{32}-a\n$/);
    assert.equal(link("result"), realPath(path));
  });
  test("replace an earlier one, take the output's name, are made where -o says", async () => {
    const path = await build("-A", "multi.dev", "-o", "links/here");
    assert.equal(link("links/here-dev"), realPath(path));
    const multi = await build("-A", "multi");
    assert.equal(link("result"), realPath(multi));
  });
  test("replace nothing that is no such link", async () => {
    write(here.cwd, { occupied: "mine" });
    assert.match(
      await failure(["build", "--frozen", "-A", "a", "-o", "occupied"], here),
      /error\[store-root-occupied\]/,
    );
    assert.equal(readFileSync(join(here.cwd, "occupied"), "utf8"), "mine");
  });
  test("are not made with --no-out-link", async () => {
    const before = readdirSync(here.cwd).sort();
    await build("--no-out-link", "-A", "a");
    assert.deepEqual(readdirSync(here.cwd).sort(), before);
  });
  test("--json", async () => {
    const [result] = JSON.parse(await build("--json", "--no-out-link", "-A", "multi.dev"));
    assert.equal(result.attrPath, "multi.dev");
    assert.equal(result.output, "dev");
    assert.match(result.path, /-multi-dev$/);
    assert.match(result.drvPath, /-multi\.drv$/);
  });
});

describe("fixed-output derivations", { concurrency: 2 }, () => {
  const here = packages(`
    flat = fixed "flat" "sha256-mOpuTyFvL7S2n/+bOkSELDhobKaF8/VdxIxdP7EQe+Q=" "echo hi >$out";
    recursive = fixed "recursive" "sha256-h4gyzSK14DjhF7cBN4VY+Km2ytc4Gg5tV6noZdNPhaY=" "mkdir $out; echo hi >$out/a";
    wrong = fixed "flat" "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" "echo hi >$out";
    unknown = fixed "recursive" "" "mkdir $out; echo hi >$out/a";
    folder = runCommand "folder" {
      outputHashMode = "flat";
      outputHash = "sha256-mOpuTyFvL7S2n/+bOkSELDhobKaF8/VdxIxdP7EQe+Q=";
    } "mkdir $out";
    fixed = outputHashMode: outputHash: runCommand "fixed-\${outputHashMode}" {
      inherit outputHash outputHashMode;
      outputHashAlgo = if outputHash == "" then "sha256" else null;
    };
  `);

  test("flat and recursive", async () => {
    assert.equal(readFileSync(await built("flat", here), "utf8"), "hi\n");
    assert.equal(readFileSync(join(await built("recursive", here), "a"), "utf8"), "hi\n");
  });
  test("a wrong hash shows both", async () => {
    const stderr = await failure(["build", ...ONLY_PATHS, "-A", "wrong"], here);
    assert.match(
      stderr,
      /error\[hash-mismatch\]: hash mismatch in fixed-output derivation '.*-fixed-flat\.drv'/,
    );
    assert.match(stderr, /specified: sha256-A{43}=$/m);
    assert.match(stderr, /got: +sha256-mOpuTyFvL7S2n\/\+bOkSELDhobKaF8\/VdxIxdP7EQe\+Q=$/m);
  });
  test("a flat hash is one of a file", async () => {
    const stderr = await failure(["build", ...ONLY_PATHS, "-A", "folder"], here);
    assert.match(
      stderr,
      /error\[output-not-flat\]: output path ".*-folder" should be a non-exec[\s\S]* hint: .*"recursive"/,
    );
  });
  test("an empty hash is a question", async () => {
    const stderr = await failure(["build", ...ONLY_PATHS, "-A", "unknown"], here);
    assert.match(stderr, /^warning: found empty hash/m);
    assert.match(stderr, /got: +sha256-h4gyzSK14DjhF7cBN4VY\+Km2ytc4Gg5tV6noZdNPhaY=$/m);
  });
});

describe("a failing builder", () => {
  const here = packages(`
    broken = runCommand "broken" { } "echo one; echo two >&2; mkdir $out; exit 3";
    forgets = runCommand "forgets" { } "echo done";
    after = runCommand "after" { } "cat \${broken} >$out";
    mended = runCommand "mended" { } "echo fine >$out";
    both = [ broken forgets mended ];
  `);
  const build = (...args: string[]) => copse(["build", ...ONLY_PATHS, ...args], here);

  test("shows the end of its log, and where to find the rest", async () => {
    const { code, stdout, stderr } = await build("-A", "broken");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^broken> one$/m);
    assert.match(
      stderr,
      /error\[build-failed\]: Cannot build '\/nix\/store\/.*-broken\.drv'\.\n +Reason: builder failed with exit code 3\./,
    );
    assert.match(stderr, /hint: the last 2 lines of its log:\n {7}> one\n {7}> two\n {7}`copse log /);
    assert.doesNotMatch(stderr, /1 built/);
    const drvPath = /`copse log (\S+)`/.exec(stderr)?.[1] as string;
    assert.equal(await output(["log", drvPath], here), "one\ntwo\n");
    assert.equal(await output(["log", "-A", "broken"], here), "one\ntwo\n");
  });
  test("leaves nothing behind", async () => {
    const outPath = (await output(["eval", "--raw", "--frozen", "-A", "broken.outPath"], here)).trim();
    const { pid } = await build("-A", "broken");
    assert.ok(!existsSync(realPath(outPath)));
    const leftovers = readdirSync(join(world.store, "nix/store")).filter((name) =>
      name.startsWith(`tmp-copse-${pid}-`),
    );
    assert.deepEqual(leftovers, []);
    using database = new DatabaseSync(join(world.store, "nix/var/nix/db/db.sqlite"), { readOnly: true });
    assert.equal(database.prepare("select 1 from ValidPaths where path = ?").get(outPath), undefined);
  });
  test("fails what needs it, and nothing else", async () => {
    const { code, stderr } = await build("-A", "after");
    assert.equal(code, 1);
    assert.doesNotMatch(stderr, /building after/);
    assert.equal(readFileSync(await built("mended", here), "utf8"), "fine\n");
  });
  test("is an error too when it makes no output", async () => {
    assert.match(
      (await build("-A", "forgets")).stderr,
      /error\[output-missing\]: builder for '.*forgets\.drv' failed to produce[^\n]*\n hint: .*\$out/,
    );
  });
  test("does not keep others from being built with --keep-going", async () => {
    const { code, stderr } = await build("-A", "both", "--keep-going");
    assert.equal(code, 1);
    assert.match(stderr, /error\[builds-failed\]: build of '.*-broken\.drv\^out', .* failed/);
    assert.match(stderr, /error\[build-failed\]: Cannot build '.*-broken\.drv'/);
    assert.match(stderr, /error\[output-missing\]: builder for '.*-forgets\.drv'/);
  });
  test("leaves its folder with --keep-failed", async () => {
    const { stderr } = await build("-A", "broken", "--keep-failed");
    const kept = /keeping build directory '(.*)'$/m.exec(stderr)?.[1] as string;
    assert.ok(statSync(kept).isDirectory());
  });
});

describe("a builder's world", { concurrency: 2 }, () => {
  const here = packages(`
    stranger = writeText "stranger" "not for you";
    input = writeText "input" "for you";
    facts = runCommand "facts" { inherit input; } ''
      mkdir $out
      id -u >$out/uid
      id -un >$out/user
      pwd >$out/cwd
      echo "$HOME" >$out/home
      echo "$NIX_BUILD_TOP $TMPDIR" >$out/top
      hostname >$out/hostname
      ls /nix/store >$out/store
      ls -A / >$out/root
      ls -A /home /root /tmp >$out/folders
      tail -n +3 /proc/net/dev | cut -d: -f1 >$out/devices
      ls /proc | grep -c '^[0-9]' >$out/processes
      env >$out/env
      for place in /usr /etc /nix/store/*; do
        if [ $place != $out ] && touch $place/new 2>/dev/null; then echo $place; fi
      done >$out/writable
    '';
  `);
  let fact: (name: string) => string;
  before(async () => {
    await built("stranger", here);
    const outcome = await copse(["build", ...ONLY_PATHS, "-A", "facts"], {
      ...here,
      env: { SECRET: "of the caller" },
    });
    assert.equal(outcome.code, 0, outcome.stderr);
    fact = (name) => readFileSync(join(realPath(outcome.stdout), name), "utf8").trim();
  });

  test("a user of its own, at home nowhere", () => {
    assert.deepEqual([fact("uid"), fact("user"), fact("home")], ["1000", "nixbld", "/homeless-shelter"]);
    assert.deepEqual([fact("cwd"), fact("top"), fact("hostname")], ["/build", "/build /build", "localhost"]);
  });
  test("no network", () => {
    assert.equal(fact("devices").trim(), "lo");
  });
  test("its closure, and nothing else of the store", () => {
    const visible = fact("store").split("\n");
    assert.ok(visible.some((name) => name.endsWith("-input")));
    assert.ok(visible.some((name) => name.endsWith("-build-root")));
    assert.ok(!visible.some((name) => name.endsWith("-stranger")), fact("store"));
  });
  test("nothing of the host's files, processes, variables", () => {
    assert.doesNotMatch(fact("root"), new RegExp(`^${world.store.split("/")[1]}/`, "m"));
    assert.doesNotMatch(fact("folders"), /copse-e2e/);
    assert.ok(Number(fact("processes")) < 10);
    assert.doesNotMatch(fact("env"), /SECRET/);
  });
  test("nothing of its inputs can be changed", () => {
    assert.equal(fact("writable"), "");
  });
});

describe("what cannot be built here", { concurrency: 2 }, () => {
  const cases: readonly (readonly [attributes: string, expected: RegExp])[] = [
    ['system = "riscv64-linux"', /error\[build-rejected\][\s\S]*Required system: 'riscv64-linux'/],
    [
      'system = builtins.currentSystem; requiredSystemFeatures = [ "warp" ]',
      /error\[build-rejected\][\s\S]*Required features: \{warp\}/,
    ],
    ["system = builtins.currentSystem", /error\[build-failed\][\s\S]*without a `sandboxRoot`/],
  ];
  for (const [attributes, expected] of cases) {
    test(attributes, async () => {
      const expr = `derivation { name = "x"; builder = "/bin/sh"; ${attributes}; }`;
      assert.match(await failure(["build", ...ONLY_PATHS, "--expr", expr]), expected);
    });
  }
});

describe("several builds", () => {
  const here = packages(`
    pair = map (n: runCommand "pair-\${n}" { inherit nonce; } "echo start; sleep 2; echo end; echo $nonce >$out") [ "a" "b" ];
    alone = runCommand "alone" { inherit nonce; } "sleep 2; echo $nonce >$out";
    same = n: runCommand "same" { inherit n; } ''
      mkdir $out
      date +%s%N >/build/now
      for i in 3 1 2; do echo $i >$out/$i; ln -s $i $out/link$i; done
      chmod -R u+w $out; chmod +x $out/1
    '';
    slow = runCommand "slow" { } "echo start; sleep 3; echo made >$out";
    one = same 1;
    two = same 2;
    nonce = "\${builtins.getEnv "NONCE"}";
  `);
  const order = (stderr: string): string[] =>
    [...stderr.matchAll(/^pair-(.)> (start|end)$/gm)].map((match) => match[2] as string);

  test("run side by side, as many as --max-jobs says", async () => {
    const parallel = await copse(["build", ...ONLY_PATHS, "-A", "pair", "-j", "2"], {
      ...here,
      env: { NONCE: "1" },
    });
    assert.deepEqual(order(parallel.stderr), ["start", "start", "end", "end"], parallel.stderr);
    const serial = await copse(["build", ...ONLY_PATHS, "-A", "pair", "-j", "1"], {
      ...here,
      env: { NONCE: "2" },
    });
    assert.deepEqual(order(serial.stderr), ["start", "end", "start", "end"], serial.stderr);
  });
  test("of one derivation, by two processes, happen once", async () => {
    const both = await Promise.all([1, 2].map(() => copse(["build", ...ONLY_PATHS, "-A", "alone"], here)));
    assert.deepEqual([both[0]?.code, both[1]?.code], [0, 0]);
    assert.equal(both[0]?.stdout, both[1]?.stdout);
    assert.equal(
      both
        .map(({ stderr }) => stderr)
        .join("")
        .match(/^building alone$/gm)?.length,
      1,
    );
  });
  test("an interrupted one can be repeated", async () => {
    const args = ["build", ...ONLY_PATHS, "-A", "slow"];
    const outcome = await copse(args, { ...here, watch: signalAt(/^slow> start$/m, "SIGINT") });
    assert.equal(outcome.code, 130, outcome.stderr);
    assert.match(outcome.stderr, /error\[interrupted\]/);
    assert.equal(readFileSync(realPath(await output(args, here)), "utf8"), "made\n");
  });
  test("of the same make the same, byte for byte", async () => {
    assert.deepEqual(listing(await built("one", here)), listing(await built("two", here)));
  });
});

/** All that a store path's hash covers, and the times. */
function listing(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const { mode, mtimeMs } = lstatSync(path);
      const contents = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : readFileSync(path, "latin1");
      return `${name} ${mode.toString(8)} ${mtimeMs} ${contents.replace(folder, "$out")}`;
    });
}
