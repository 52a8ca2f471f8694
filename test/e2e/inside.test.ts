/** Inside an environment: copse itself, the host's programs, what of the session and the machine comes along. */
import assert from "node:assert/strict";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { whyNotHere } from "../../src/sandbox/test-root.ts";
import { COPSE, copse, failure, output, prepareFixture, project, world, write } from "./world.ts";

before(prepareFixture);

const skip = await whyNotHere();
const run = async (
  script: string,
  options: Parameters<typeof output>[1] = {},
  args: string[] = [],
): Promise<string> =>
  (await output(["run", "--frozen", ...args, "--", "sh", "-c", script], options)).trimEnd();

describe("copse inside an environment", { skip, concurrency: 2 }, () => {
  test("enters the same environment again, in one process", async () => {
    const { stdout, pid } = await copse([
      "run",
      "--",
      "sh",
      "-c",
      "exec copse run -- sh -c 'echo $$; greet'",
    ]);
    assert.equal(stdout, `${pid}\nhello, world\n`);
  });

  test("enters another one, from whatever depth, by its path too", async () => {
    const cwd = project("fixture");
    write(cwd, {
      "other.nix": 'with import <nixpkgs> { }; mkShell { name = "other"; packages = [ ]; OTHER = "yes"; }',
    });
    await output(["run", "-f", "other.nix", "--", "true"], { cwd });
    const script = `greet deep; copse run -f other.nix -- sh -c '
      echo "$OTHER"; command -v python3 || echo none; cat /.copse/root; ${COPSE} run -f shell.nix -- greet deepest; exit 4'; echo $?`;
    const lines = (await run(script, { cwd })).split("\n");
    assert.match(lines[3] ?? "", /^[a-z0-9]{32}-other-root$/);
    assert.deepEqual(
      [...lines.slice(0, 3), ...lines.slice(4)],
      ["hello, deep", "yes", "none", "hello, deepest", "4"],
    );
  });

  test("Nix's names work", async () => {
    const script =
      "nix-instantiate --eval -E '1 + 1'; nix-shell --run greet; nix-build --no-out-link -E 'derivation' 2>&1 | head -c 5";
    assert.match(await run(script), /^2\nhello, world\n/);
  });

  test("is not there with --pure", async () => {
    assert.equal(await run("command -v copse || echo none", {}, ["--pure"]), "none");
  });
});

describe("programs of the host", { skip, concurrency: 2 }, () => {
  const bin = join(project(), "bin");
  mkdirSync(bin);
  const tools = {
    submit:
      '#!/bin/sh\n[ "$1" != --wait ] || { echo $$; kill -TERM $$; }\ncat; test -e /usr/bin/ls && echo "$@" "$PWD"; exit 3\n',
    status: "#!/bin/sh\necho status of ${COPSE_ROOT-the host}\n",
  };
  for (const [name, text] of Object.entries(tools)) writeFileSync(join(bin, name), text, { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env["PATH"]}` };

  test("are those that the environment names, the caller, and the command line", async () => {
    const cwd = project("fixture");
    write(cwd, { "s.nix": 'with import <nixpkgs> { }; mkShell { hostPrograms = [ "submit" ]; }' });
    await output(["run", "-f", "s.nix", "--", "true"], { cwd });
    const outcome = await copse(
      ["run", "-f", "s.nix", "--", "sh", "-c", "echo job | submit a 'b c'; exit $?"],
      { cwd, env },
    );
    assert.deepEqual([outcome.stdout, outcome.code], [`job\na b c ${realpathSync(cwd)}\n`, 3]);
    const named = { ...env, COPSE_HOST_PROGRAMS: "status other" };
    assert.equal(
      await run("status; command -v submit || echo none", { env: named }),
      "status of the host\nnone",
    );
    assert.equal(await run("status", { env }, ["--host", "status", "--pure"]), "status of the host");
  });

  test("become the process that called them", async () => {
    const args = ["run", "--host", "submit", "--", "submit", "--wait"];
    const { stdout, signal, pid } = await copse(args, { env });
    assert.deepEqual([stdout, signal], [`${pid}\n`, "SIGTERM"]);
  });

  test("have names of programs", async () => {
    assert.match(
      await failure(["run", "--host", "../x", "--", "true"]),
      /^error\[host-program-name\]: .*`\.\.\/x`/m,
    );
  });
});

describe("what comes along", { skip, concurrency: 2 }, () => {
  test("sockets of the session: of agents, displays, buses", async () => {
    const folder = project();
    const path = join(folder, "agent.sock");
    const server = createServer((socket) => socket.end("here")).listen(path);
    const abstract = createServer((socket) => socket.end("here")).listen(`\0copse-e2e-${process.pid}`);
    try {
      const script = `
import os, socket
for address in (os.environ["SSH_AUTH_SOCK"], "\\0copse-e2e-${process.pid}"):
    s = socket.socket(socket.AF_UNIX); s.connect(address); print(s.recv(9).decode())
print(os.environ["DBUS_SESSION_BUS_ADDRESS"], os.environ["DISPLAY"])`;
      const env = { SSH_AUTH_SOCK: path, DISPLAY: ":7", DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` };
      const printed = await output(["run", "--", "python3", "-c", script], { env });
      assert.equal(printed, `here\nhere\nunix:path=${path} :7\n`);
      assert.equal(await run('echo "$SSH_AUTH_SOCK|$DISPLAY"', { env }, ["--pure"]), "|:7");
    } finally {
      server.close();
      abstract.close();
    }
  });

  test("certificates that a variable names, also on the way back to the host", async () => {
    const file = "/usr/bin/env";
    const env = { SSL_CERT_FILE: file, REQUESTS_CA_BUNDLE: join(project(), "own.pem") };
    const script = `echo $SSL_CERT_FILE $REQUESTS_CA_BUNDLE; cmp $SSL_CERT_FILE /.copse/host${realpathSync(file)} && echo same; sh -c 'tell'`;
    const bin = project();
    writeFileSync(join(bin, "tell"), "#!/bin/sh\necho $SSL_CERT_FILE\n", { mode: 0o755 });
    const path = `${bin}:${process.env["PATH"]}`;
    const printed = await run(script, { env: { ...env, PATH: path } }, ["--host", "tell"]);
    const real = realpathSync(file);
    assert.equal(printed, `/.copse/host${real} ${env.REQUESTS_CA_BUNDLE}\nsame\n${real}`);
  });

  test("the time zone", async () => {
    const script = "import time; print(time.strftime('%Z', time.localtime(0)))";
    for (const [TZ, name] of [
      ["Asia/Tokyo", "JST"],
      ["America/New_York", "EST"],
      ["UTC", "UTC"],
    ] as const) {
      assert.equal(await output(["run", "--", "python3", "-c", script], { env: { TZ } }), `${name}\n`);
    }
  });

  test("the language, where the environment has it", async () => {
    const env = { LANG: "de_DE.UTF-8", LC_TIME: "fr_FR.UTF-8", LC_ALL: "" };
    assert.equal(await run('echo "$LANG $LC_TIME"', { env }), "C.UTF-8 C.UTF-8");
  });
});

describe("an environment is not changed from inside", { skip, concurrency: 2 }, () => {
  test("what is read-only says so", async () => {
    const { code, stderr } = await copse(["run", "--", "touch", "/usr/x", "/etc/x"]);
    assert.match(stderr, /'\/usr\/x': Read-only file system\n.*'\/etc\/x': Read-only file system/);
    assert.equal(code, 1);
  });

  test("apt and sudo are told what to do instead", async () => {
    const { code, stderr } = await copse(["run", "--", "apt-get", "-y", "install", "git"]);
    assert.match(stderr, /^error\[environment-read-only\]: .*\n hint: .* pkgs\.git;/m);
    assert.equal(code, 1);
    assert.match((await copse(["run", "--", "sudo", "apt", "install", "git"])).stderr, /pkgs\.git;/);
  });

  test("--writable gives a layer for one command, with --pure too", async (t) => {
    const { probeHost } = await import("../../src/sandbox/facts/probe.ts");
    if (!(await probeHost()).overlay) return t.skip("no overlays here");
    for (const more of [[], ["--pure"]]) {
      const script =
        "echo 1 > /usr/lib/python3.11/added.py; echo x >> /etc/hosts; rm /usr/bin/env; python3 -c 'import added; print(added.__file__)'";
      assert.equal(await run(script, {}, ["--writable", ...more]), "/usr/lib/python3.11/added.py");
    }
    assert.equal(
      await run("test -e /usr/lib/python3.11/added.py || test ! -e /usr/bin/env || echo clean"),
      "clean",
    );
    assert.equal(
      await run("id -u; cat /proc/self/uid_map | wc -l", {}, ["--writable"]),
      `${process.getuid?.()}\n1`,
    );
  });

  test("the world's home and store are there", async () => {
    assert.equal(await run("ls -d ~; test -d /nix/store && echo store"), `${world.home}\nstore`);
  });
});
