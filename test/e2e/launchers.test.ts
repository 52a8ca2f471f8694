/** `copse build` of an environment: programs in `result/bin` that an editor or a kernel starts, from anywhere. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { COPSE, callerEnvironment, output, prepareFixture, project, world, write } from "./world.ts";

before(prepareFixture);

const cwd = project("fixture");
write(cwd, {
  "shell.nix": `with import <nixpkgs> { }; mkShell {
    packages = [ hello python3 (writeShellScriptBin "own" "echo \\"$WORD $0\\"") ];
    WORD = "it's\\nmine"; name = "launched"; shellHook = "echo from the hook; export HOOKED=yes";
  }\n`,
});
const python = join(cwd, "result/bin/python3");

/** Standard output of a program that is started from elsewhere, by nothing but its path. */
function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
) {
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: "/",
    encoding: "utf8",
    env: { ...callerEnvironment(), ...env } as NodeJS.ProcessEnv,
  });
  assert.equal(status, 0, stderr);
  return { stdout, stderr };
}

describe("programs of a built environment", () => {
  before(async () => {
    await output(["build", "-f", "shell.nix"], { cwd });
  });

  test("see its variables; what the hook prints is out of the way", () => {
    const { stdout, stderr } = run(join(cwd, "result/bin/own"), []);
    assert.match(stdout, /^it's\nmine \/nix\/store\/.*-own\/bin\/own\n$/);
    assert.equal(stderr, "from the hook\n");
  });
  test("python knows itself by the name that it was started by, and starts again by it", () => {
    const script = `import os, subprocess, sys
print(sys.executable, sys.prefix, os.environ["HOOKED"])
sys.stdout.flush()
subprocess.run([sys.executable, "-c", "import sys; print(sys.executable)"], check=True)`;
    assert.equal(run(python, ["-c", script]).stdout, `${python} ${join(cwd, "result")} yes\n${python}\n`);
  });
  test("through a link, without a home", () => {
    const link = join(cwd, "py");
    symlinkSync(python, link);
    const { stdout } = run(link, ["-c", "import sys; print(sys.executable)"], { HOME: undefined });
    assert.equal(stdout, `${link}\n`);
  });
  test("without the user's .bashrc, which bash reads where its standard input is a socket", () => {
    const home = project();
    write(home, { ".bashrc": "exit 3\n" });
    const started = { HOME: home, SHLVL: "0" };
    assert.match(run(python, ["-c", "print(1)"], started).stdout, /^1$/m);
    assert.match(run(join(cwd, "result/bin/own"), [], started).stdout, /^it's$/m);
  });
  test("as the interpreter of a script", () => {
    const script = join(cwd, "script.py");
    writeFileSync(script, `#!${python}\nimport sys\nprint(sys.argv[1:])\n`);
    chmodSync(script, 0o755);
    assert.equal(run(script, ["a b", "-c"]).stdout, "['a b', '-c']\n");
  });
  test("get signals themselves", async () => {
    const script = `import time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt: print("interrupted", flush=True)`;
    const child = spawn(python, ["-c", script], {
      env: callerEnvironment(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (!stdout.includes("ready") && text.includes("ready")) child.kill("SIGINT");
      stdout += text;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(stdout, "ready\ninterrupted\n");
    assert.equal(code, 0);
  });
  test("of withPackages, too", async () => {
    const expr = "(import <nixpkgs> { }).python3.withPackages (p: [ ])";
    await output(["build", "--expr", expr, "-o", "py-env"], { cwd });
    const own = join(cwd, "py-env/bin/python3");
    assert.equal(run(own, ["-c", "import sys; print(sys.executable)"]).stdout, `${own}\n`);
  });
  test("have copse make the view of their root where it is gone, or say how", async () => {
    // A root of its own, for no other test may stand in it.
    const expr =
      'with import <nixpkgs> { }; debianTools.package { pname = "alone"; requests = [ "hello" ]; }';
    await output(["build", "--expr", expr, "-o", "alone"], { cwd });
    const hello = join(cwd, "alone/bin/hello");
    const views = join(world.store, "nix/var/copse/views");
    const view = readdirSync(views).find((name) => name.endsWith("-alone-root"));
    assert.ok(view);
    const remove = () => {
      spawnSync("chmod", ["-R", "u+w", join(views, view)]);
      rmSync(join(views, view), { recursive: true });
    };
    remove();
    const env = { ...callerEnvironment(), PATH: "/usr/bin:/bin" };
    const { status, stderr } = spawnSync(hello, { encoding: "utf8", env });
    assert.equal(status, 125);
    assert.match(
      stderr,
      /^error\[sandbox-root-missing\]: There is no view of this root: `.*-alone-root`\n hint: run /,
    );
    assert.ok(stderr.includes(`copse store view /nix/store/${view}`));
    assert.equal(run(hello, [], { ...env, COPSE }).stdout, "Hello, world!\n");
    assert.ok(existsSync(join(views, view, "usr")));
  });
});
