/** Hosts that forbid things: environments are made, entered and looked at all the same, or it is said why not. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import {
  asUser,
  inContainer,
  inNamespace,
  lowerTo,
  type Restrict,
  refuseCalls,
  whyNoFilter,
  whyNoNamespace,
  withoutPowers,
} from "../../src/sandbox/test-hosts.ts";
import {
  COPSE,
  callerEnvironment,
  FIXTURE,
  type Outcome,
  output,
  prepareFixture,
  project,
  world,
} from "./world.ts";

before(prepareFixture);

const isRoot = process.getuid?.() === 0;

/** As a container has it: for root, without the powers that it does not get. */
const container: Restrict = (command) =>
  isRoot ? withoutPowers(inContainer(command)) : inContainer(command);

interface Call {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly input?: string;
  onOutput?(text: string, pid: number): void;
}

function under(host: Restrict, args: readonly string[], call: Call = {}): Promise<Outcome> {
  const [file = "", ...words] = host([COPSE, ...args]);
  const env = { ...callerEnvironment(), ...call.env };
  const child = spawn(file, words, { cwd: call.cwd ?? FIXTURE, env, stdio: "pipe" });
  const pid = child.pid as number;
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      printed[name] += text;
      call.onOutput?.(printed.stdout, pid);
    });
  }
  child.stdin.on("error", () => {}).end(call.input ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...printed, pid }));
  });
}

describe("in a container that forbids namespaces", { skip: whyNoFilter, concurrency: 2 }, () => {
  const run = (script: string, call?: Call) =>
    under(container, ["run", "--frozen", "--", "sh", "-c", script], call);
  before(async () => {
    assert.equal((await run("true")).code, 0);
  });

  test("an environment is entered by a tracer", async () => {
    const script =
      'greet; python3 -c "import os, sys; print(sys.prefix, os.getcwd(), os.getuid())"; cat /.copse/root';
    const { code, stdout, stderr } = await run(script, { env: { GREETING: "x" } });
    const seen = `hello, world\n/usr ${FIXTURE} ${process.getuid?.()}\n`;
    assert.ok(stdout.startsWith(seen), stdout + stderr);
    assert.match(stdout, /^[a-z0-9]{32}-fixture-root$/m);
    assert.deepEqual([code, stderr], [0, ""]);
  });

  test("its programs are its own, its folders the host's", async () => {
    const folder = project();
    const { stdout } = await run(
      `command -v node git || echo none; ls -d /usr/lib/R ${folder}; id -un; ls ~ > /dev/null; echo $?`,
    );
    assert.match(stdout, new RegExp(`^none\n${folder}\n[a-z0-9]+\n0\n$`));
  });

  test("what it must not change it cannot", async () => {
    const { stdout } = await run(
      "touch /usr/x 2> /dev/null; echo $?; echo x > /usr/bin/env 2> /dev/null; echo $?; /usr/bin/env true; echo $?",
    );
    const codes = stdout.trim().split("\n");
    assert.ok(codes[0] !== "0" && codes[1] !== "0" && codes[2] === "0", stdout);
  });

  test("the command's exit code, standard input and signals are its own", async () => {
    assert.equal((await run("exit 7")).code, 7);
    assert.equal((await run("cat", { input: "in\n" })).stdout, "in\n");
    assert.equal((await run("kill -TERM $$")).signal, "SIGTERM");
    const script = `
import time
try:
  print("ready", flush=True); time.sleep(60)
except KeyboardInterrupt: raise SystemExit(9)`;
    let sent = false;
    const interrupted = await under(container, ["run", "--", "python3", "-c", script], {
      onOutput(text, pid) {
        if (sent || !text.includes("ready")) return;
        sent = true;
        process.kill(pid, "SIGINT");
      },
    });
    assert.equal(interrupted.code, 9);
  });

  test("threads, processes and what old tracers do not know work", async () => {
    const script = `
import multiprocessing, os, pathlib, shutil, subprocess, tempfile, threading
thread = threading.Thread(target=lambda: print("thread")); thread.start(); thread.join()
print(subprocess.run(["ls", "-d", "/usr/share"], capture_output=True, text=True).stdout.strip())
with tempfile.TemporaryDirectory() as d:
    p = pathlib.Path(d, "a"); p.write_text("x"); os.rename(p, p.with_name("b")); shutil.copy2(p.with_name("b"), p)
    print(sorted(os.listdir(d)), os.access("/usr/lib/python3.11", os.R_OK), os.stat(p).st_size)
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool: print(pool.map(abs, [-1, -2]))`;
    const { stdout, stderr } = await under(container, ["run", "--", "python3", "-c", script]);
    assert.equal(stdout, "thread\n/usr/share\n['a', 'b'] True 1\n[1, 2]\n", stderr);
  });

  test("builds work, too, and nothing that they start is left", async () => {
    const name = `traced-${process.pid}`;
    const expr = `with import <nixpkgs> { }; runCommand "${name}" { nativeBuildInputs = [ python3 ]; } ''
      setsid sleep 4711 & test ! -e ${FIXTURE}
      python3 -c 'print("made in", __import__("os").getcwd())' > $out
    ''`;
    const { code, stdout, stderr } = await under(container, ["build", "--no-out-link", "--expr", expr]);
    assert.equal(code, 0, stderr);
    const sandboxed = await output(["build", "--no-out-link", "--expr", expr]);
    assert.equal(stdout, sandboxed);
    const { execFileSync } = await import("node:child_process");
    assert.doesNotMatch(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }), /^sleep 4711$/m);
  });

  test("a failing build fails, killed or not", async () => {
    for (const [script, message] of [
      ["exit 3", /exit code 3/],
      ["kill -9 $$", /signal 9|killed|137/],
    ] as const) {
      const expr = `with import <nixpkgs> { }; runCommand "fails-${process.pid}" { } "${script}"`;
      const { code, stderr } = await under(container, ["build", "--no-out-link", "--expr", expr]);
      assert.notEqual(code, 0);
      assert.match(stderr, message);
    }
  });

  test("what it cannot do it says", async () => {
    const { code, stderr } = await run("copse --version");
    assert.equal(code, 125);
    assert.match(stderr, /^error\[sandbox-no-host\]: .*`copse`\n hint: /);
    const layered = await under(container, ["run", "--writable", "--", "true"]);
    assert.match(layered.stderr, /^error\[sandbox-overlay\]/m);
  });

  test("the doctor says so, and that it is no obstacle", async () => {
    const { code, stdout } = await under(container, ["doctor", "--json"]);
    const findings = JSON.parse(stdout) as {
      check: string;
      state: string;
      result: string;
      wayOut?: string;
    }[];
    const entering = findings.find(({ check }) => check === "entering");
    assert.match(`${entering?.state}: ${entering?.result}`, /^limited: by a tracer\. A system call filter/);
    assert.match(entering?.wayOut ?? "", /seccomp=unconfined/);
    assert.equal(code, 0);
  });
});

describe("where processes may not even be traced", { skip: whyNoFilter }, () => {
  const host: Restrict = (command) => container(refuseCalls("ptrace")(command));

  test("nothing is entered, and the administrator's part is said", async () => {
    const { code, stderr } = await under(host, ["run", "--", "true"]);
    assert.match(stderr, /^error\[sandbox-seccomp\]: [\s\S]* hint: Start the container with/);
    assert.equal(code, 1);
  });

  test("the doctor fails", async () => {
    const { code, stdout } = await under(host, ["doctor"]);
    assert.match(stdout, /^entering +PROBLEM +not at all\./m);
    assert.equal(code, 1);
  });
});

describe("where user namespaces are switched off", { skip: whyNoNamespace, concurrency: 2 }, () => {
  const directory = mkdtempSync(join(world.projects, "host-"));

  test("root enters by its own powers", async () => {
    const { code, stdout, stderr } = await under(inNamespace(directory, lowerTo("max_user_namespaces")), [
      ...["run", "--frozen", "--", "greet"],
    ]);
    assert.equal(stdout, "hello, world\n", stderr);
    assert.equal(code, 0);
  });

  test("an ordinary user enters by bwrap where that is setuid", async () => {
    const built = await output(
      [
        "build",
        "--no-out-link",
        "--expr",
        '(import <nixpkgs> { }).debianTools.unpackDeb (builtins.head (builtins.filter (deb: deb.name == "bubblewrap") ((import <nixpkgs> { }).debianTools.resolve [ "bubblewrap" ])))',
      ],
      { cwd: directory },
    );
    const bwrap = join(built.trim(), "usr/bin/bwrap");
    // The user has a store of their own, which is a copy: views and records included.
    const home = join(directory, "home");
    const project = join(directory, "project");
    mkdirSync(home);
    cpSync(FIXTURE, project, { recursive: true });
    const store = join(directory, "store");
    const { execFileSync } = await import("node:child_process");
    execFileSync("cp", ["-a", world.store, store]);
    execFileSync("chown", ["-R", "1234:1234", directory]);
    chmodSync(directory, 0o755);
    const bin = "/run/current-system/sw/bin";
    const real = bwrap.startsWith("/nix/store/") ? join(world.store, bwrap) : bwrap;
    const prepare = `${lowerTo("max_user_namespaces")}; mount -t tmpfs tmpfs /run; mkdir -p ${bin}; cp ${real} ${bin}; chmod 4755 ${bin}/bwrap`;
    const place = inNamespace(directory, prepare);
    const host: Restrict = (command) => place(asUser(1234)(command));
    const env = { HOME: home, COPSE_STORE: store };
    const run = (script: string) =>
      under(host, ["run", "--frozen", "--", "sh", "-c", script], { cwd: project, env });
    const { code, stdout, stderr } = await run("greet; id -u; pwd; cat /.copse/root; touch /usr/x; exit 6");
    assert.match(stdout, new RegExp(`^hello, world\n1234\n${project}\n[a-z0-9]+-fixture-root\n$`), stderr);
    assert.match(stderr, /Read-only file system/);
    assert.equal(code, 6);
    // Seen through the shell that has made the namespace.
    assert.equal((await run("kill -TERM $$")).code, 143);
    const doctor = await under(host, ["doctor"], { cwd: project, env });
    assert.match(doctor.stdout, /^entering +limited +by bwrap\. .*max_user_namespaces/m);
  });
});
