/** `copse run` and `copse shell`: a command inside the environment, and what comes with it from outside. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { copse, FIXTURE, failure, output, prepareFixture, project, signalAt, world, write } from "./world.ts";

before(prepareFixture);

const run = async (script: string, options: Parameters<typeof output>[1] = {}): Promise<string> =>
  (await output(["run", "--frozen", "--", "sh", "-c", script], options)).trimEnd();

describe("the command", { concurrency: 2 }, () => {
  test("gives its exit code", async () => {
    assert.equal((await copse(["run", "--", "sh", "-c", "exit 7"])).code, 7);
  });
  test("is the process that was started", async () => {
    const { stdout, pid } = await copse(["run", "--", "sh", "-c", "echo $$"]);
    assert.equal(stdout, `${pid}\n`);
  });
  test("gets signals itself", async () => {
    const script = [
      "import time",
      "try:",
      "  print('ready', flush=True)",
      "  time.sleep(60)",
      "except KeyboardInterrupt:",
      "  raise SystemExit(9)",
    ].join("\n");
    const args = ["run", "--", "python3", "-c", script];
    assert.equal((await copse(args, { watch: signalAt(/^ready$/m, "SIGINT") })).code, 9);
    assert.equal((await copse(args, { watch: signalAt(/^ready$/m, "SIGTERM") })).signal, "SIGTERM");
  });
  test("gets its arguments, standard input and folder as they are", async () => {
    const cwd = project("fixture");
    const folder = join(cwd, "with space é");
    mkdirSync(folder);
    const args = [
      "run",
      "-f",
      "../shell.nix",
      "--",
      "sh",
      "-c",
      'printf "%s|" "$@"; cat; pwd',
      "sh",
      "",
      "a  b",
      "é*",
    ];
    assert.equal(await output(args, { cwd: folder, input: "in\n" }), `|a  b|é*|in\n${folder}\n`);
  });
  test("needs no `--`, and may have options of its own", async () => {
    assert.equal(await output(["run", "python3", "-c", "print(1)"]), "1\n");
  });
  test("that does not exist", async () => {
    const stderr = await failure(["run", "no-such"], { code: 127 });
    assert.equal(
      stderr,
      "error[command-not-found]: There is no such command in the environment: `no-such`\n",
    );
  });
  test("that is not given", async () => {
    assert.match(await failure(["run"]), /error\[command-missing\][\s\S]* hint: copse run COMMAND/);
  });
});

describe("the environment", { concurrency: 2 }, () => {
  test("has its packages' programs, under the names that people use", async () => {
    const versions = await run("python --version; python3 --version");
    assert.match(versions, /^(Python 3\.11\.\d+)\n\1$/);
    assert.equal(await run("greet you; command -v greet; command -v python3"), await expectedPrograms());
  });
  async function expectedPrograms(): Promise<string> {
    const path = (await run("echo $PATH")).split(":");
    // Before it comes only what leads to the host's programs.
    assert.match(path[1] as string, /^\/nix\/store\/[a-z0-9]{32}-greet\/bin$/);
    return `hello, you\n${path[1]}/greet\n/usr/bin/python3`;
  }
  test("sets the shell's variables, and runs its hook", async () => {
    assert.equal(await run('echo "$GREETING|$ANSWER|$HOOK"'), "good morning|42|ran for good morning");
    assert.equal(await run("echo $IN_NIX_SHELL"), "impure");
  });
  test("does not see the host's programs", async () => {
    const bin = join(project(), "bin");
    mkdirSync(bin);
    write(bin, { "host-tool": "#!/bin/sh\necho from the host\n" });
    chmodSync(join(bin, "host-tool"), 0o755);
    const env = { PATH: `${bin}:${process.env["PATH"]}` };
    assert.equal((await copse(["run", "--", "host-tool"], { env })).code, 127);
    assert.equal(await run("command -v node npm git gcc || echo none", { env }), "none");
  });
  test("reads no .bashrc, though bash would where its standard input is a socket", async () => {
    const home = project();
    write(home, { ".bashrc": "export PATH=/from/bashrc\n" });
    const env = { HOME: home, XDG_CACHE_HOME: join(world.home, ".cache"), SHLVL: "0" };
    assert.equal(await output(["run", "--", "greet", "you"], { env }), "hello, you\n");
  });
  test("is not led astray by the caller's variables", async () => {
    const folder = project();
    write(folder, { "sitecustomize.py": "print('from outside')\n", "json.py": "print('from outside')\n" });
    const env = {
      PYTHONPATH: folder,
      PYTHONHOME: folder,
      LD_LIBRARY_PATH: folder,
      CONDA_PREFIX: folder,
      VIRTUAL_ENV: folder,
      R_LIBS: folder,
      UNRELATED: "stays",
    };
    const script =
      "import json, os; print(sorted(n for n in os.environ if 'UNREL' in n or os.environ[n] == '%s'))";
    const printed = await output(["run", "--", "python3", "-c", script.replace("%s", folder)], { env });
    assert.equal(printed, "['UNRELATED']\n");
  });
  test("keeps only what a session needs with --pure, and what --keep names", async () => {
    const env = { KEPT: "kept", LOST: "lost" };
    const args = [
      "run",
      "--pure",
      "--keep",
      "KEPT",
      "--",
      "sh",
      "-c",
      "echo $IN_NIX_SHELL $KEPT $LOST $GREETING; ls ~",
    ];
    assert.match(await output(args, { env }), /^pure kept good morning\n/);
  });
  test("is one derivation", async () => {
    const cwd = project("fixture");
    write(cwd, { "two.nix": 'with import <nixpkgs> { }; [ (mkShell { }) (mkShell { name = "b"; }) ]' });
    assert.match(
      await failure(["run", "-f", "two.nix", "--", "true"], { cwd }),
      /error\[environment-ambiguous\]/,
    );
  });
});

describe("a second run", () => {
  const cwd = project("fixture");
  write(cwd, {
    "shell.nix": `
      with import <nixpkgs> { config.pythonPackages = "debian"; };
      builtins.trace "evaluated" (mkShell {
        name = "fixture";
        packages = [ python3 ];
        SEEN = builtins.getEnv "E2E_SEEN";
        TEXT = builtins.readFile ./text;
      })`,
    text: "first",
  });
  const call = async (options: { env?: Record<string, string>; args?: string[] } = {}) => {
    const args = ["run", "--frozen", ...(options.args ?? []), "--", "sh", "-c", 'echo "$SEEN $TEXT"'];
    const { code, stdout, stderr } = await copse(args, { cwd, ...(options.env && { env: options.env }) });
    assert.equal(code, 0, stderr);
    return { printed: stdout, evaluated: /^trace: evaluated$/m.test(stderr) };
  };
  const evaluates = (printed: string) => ({ printed: `${printed}\n`, evaluated: true });
  const remembers = (printed: string) => ({ printed: `${printed}\n`, evaluated: false });

  test("evaluates nothing, and touches neither record nor store", async () => {
    assert.deepEqual(await call(), evaluates(" first"));
    const before = stamps();
    assert.deepEqual(await call(), remembers(" first"));
    assert.deepEqual(stamps(), before);
  });
  function stamps(): string[] {
    const records = join(world.home, ".cache/copse/environments");
    return readdirSync(records).map(
      (name) => `${name} ${statSync(join(records, name), { bigint: true }).ctimeNs}`,
    );
  }
  test("evaluates again when a variable that was asked for changes", async () => {
    assert.deepEqual(await call({ env: { E2E_SEEN: "now" } }), evaluates("now first"));
    assert.deepEqual(await call({ env: { E2E_SEEN: "now" } }), remembers("now first"));
    assert.deepEqual(await call({ env: { E2E_SEEN: "now", E2E_OTHER: "x" } }), remembers("now first"));
    assert.deepEqual(await call(), evaluates(" first"));
  });
  test("evaluates again when a file that was read changes", async () => {
    write(cwd, { text: "other" });
    assert.deepEqual(await call(), evaluates(" other"));
    utimesSync(join(cwd, "shell.nix"), 1, 1);
    assert.deepEqual(await call(), evaluates(" other"));
    utimesSync(join(cwd, "copse.lock"), 1, 1);
    assert.deepEqual(await call(), evaluates(" other"));
    assert.deepEqual(await call(), remembers(" other"));
  });
  test("evaluates again when the command line or the search path says something else", async () => {
    assert.deepEqual(await call({ args: ["-I", "other=/tmp"] }), evaluates(" other"));
    const nixpkgs = { NIX_PATH: `nixpkgs=${join(FIXTURE, "../../../pkgs")}` };
    assert.deepEqual(await call({ env: nixpkgs }), evaluates(" other"));
  });
});

describe("a shell without a terminal", { concurrency: 2 }, () => {
  test("runs what comes in", async () => {
    const { code, stdout, stderr } = await copse(["shell"], {
      input: 'greet\necho "$HOOK"\nread x\nline\nexit 5\n',
    });
    assert.deepEqual([code, stdout, stderr], [5, "hello, world\nran for good morning\n", ""]);
  });
  test("ends where nothing comes in", async () => {
    const { code, stdout } = await copse(["shell"]);
    assert.deepEqual([code, stdout], [0, ""]);
  });
});
