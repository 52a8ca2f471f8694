import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { MemoryProcesses, ReplacedProcess } from "./memory-processes.ts";
import { nodeProcesses } from "./node-processes.ts";
import { checkExit, type Processes } from "./processes.ts";

/** The programs that the contract uses: on the real side they are there anyway. */
const memory = new MemoryProcesses({
  env: { PATH: "/bin" },
  programs: {
    cat: ({ stdin }) => ({ stdout: stdin }),
    env: ({ env }) => ({
      stdout: Object.entries(env)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    }),
    false: () => ({ exitCode: 1 }),
    pwd: ({ cwd }) => ({ stdout: `${cwd}\n` }),
    sleep: ({ args, signal }) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve({}), Number(args[0]) * 1000);
        signal.addEventListener("abort", () => clearTimeout(timer));
      }),
    expr: () => ({ exitCode: 2, stderr: "expr: missing operand\nmore\n" }),
  },
});

for (const [side, processes] of [
  ["node", nodeProcesses],
  ["memory", memory],
] as [string, Processes][]) {
  test(`${side}: captures output, hands over input`, async () => {
    const input = "x".repeat(1_000_000);
    const result = await processes.run({ file: "cat" }, { stdin: input });
    assert.deepEqual([result.exitCode, result.signal], [0, undefined]);
    assert.equal(result.stdout.toString(), input);
    assert.equal((await processes.run({ file: "cat" })).stdout.length, 0);
    assert.equal((await processes.run({ file: "cat" }, { stdin: "a", stdout: "ignore" })).stdout.length, 0);
  });

  test(`${side}: gives exactly the environment and directory it is told to`, async () => {
    const result = await processes.run({ file: processes.find("env")!, env: { ONE: "1", TWO: "a b" } });
    assert.equal(result.stdout.toString(), "ONE=1\nTWO=a b\n");
    const where = await processes.run({ file: "pwd", cwd: "/proc", env: { PATH: processes.env["PATH"] } });
    assert.equal(where.stdout.toString(), "/proc\n");
  });

  test(`${side}: another exit code than 0 is an error only to those who ask`, async () => {
    const failed = await processes.run({ file: "false" });
    assert.equal(failed.exitCode, 1);
    const command = { file: "expr" };
    const result = await processes.run(command);
    assert.throws(
      () => checkExit(command, result),
      (error) => isCopseError(error, "program-failed") && error.hint?.includes("missing operand") === true,
    );
  });

  test(`${side}: a missing program has a name`, async () => {
    await assert.rejects(processes.run({ file: "no-such-program" }), (error) =>
      isCopseError(error, "program-missing"),
    );
    await assert.rejects(processes.spawn({ file: "no-such-program" }), (error) =>
      isCopseError(error, "program-missing"),
    );
    assert.equal(processes.find("no-such-program"), undefined);
    assert.equal(processes.find("cat")?.endsWith("/cat"), true);
  });

  test(`${side}: output is bounded`, async () => {
    await assert.rejects(
      processes.run({ file: "cat" }, { stdin: "x".repeat(1000), maxOutputBytes: 999 }),
      (error) => isCopseError(error, "output-too-large"),
    );
  });

  test(`${side}: an aborted run ends with the reason`, async () => {
    const abort = new AbortController();
    const run = processes.run({ file: "sleep", args: ["60"], signal: abort.signal });
    setTimeout(() => abort.abort(new Error("enough")), 20);
    await assert.rejects(run, /enough/);
    await assert.rejects(processes.run({ file: "cat", signal: abort.signal }), /enough/);
  });

  test(`${side}: streams`, async () => {
    const child = await processes.spawn({ file: "cat" });
    await child.write("one ");
    await child.write(Buffer.from("two"));
    child.endInput();
    let seen = "";
    for await (const chunk of child.stdout) seen += Buffer.from(chunk).toString();
    assert.equal(seen, "one two");
    assert.equal((await child.exited).exitCode, 0);
  });

  test(`${side}: a killed process says by which signal`, async () => {
    const child = await processes.spawn({ file: "sleep", args: ["60"] });
    child.kill();
    assert.deepEqual(await child.exited, { exitCode: 143, signal: "SIGTERM" });
  });
}

test("node: what cannot be run, and where it cannot", async () => {
  await assert.rejects(nodeProcesses.run({ file: "cat", cwd: "/no/where" }), (error) =>
    isCopseError(error, "file-not-found"),
  );
  await assert.rejects(nodeProcesses.run({ file: "/etc/passwd" }), (error) =>
    isCopseError(error, "file-unreadable"),
  );
});

test("memory: being replaced can be seen", () => {
  assert.throws(
    () => memory.replace({ file: "/bin/cat", args: ["x"], env: {} }),
    (error) => error instanceof ReplacedProcess && error.command.args[0] === "x",
  );
});
