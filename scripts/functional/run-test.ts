/**
 * One functional test as a process: bash, with the variables that Nix's build system gives it and nothing of the
 * caller's. 77 is the exit code of a test that decided that it cannot run here.
 */
import { spawn } from "node:child_process";
import { closeSync, fchownSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Stage } from "./stage.ts";
import type { FunctionalTest } from "./suites.ts";

export interface Outcome {
  readonly kind: "pass" | "skip" | "fail" | "timeout";
  readonly durationMs: number;
  /** The end of the log, for a person. */
  readonly lastLines: readonly string[];
}

export interface RunTestOptions {
  readonly timeoutMs: number;
  /** File for everything that the test prints. */
  readonly log: string;
  readonly signal: AbortSignal;
}

const LAST_LINES = 12;

export async function runTest(stage: Stage, test: FunctionalTest, options: RunTestOptions): Promise<Outcome> {
  const mark = `COPSE_FUNCTIONAL_TEST=${stage.root}:${test.id}`;
  const started = performance.now();
  const output = openSync(options.log, "w");
  // Tests open /dev/stderr, which is this file.
  if (process.getuid?.() === 0) fchownSync(output, stage.user.uid, stage.user.gid);
  const child = spawn("bash", ["-x", "-e", "-u", "-o", "pipefail", `${test.name}.sh`], {
    cwd: join(stage.sourceDir, test.folder),
    env: environment(stage, test, mark),
    stdio: ["ignore", output, output],
    detached: true,
    uid: stage.user.uid,
    gid: stage.user.gid,
  });
  closeSync(output);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const outOfTime = new Promise<"timeout">((resolve) =>
    limit.addEventListener("abort", () => resolve("timeout"), { once: true }),
  );
  const ending = await Promise.race([exited, outOfTime]);
  await endRemaining(mark);
  return {
    kind: ending === "timeout" ? "timeout" : ending === 0 ? "pass" : ending === 77 ? "skip" : "fail",
    durationMs: performance.now() - started,
    lastLines: lastLines(options.log),
  };
}

function environment(stage: Stage, test: FunctionalTest, mark: string): NodeJS.ProcessEnv {
  const [markName, markValue] = mark.split("=") as [string, string];
  return {
    PATH: process.env["PATH"],
    USER: stage.user.name,
    LANG: "C.UTF-8",
    TMPDIR: stage.temporaryDir,
    HOME: stage.temporaryDir,
    _NIX_TEST_SOURCE_DIR: stage.sourceDir,
    _NIX_TEST_BUILD_DIR: stage.buildDir,
    TEST_SUITE_NAME: test.suite,
    TEST_NAME: test.name,
    NIX_REMOTE: "",
    // Nix's development environment has it.
    shell: stage.bash,
    // Read by the tests whether set or not. Not empty, it would say that the tests run inside a build.
    NIX_STORE: "",
    PS4: "+(${BASH_SOURCE[0]-$0}:$LINENO) ",
    [markName]: markValue,
  };
}

/** Daemons and builders that a test left running are known by the variable that they inherited. */
async function endRemaining(mark: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const remaining = markedProcesses(mark);
    if (remaining.length === 0) return;
    for (const pid of remaining) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
    await delay(20);
  }
}

function markedProcesses(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(mark);
      } catch {
        // Gone meanwhile, or another user's.
        return false;
      }
    });
}

/** What bash says of the suite's own functions is longer than what matters. */
const NOISE = /common\/functions\.sh:\d+\)|^\++(?:\([^)]*\))? (?:onError|set \+x)/;

function lastLines(log: string): string[] {
  const lines = readFileSync(log, "utf8")
    .trimEnd()
    .split("\n")
    .filter((line) => !NOISE.test(line));
  return lines.slice(-LAST_LINES).map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line));
}
