import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Drive, drive, identities, makeTestDirectory, makeTestRoot, whyNotHere } from "../test-root.ts";
import { findPerl } from "./launcher.ts";

const skip = await whyNotHere();
const directory = makeTestDirectory();
const view = makeTestRoot(join(directory, "root"), ["mount", "script", "wc", "chmod"]);
after(() => rmSync(directory, { recursive: true, force: true }));

const runCode = `
  const controller = new AbortController();
  let text = "";
  const onOutput = (chunk) => {
    text += Buffer.from(chunk).toString();
    process.stdout.write(chunk);
    if (argument.abortAt && text.includes(argument.abortAt)) controller.abort(new Error("stopped by the test"));
  };
  try {
    const result = await sandbox.runSandboxed(argument.spec, { onOutput, signal: controller.signal });
    console.log("result", JSON.stringify(result));
  } catch (error) {
    console.log("error", error.code ?? error.message, error.message);
  }`;

const starters = findPerl() === undefined ? (["util-linux"] as const) : (["perl", "util-linux"] as const);
const ways = identities.flatMap((identity) => starters.map((starter) => ({ identity, starter })));

let serial = 0;
for (const { identity, starter } of ways) {
  describe(`building as ${identity.name}, started by ${starter}`, { skip, concurrency: 2 }, () => {
    const makeSpec = (line: string, changes: Record<string, unknown> = {}) => {
      const place = join(directory, `${identity.uid}-${starter}-${serial++}`);
      for (const name of ["", "store", "build"]) {
        mkdirSync(join(place, name));
        chownSync(join(place, name), identity.uid, identity.gid);
      }
      return {
        root: { kind: "view", dir: view },
        storeMounts: [],
        chrootStoreDir: join(place, "store"),
        buildDir: join(place, "build"),
        network: false,
        env: { PATH: "/usr/bin:/bin", PWD: "/build" },
        argv: ["/bin/sh", "-c", line],
        starter,
        ...changes,
      };
    };
    const build = async (
      spec: ReturnType<typeof makeSpec>,
      options: Partial<Drive> & { abortAt?: string } = {},
    ) => {
      const { abortAt, ...rest } = options;
      const outcome = await drive(runCode, { spec, abortAt }, { identity, ...rest });
      const lines = outcome.output.trimEnd().split("\n");
      return { output: lines.slice(0, -1), result: lines.at(-1)! };
    };
    const succeeded = 'result {"exitCode":0,"signal":null}';

    test("exit code, and both outputs in order", async () => {
      const { output, result } = await build(makeSpec("echo 1; echo 2 >&2; echo 3; exit 7"));
      assert.deepEqual(output, ["1", "2", "3"]);
      assert.equal(result, 'result {"exitCode":7,"signal":null}');
      assert.equal((await build(makeSpec("kill -SEGV $$"))).result, 'result {"exitCode":139,"signal":null}');
    });

    test("the builder's environment is exactly the one that is given", async () => {
      const env = { A: "1 2\n'3'", HOME: "/homeless-shelter", PATH: "/no", "with-dash": "x", OLDPWD: "/o" };
      const { output } = await build(makeSpec("", { env, argv: ["/usr/bin/env"] }));
      const expected = Object.entries(env).flatMap(([name, value]) => `${name}=${value}`.split("\n"));
      assert.deepEqual(output.toSorted(), expected.toSorted());
    });

    test("who and where the builder is", async () => {
      const { output } = await build(
        makeSpec(`id -u; id -g; id -un; pwd; hostname; umask; cat /etc/hosts; tty; ls -x / ; ls /home /tmp; for fd in /proc/$$/fd/*; do readlink $fd; done
                  grep -E 'Cap(Eff|Prm|Amb)|SigIgn|NoNewPrivs' /proc/self/status; test -e /etc/of-the-root && echo root`),
      );
      assert.deepEqual(output.slice(0, 9), [
        ...["1000", "100", "nixbld", "/build", "localhost", "0022"],
        ...["127.0.0.1 localhost", "::1 localhost", "not a tty"],
      ]);
      const top = "bin build dev etc home lib lib64 nix proc run sbin tmp usr var";
      const rest = output.slice(9).join("\n").split(/\s+/).join(" ");
      assert.ok(rest.startsWith(`${top} /home: /tmp: /dev/null socket:`), rest);
      assert.match(rest, / \/tmp:( \/dev\/null| (socket:\[\d+\]) \2)+ SigIgn:/);
      assert.match(rest, /CapPrm: 0+ CapEff: 0+ CapAmb: 0+ NoNewPrivs: 1 root$/);
      assert.match(rest, /SigIgn: 0+ /);
    });

    test("no process but the builder's own is visible, no network but a loopback that is up", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      const { output } = await build(
        makeSpec(`cd /proc; echo [0-9]*; grep -c : /proc/net/dev; grep -c 127.0.0.1 /proc/net/fib_trie`),
      );
      server.close();
      assert.match(output[0]!, /^1( \d+){1,3}$/);
      assert.equal(output[1], "1");
      assert.notEqual(output[2], "0");
    });

    test("what can be written to", async () => {
      const spec = makeSpec(`for d in / /usr /etc /var /nix /nix/store/input /proc/sys/kernel; do
          { echo > $d/x; } 2> /dev/null && echo $d
        done
        { echo 1 > /proc/sys/kernel/panic; } 2> /dev/null && echo sysctl
        for d in /tmp /var/tmp /dev/shm /run /build /nix/store; do { echo > $d/x; } || echo not $d; done
        echo > /dev/null; echo done; stat -c %a /tmp; { echo > /nix/store/file; } 2> /dev/null || cat /nix/store/file`);
      const source = join(spec.buildDir, "../input");
      mkdirSync(source);
      writeFileSync(`${source}-file`, "a file of the store\n");
      chownSync(source, identity.uid, identity.gid);
      const storeMounts = [
        { source, target: "/nix/store/input" },
        { source: `${source}-file`, target: "/nix/store/file" },
      ];
      const { output, result } = await build({ ...spec, storeMounts: storeMounts as never });
      assert.deepEqual(output, ["done", "1777", "a file of the store"]);
      assert.equal(result, succeeded);
      assert.ok(existsSync(join(spec.chrootStoreDir, "x")));
      assert.ok(existsSync(join(spec.buildDir, "x")));
      assert.ok(!existsSync(join(source, "x")));
    });

    test("an empty root: no shell, only what is mounted", async () => {
      const loader = readdirSync(join(view, "lib64")).find((name) => name.startsWith("ld-linux"))!;
      const libraries = readdirSync(join(view, "lib")).find((name) => name.endsWith("-linux-gnu"))!;
      const argv = [`/nix/store/root/lib64/${loader}`, "--library-path", `/nix/store/root/lib/${libraries}`];
      const line = "echo /* /nix/store/* /etc/*; test -e /bin/sh || echo no shell";
      const { output } = await build(
        makeSpec("", {
          root: { kind: "empty" },
          storeMounts: [{ source: join(view, "usr"), target: "/nix/store/root" }],
          argv: [...argv, "/nix/store/root/bin/dash", "-c", line],
        }),
      );
      const top = "/build /dev /etc /nix /proc /tmp";
      assert.deepEqual(output, [`${top} /nix/store/root /etc/group /etc/hosts /etc/passwd`, "no shell"]);
    });

    test("files and folders of the machine, a folder of another name, the shared memory's size", async () => {
      const source = join(directory, `shown-${identity.uid}-${starter}`);
      mkdirSync(source, { recursive: true });
      writeFileSync(join(source, "file"), "of the machine\n");
      const hostPaths = [
        { target: "/shown/folder", source, optional: false },
        { target: "/file", source: join(source, "file"), optional: false },
        { target: "/nix/store/shown", source: join(source, "file"), optional: false },
        { target: "/not/there", source: join(source, "none"), optional: true },
      ];
      const line =
        "cat /shown/folder/file /file /nix/store/shown; test -e /not || echo none; pwd; stat -f -c %b:%S /dev/shm";
      const { output } = await build(
        makeSpec(line, { hostPaths, buildDirInside: "/elsewhere/build", sharedMemorySize: "8m" }),
      );
      const file = "of the machine";
      assert.deepEqual(output, [file, file, file, "none", "/elsewhere/build", "2048:4096"]);
    });

    test("every way of starting comes to the same mounts, limits and rights", {
      skip: starters.length < 2,
    }, async () => {
      const line = `cat /proc/self/limits; grep -E '^(Uid|Gid|Groups|Sig[BIC]|Cap|NoNew|Seccomp)' /proc/self/status
        while read -r id parent device root point options rest; do echo "$point $options \${rest#* - }"; done < /proc/self/mountinfo
        stat -c '%n %A %u:%g' /* /dev/* /etc/* /nix/*; cat /etc/passwd /etc/group /etc/hosts /proc/self/uid_map /proc/self/gid_map`;
      const outputs = await Promise.all(
        starters.map(async (each) => {
          const { output } = await build(makeSpec(line, { starter: each, filterSyscalls: true }));
          // Sorted, as which is mounted first makes no difference; names of our own folders, which are others each time.
          return output.map((text) => text.replace(/\S*copse-\S*/g, "…")).sort();
        }),
      );
      assert.deepEqual(outputs[0], outputs[1]);
    });

    test("a machine without randomised addresses, without core dumps, and with a domain that says nothing", async () => {
      const { output } = await build(
        makeSpec("cat /proc/self/personality /proc/sys/kernel/domainname; ulimit -c"),
      );
      // Some containers forbid it.
      const mayChoose = spawnSync("setarch", ["--addr-no-randomize", "true"]).status === 0;
      assert.deepEqual(output, [mayChoose ? "00040000" : "00000000", "(none)", "0"]);
    });

    test("what the filter of system calls keeps a builder from", async () => {
      const line = "touch a; chmod 4755 a; chmod 2755 a; mkdir -m 1777 b; chmod 755 a; stat -c %a a b; id -u";
      const { output } = await build(makeSpec(line, { filterSyscalls: true }));
      const isFiltered = spawnSync("perl", ["-e", "1"]).status === 0;
      const refused = output.filter((text) => text.includes("Operation not permitted"));
      assert.equal(refused.length, isFiltered ? 2 : 0);
      assert.deepEqual(output.slice(refused.length), ["755", "1777", "1000"]);
    });

    test("variables that are not text, and odd names in a root without env", async () => {
      const env = { PATH: "/usr/bin:/bin", bytes: "\xff\xfe" };
      const { output } = await build(makeSpec('printf %s "$bytes" > x; wc -c < x', { env }));
      assert.deepEqual(output, ["2"]);
    });

    test("hundreds of inputs", async () => {
      const spec = makeSpec(
        "set -- /nix/store/p*; echo $#; { echo > /nix/store/p399/x; } 2> /dev/null || echo sealed",
      );
      const source = join(spec.buildDir, "../inputs");
      const storeMounts = Array.from({ length: 400 }, (_, n) => {
        mkdirSync(join(source, String(n)), { recursive: true });
        return { source: join(source, String(n)), target: `/nix/store/p${n}` };
      });
      assert.deepEqual((await build({ ...spec, storeMounts: storeMounts as never })).output, [
        "400",
        "sealed",
      ]);
    });

    test("nested user namespaces, and pseudo-terminals", async () => {
      const { output } = await build(makeSpec("unshare -Urm id -u; script -qec tty /dev/null"));
      assert.deepEqual(
        output.map((line) => line.trim()),
        ["0", "/dev/pts/0"],
      );
    });

    test("a launcher among the inputs enters its own root", async () => {
      const spec = makeSpec(
        "sh /nix/store/enter.sh other -- sh -c 'cat /.copse/root; ls /nix/store; pwd; exit 3'",
      );
      const outcome = await build({
        ...spec,
        storeMounts: [
          { source: join(import.meta.dirname, "../enter.sh"), target: "/nix/store/enter.sh" },
        ] as never,
        ...{ viewMounts: [{ source: view, target: "/nix/var/copse/views/other" }] },
      });
      assert.deepEqual(outcome.output, ["other", "enter.sh", "/build"]);
      assert.equal(outcome.result, 'result {"exitCode":3,"signal":null}');
    });

    // A process that left its session and whose parents are gone, to be found by the length of its sleep.
    const runAway = (seconds: string) =>
      `setsid sh -c '(sleep ${seconds} &) & sleep ${seconds}' &\nsleep 0.2; echo ready;`;
    const seconds = () => `${100000 + process.pid}.${serial++}`;

    test("what the builder leaves behind ends with it", async () => {
      const mark = seconds();
      const { result } = await build(makeSpec(runAway(mark)));
      assert.equal(result, succeeded);
      assert.deepEqual(processesWith(mark), []);
    });

    test("aborting ends every process before it returns", async () => {
      const mark = seconds();
      const spec = makeSpec(`${runAway(mark)} exec sleep ${mark}`);
      const { result } = await build(spec, { abortAt: "ready" });
      assert.equal(result, "error stopped by the test stopped by the test");
      assert.deepEqual(processesWith(mark), []);
    });

    test("when we are killed, the build dies", async () => {
      const mark = seconds();
      // Its scratch directory is left: nobody can remove it any more.
      const scratchParent = join(directory, `killed-${identity.uid}-${starter}`);
      mkdirSync(scratchParent);
      chownSync(scratchParent, identity.uid, identity.gid);
      const spec = makeSpec(`${runAway(mark)} exec sleep ${mark}`, { scratchParent });
      const outcome = await drive(
        runCode,
        { spec },
        {
          identity,
          onOutput: (text, child) => text.includes("ready") && child.kill("SIGKILL"),
        },
      );
      assert.equal(outcome.signal, "SIGKILL");
      for (let tries = 0; tries < 100 && processesWith(mark).length > 0; tries++) await sleep(20);
      assert.deepEqual(processesWith(mark), []);
    });

    test("who closes the output has ended", {
      skip: starter !== "perl" && "told by perl's starter only",
    }, async () => {
      const { output, result } = await build(makeSpec("echo 1; exec > /dev/null 2>&1; sleep 1000"));
      assert.deepEqual(output, ["1"]);
      assert.equal(result, 'result {"exitCode":137,"signal":null}');
    });

    test("a builder that is not there", async () => {
      const { output, result } = await build(makeSpec("", { argv: ["/nix/store/none/bin/sh"] }));
      assert.match(
        output.join("\n"),
        /^error: executing .\/nix\/store\/none\/bin\/sh.: No such file or directory$/,
      );
      assert.equal(result, 'result {"exitCode":1,"signal":null}');
    });

    test("what cannot be set up is our error, not the builder's", async () => {
      const spec = makeSpec("true", { chrootStoreDir: join(directory, "missing") });
      assert.match((await build(spec)).result, /^error sandbox-setup .*missing/);
      const outside = makeSpec("true", { storeMounts: [{ source: view, target: "/nix/store/../../etc" }] });
      assert.match((await build(outside)).result, /^error sandbox-mount /);
    });

    test("with the network: the host's, and its name resolution", async () => {
      const { output } = await build(
        makeSpec("cat /etc/resolv.conf; grep -c : /proc/net/dev", { network: true }),
      );
      const interfaces = readFileSync("/proc/net/dev", "utf8").match(/:/g)!.length;
      const expected = [
        ...readFileSync("/etc/resolv.conf", "utf8").trimEnd().split("\n"),
        String(interfaces),
      ];
      assert.deepEqual(output, expected);
    });

    test("nothing is left in the temporary directory", async () => {
      const temporary = join(directory, `tmp-${identity.uid}-${starter}`);
      mkdirSync(temporary);
      chmodSync(temporary, 0o777);
      await build(makeSpec("true", { scratchParent: temporary }));
      assert.deepEqual(readdirSync(temporary), []);
    });
  });
}

function processesWith(mark: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(mark);
      } catch {
        return false; // gone meanwhile
      }
    });
}
