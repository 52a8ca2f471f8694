import assert from "node:assert/strict";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { findHostProgram } from "./host-programs.ts";
import { enter, identities, makeTestDirectory, makeTestRoot, runAs, whyNotHere } from "./test-root.ts";

const skip = await whyNotHere();
const directory = makeTestDirectory();
const view = makeTestRoot(join(directory, "a root \\ with blanks"));
const other = makeTestRoot(join(directory, "other"), ["mount"]);
const work = join(directory, "work");
mkdirSync(work, { mode: 0o777 });
chmodSync(work, 0o777);
after(() => rmSync(directory, { recursive: true, force: true }));

for (const identity of identities) {
  describe(`entering a root as ${identity.name}`, { skip, concurrency: 2 }, () => {
    const lines = async (line: string, options = {}) => {
      const outcome = await enter(view, line, { identity, cwd: work, ...options });
      assert.equal(outcome.code, 0, outcome.output);
      return outcome.output.trimEnd().split("\n");
    };

    test("the command's exit code is ours", async () => {
      assert.equal((await enter(view, "exit 7", { identity })).code, 7);
    });

    test("the command is the process that was started, killed by its own signals", async () => {
      const outcome = await enter(view, "echo $$; kill -TERM $$", { identity });
      assert.equal(outcome.output, `${outcome.pid}\n`);
      assert.equal(outcome.signal, "SIGTERM");
    });

    test("no process stays in between", async () => {
      const [children] = await lines("cat /proc/$$/task/$$/children; echo none");
      assert.match(children!, /^\d+ none$/); // the cat itself
    });

    test("ids stay, and capabilities are those of before", async () => {
      const [ids, capabilities, ambient] = await lines(
        "echo $(id -u) $(id -g); grep CapEff /proc/self/status; grep CapAmb /proc/self/status",
      );
      assert.equal(ids, `${identity.uid} ${identity.gid}`);
      assert.match(ambient!, /\t0+$/);
      if (identity.uid !== 0) assert.match(capabilities!, /\t0+$/);
    });

    test("programs are the root's, not the host's", async () => {
      assert.ok(findHostProgram("mount"));
      const outcome = await enter(view, "command -v mount; cat /etc/of-the-root", { identity });
      assert.equal(outcome.output, "yes\n");
    });

    test("a command that is not there: 127", async () => {
      const outcome = await enter(view, "", { identity, spec: { argv: ["mount"] } });
      assert.equal(outcome.code, 127);
      assert.match(outcome.output, /no such command in the environment: `mount`/);
    });

    test("the root cannot be written to; /tmp, /var/tmp and the working directory can", async () => {
      const name = `copse-test-${process.pid}-${identity.uid}`;
      const places = ["/usr", "/etc", "/etc/passwd", "/var", "/", "/usr/bin"].map(
        (path) => `${path}/${name}`,
      );
      const output = await lines(
        `for i in ${places.join(" ")}; do touch $i 2> /dev/null && echo $i; done; { echo > /etc/hosts; } 2> /dev/null && echo hosts
         touch /tmp/${name} && rm /tmp/${name} && touch /var/tmp/${name} && rm /var/tmp/${name} && touch here-${identity.uid} && echo fine`,
      );
      assert.deepEqual(output, ["fine"]);
      assert.ok(existsSync(join(work, `here-${identity.uid}`)));
    });

    test("a read-only bind cannot be made writable again from a user namespace inside", async () => {
      const outcome = await enter(other, "unshare -Urm mount -o remount,bind,rw /usr && touch /usr/x", {
        identity,
      });
      assert.notEqual(outcome.code, 0);
      assert.match(outcome.output, /denied|not permitted/);
    });

    test("working directory, umask, homes and accounts", async () => {
      const output = await lines(
        "pwd; echo $PWD; umask; test -d /home && test -e /proc/self && echo home; id -un",
      );
      const name = identity.uid === 0 ? "root" : output[4];
      assert.deepEqual(output, [work, work, "0022", "home", name]);
    });

    test("a working directory that is not inside: / and a warning", async () => {
      const outcome = await enter(view, "pwd", {
        identity,
        cwd: "/usr/share",
        spec: { cwd: "/usr/share/nothing" },
      });
      assert.match(outcome.output, /does not exist inside.*`\/usr\/share\/nothing`\n\/\n$/s);
    });

    test("variables arrive, also those that would harm the way in or that a shell drops", async () => {
      const env = {
        LD_LIBRARY_PATH: "/nowhere",
        LD_PRELOAD: "",
        "BASH_FUNC_module%%": "() {  :\n}",
        ODD: "a b\n'c' $d",
        OLDPWD: "/old",
      };
      const outcome = await enter(view, "", { identity, env, spec: { argv: ["env"] } });
      assert.equal(outcome.code, 0, outcome.output);
      for (const [name, value] of Object.entries(env)) {
        assert.ok(`\n${outcome.output}`.includes(`\n${name}=${value}\n`), `${name}: ${outcome.output}`);
      }
      assert.match(outcome.output, /^PATH=\/usr\/bin:\/bin:\/usr\/sbin$/m);
    });

    test("user namespaces can be made inside", async () => {
      assert.deepEqual(await lines("unshare -Urm sh -c 'id -u'"), ["0"]);
    });

    test("the same root again is entered by doing nothing, another one by entering", async () => {
      const again = `import(${JSON.stringify(join(import.meta.dirname, "mod.ts"))}).then((sandbox) => {
        const spec = { viewDir: process.argv[1], store: { realStoreDir: "/nix/store", prefix: "" }, cwd: "/",
          env: process.env, argv: ["sh", "-c", "echo $$ $(readlink /proc/self/ns/mnt)"] };
        const plan = sandbox.planEntry(spec); process.execve(plan.file, plan.args, plan.env); });`;
      const nest = `echo $$ $(readlink /proc/self/ns/mnt); exec "$NODE" --no-warnings -e "$AGAIN" "$TARGET"`;
      const env = { NODE: process.execPath, AGAIN: again };
      const run = async (outer: string, target: string) => {
        const outcome = await enter(outer, nest, { identity, env: { ...env, TARGET: target } });
        assert.equal(outcome.code, 0, outcome.output);
        return outcome.output.trimEnd().split("\n");
      };
      const same = await run(other, other);
      assert.equal(same[0], same[1]);
      const different = await run(other, view);
      const [before, inside] = different.map((line) => line.split(" "));
      assert.equal(before![0], inside![0]);
      assert.notEqual(before![1], inside![1]);
    });

    test("a store elsewhere is /nix/store inside", async () => {
      const store = join(directory, `prefix-${identity.uid}`, "nix/store");
      mkdirSync(join(store, "of-the-store"), { recursive: true });
      const output = await lines("ls /nix/store", {
        spec: { store: { realStoreDir: store, prefix: dirUp(store) } },
      });
      assert.deepEqual(output, ["of-the-store"]);
    });

    test("enter.sh alone, from its place in a store", async () => {
      const nix = join(directory, `alone-${identity.uid}`, "nix");
      mkdirSync(join(nix, "store/h-enter/bin"), { recursive: true });
      mkdirSync(join(nix, "var/copse/views"), { recursive: true });
      copyFileSync(join(import.meta.dirname, "enter.sh"), join(nix, "store/h-enter/bin/enter.sh"));
      makeTestRoot(join(nix, "var/copse/views/h-root"), [], []);
      const script = join(nix, "store/h-enter/bin/enter.sh");
      const line = "ls /nix/store; cat /.copse/root; pwd; id -u; exit 5";
      const outcome = await runAs(["/bin/sh", script, "h-root", "--", "sh", "-c", line], {
        identity,
        cwd: work,
      });
      assert.equal(outcome.output, `h-enter\nh-root\n${work}\n${identity.uid}\n`);
      assert.equal(outcome.code, 5);
    });

    test("at a terminal: Ctrl-C reaches the command, job control works", async () => {
      const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
      const wrap = (command: string[]) => [
        findHostProgram("script"),
        "-qec",
        command.map(quote).join(" "),
        "/dev/null",
      ];
      let sent = 0;
      const outcome = await enter(view, "", {
        identity,
        wrap,
        spec: { argv: ["sh", "-i"], env: { PATH: "/usr/bin:/bin", PS1: "prompt> " } },
        onOutput(text, child) {
          const answers = ["tty; sleep 100\n", "\x03", "sleep 100 & jobs; kill %1; exit 42\n"];
          const prompts = text.split("prompt> ").length - 1;
          if (sent === 0 && prompts === 1) child.stdin?.write(answers[sent++]!);
          else if (sent === 1 && text.includes("/dev/pts/")) {
            sent++;
            setTimeout(() => child.stdin?.write("\x03"), 200);
          } else if (sent === 2 && prompts === 2) child.stdin?.write(answers[sent++]!);
        },
      });
      assert.equal(outcome.code, 42, outcome.output);
      assert.doesNotMatch(outcome.output, /job control turned off|not a tty/);
      assert.match(outcome.output, /\[1\].*Running/);
    });
  });
}

test("a host directory in /var that the root lacks is visible", {
  skip: skip || process.getuid?.() !== 0,
}, async () => {
  // In a mount namespace of our own, so that the machine's /var is left alone.
  const line = `mount -t tmpfs tmpfs /var && mkdir -p /var/tmp /var/scratch/deep && exec "$@"`;
  const enterLine = "ls /var /var/scratch; touch /var/tmp/x /var/scratch/x && ! touch /var/x 2> /dev/null";
  const command = ["/bin/sh", join(import.meta.dirname, "enter.sh"), view, "--", "sh", "-c", enterLine];
  const outcome = await runAs(["/usr/bin/unshare", "-m", "sh", "-c", line, "sh", ...command], {
    identity: identities[0]!,
  });
  assert.equal(outcome.code, 0, outcome.output);
  assert.equal(outcome.output, "/var:\nscratch\ntmp\n\n/var/scratch:\ndeep\n");
});

function dirUp(path: string): string {
  return join(path, "../..");
}
