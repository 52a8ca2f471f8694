/** What is around a command inside a root: the way back to the host, the names of its programs, the layer. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { installedPath } from "#base";
import { probeHost } from "./facts/probe.ts";
import { enter, identities, makeTestDirectory, makeTestRoot, runAs, whyNotHere } from "./test-root.ts";

const skip = await whyNotHere();
const overlay = (await probeHost()).overlay;
const directory = makeTestDirectory();
const view = makeTestRoot(join(directory, "a root, with: blanks"));
mkdirSync(join(view, "etc/R"));
writeFileSync(join(view, "etc/R/Rprofile.site"), "");
mkdirSync(join(view, "usr/lib/python3.11"));
writeFileSync(join(view, "usr/lib/python3.11/EXTERNALLY-MANAGED"), "of the root\n");
const work = join(directory, "work");
mkdirSync(work);
chmodSync(work, 0o777);
const hostTool = join(work, "host-tool");
writeFileSync(
  hostTool,
  `#!/bin/sh
case $1 in
  look) pwd; test -e /etc/of-the-root || echo host; id -u; echo "\${R_LIBS_USER-none}|\${COPSE_ROOT-none}" ;;
  read) cat ;;
  code) exit 7 ;;
  kill) echo $$; kill -TERM $$ ;;
esac
`,
);
chmodSync(hostTool, 0o755);
after(() => rmSync(directory, { recursive: true, force: true }));

for (const identity of identities) {
  const cacheDir = join(directory, `cache-${identity.uid}`);
  mkdirSync(cacheDir);
  chmodSync(cacheDir, 0o777);
  const { insidePath, prepareInsideNames } = await import("./inside-names.ts");
  const names = prepareInsideNames({
    cacheDir,
    ownNames: ["copse", "nix-shell"],
    hostPrograms: ["host-tool", "mount"],
    path: `${work}:/usr/bin:/bin`,
  });
  const inside = (line: string, options: Parameters<typeof enter>[2] | object = {}) =>
    enter(view, line, {
      identity,
      cwd: work,
      ...options,
      spec: {
        names,
        env: {
          PATH: insidePath(["/usr/bin", "/bin", "/usr/sbin"], { withCopse: true }),
          HOME: "/",
          USER: "tester",
        },
        ...(options as { spec?: object }).spec,
      },
    });

  describe(`inside a root as ${identity.name}`, { skip, concurrency: 2 }, () => {
    test("a host's program runs in the host's root, in the same folder, as the same user", async () => {
      const { code, output } = await inside("R_LIBS_USER=/nonexistent/R host-tool look; command -v umount");
      assert.equal(output, `${work}\nhost\n${identity.uid}\nnone|none\n/usr/bin/umount\n`);
      assert.equal(code, 0);
    });

    test("it is the process that was started: its exit code, signals and standard input", async () => {
      assert.equal((await inside("exec host-tool code")).code, 7);
      const killed = await inside("exec host-tool kill");
      assert.equal(killed.output, `${killed.pid}\n`);
      assert.equal(killed.signal, "SIGTERM");
      assert.equal((await inside("echo in | host-tool read")).output, "in\n");
    });

    test("a program of the host can make namespaces of its own, for it is in no chroot", async () => {
      const { output } = await inside("exec mount --version; exit 1");
      assert.match(output, /^mount from util-linux/);
      writeFileSync(join(cacheDir, "userns"), "#!/bin/sh\nexec unshare -Ur id -u\n", { mode: 0o755 });
      const spec = {
        names: {
          ...prepareInsideNames({ cacheDir, ownNames: [], hostPrograms: ["userns"], path: cacheDir }),
        },
      };
      assert.equal((await inside("userns", { spec })).output, "0\n");
    });

    test("one that the host has not is an error", async () => {
      const spec = {
        names: prepareInsideNames({ cacheDir, ownNames: [], hostPrograms: ["no-such-tool"], path: work }),
      };
      const { code, output } = await inside("no-such-tool", { spec });
      assert.match(output, /^error\[command-not-found\]: The host has no such program: `no-such-tool`$/m);
      assert.notEqual(code, 0);
    });

    test("copse's own names lead to its installation", async () => {
      const { output } = await inside("command -v copse; command -v nix-shell; copse --version");
      const [copse, shell, version] = output.split("\n");
      assert.deepEqual([copse, shell], ["/.copse/names/last/copse", "/.copse/names/last/nix-shell"]);
      assert.match(version ?? "", /^copse /);
    });

    test("without names there are none", async () => {
      const { output } = await enter(view, "command -v copse apt || echo none; echo $PATH", { identity });
      assert.equal(output, "none\n/usr/bin:/bin:/usr/sbin\n");
    });

    test("apt and sudo say what to do instead", async () => {
      const apt = await inside("apt install -y git-lfs dcmtk");
      assert.equal(apt.code, 1);
      assert.match(apt.output, /^error\[environment-read-only\]: .*: `apt install -y git-lfs dcmtk`$/m);
      assert.match(apt.output, /^ hint: .*: pkgs\.git-lfs pkgs\.dcmtk;/m);
      assert.match(
        (await inside("sudo apt-get install dcmtk")).output,
        /no powers of root[\s\S]*pkgs\.dcmtk;/,
      );
      assert.match((await inside("sudo reboot")).output, /no powers of root.*`sudo reboot`\n hint: leave/);
    });

    test("pip and R find what they are to say", async () => {
      const { output } = await inside(
        "cat /usr/lib/python3.11/EXTERNALLY-MANAGED; echo $R_PROFILE; ls -d $R_PROFILE",
      );
      assert.match(output, /^\[externally-managed\]\nError=An environment is read-only/);
      assert.match(output, /\n(\/.copse\/tools\/Rprofile\.site)\n\1\n$/);
    });

    test("a launcher of another root works, in a root without mount too, and stays one process", async () => {
      const nix = join(directory, `nix-${identity.uid}`, "nix");
      mkdirSync(join(nix, "store/h-enter/bin"), { recursive: true });
      mkdirSync(join(nix, "var/copse/views"), { recursive: true });
      copyFileSync(installedPath("src/sandbox/enter.sh"), join(nix, "store/h-enter/bin/enter.sh"));
      const other = makeTestRoot(join(nix, "var/copse/views/h-root"), [], []);
      writeFileSync(join(other, "etc/of-the-other"), "");
      const launch = "/bin/sh /nix/store/h-enter/bin/enter.sh h-root -- sh -c";
      const script = "echo $$; cat /.copse/root; pwd; ls -d /etc/of-the-* /nix/store/*; exit 5";
      const line = `echo $$; exec ${launch} '${script}'`;
      const spec = { store: { realStoreDir: join(nix, "store"), prefix: "" } };
      const { code, output, pid } = await inside(line, { spec });
      const seen = `h-root\n${work}\n/etc/of-the-other\n/etc/of-the-root\n/nix/store/h-enter\n`;
      assert.equal(output, `${pid}\n${pid}\n${seen}`);
      assert.equal(code, 5);
    });

    test("with a writable layer, what is written is seen, and gone afterwards", {
      skip: !overlay && "no overlays here",
    }, async () => {
      // The layer is over files of one's own, as those of a user's own store are.
      const own = makeTestRoot(join(directory, `own, root: ${identity.uid}`), [], []);
      execFileSync("chown", ["-R", `${identity.uid}:${identity.gid}`, own]);
      execFileSync("chmod", ["-R", "a-w", own]);
      const spec = { isWritable: true, viewDir: own };
      const script = `set -e
        echo new > /usr/bin/new; echo changed > /etc/of-the-root; rm /usr/bin/cat
        mkdir -p /usr/local/lib/x; echo 10.0.0.1 here >> /etc/hosts; touch /new
        read line < /etc/of-the-root; echo $line; id -u; umask`;
      const { code, output } = await inside(script, { spec });
      assert.equal(output, `changed\n${identity.uid}\n0022\n`);
      assert.equal(code, 0);
      assert.deepEqual(
        ["usr/bin/new", "usr/bin/cat", "usr/local"].map((path) => existsSync(join(own, path))),
        [false, true, false],
      );
      const ids = await inside("id -un; cat /etc/passwd", { spec });
      assert.match(ids.output, identity.uid === 0 ? /^root\n/ : /^(?!root)/);
    });
  });
}

test("a name that is none", async () => {
  const { prepareInsideNames } = await import("./inside-names.ts");
  for (const name of ["../x", "a b", "..", ""]) {
    assert.throws(
      () => prepareInsideNames({ cacheDir: directory, ownNames: [], hostPrograms: [name], path: "" }),
      /Not the name of a program/,
    );
  }
});

test("outside of a root there is no way to the host", async () => {
  const command = ["/bin/sh", installedPath("src/sandbox/enter.sh"), "--host", "true"];
  const { code, output } = await runAs(command, { identity: identities[0]! });
  assert.match(output, /^error\[sandbox-no-host\]/);
  assert.equal(code, 125);
});
