/**
 *     npm run proof:kill [-- COUNT [SEED]]
 *
 * Kills copse and its builders COUNT times (default 200) at random moments while they build, add, compose and collect, and
 * looks each time whether all is well:
 *
 * - every path that was valid just before is still valid afterwards, unless the run was a collection;
 * - nothing of the killed run is left running after a few seconds;
 * - C++ Nix's `nix-store --verify --check-contents` has nothing to say about the store, nor has copse's own;
 * - the same command, run again, completes, and a collection clears what killed runs left in the store.
 *
 * The seed decides what is run, when and how it is struck; SEED repeats a run as far as the machine does.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Random } from "#format/testing";
import { type Builder, copseBuilder, cppNixBuilder, verifyStore } from "../proofs/builders.ts";
import { makeStaticTools } from "../proofs/static-tools.ts";
import { describe, processesOf } from "./processes.ts";
import { strayNames, validPaths } from "./store-state.ts";
import { type Command, run, WAYS } from "./victim.ts";

const count = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const random = new Random(seed);
const folder = realpathSync(mkdtempSync(join(tmpdir(), "copse-kill-")));
const store = join(folder, "store");
const GRACE_MS = 5000;
// The store is begun anew now and then, so that checking it does not take longer and longer.
const ROUNDS_PER_STORE = 25;
// Small packages: any few of them are a root that nobody composed before.
const PACKAGES = [
  "hello",
  "tree",
  "sl",
  "figlet",
  "bc",
  "dc",
  "ed",
  "rename",
  "pv",
  "moreutils",
  "time",
  "less",
];

type Action = "build" | "add" | "compose" | "collect";

interface Round {
  readonly action: Action;
  readonly command: Command;
}

function commandFor(action: Action, copse: Builder, round: number): Command {
  const call = (program: string, args: readonly string[]): Command => ({
    program: copse.program(program),
    args,
    env: copse.env,
    cwd: folder,
  });
  switch (action) {
    case "build": {
      const expression = `import ${import.meta.dirname}/workload.nix { tools = ${folder}/tools; tree = ${folder}/tree; round = ${round}; }`;
      return call("nix-build", ["--no-out-link", "-E", expression]);
    }
    case "add":
      return call("nix-store", ["--add", join(folder, `added-${round}`)]);
    case "compose":
      return call("copse", ["run", "-f", join(folder, `shell-${round}.nix`), "--", "true"]);
    case "collect":
      return call("nix-collect-garbage", []);
  }
}

function nextRound(copse: Builder, round: number): Round {
  const kind = random.below(100);
  const action: Action = kind < 62 ? "build" : kind < 78 ? "add" : kind < 86 ? "compose" : "collect";
  if (action === "add") {
    cpSync(join(folder, "tree"), join(folder, `added-${round}`), { recursive: true });
    writeFileSync(join(folder, `added-${round}`, "which"), `${round}`);
  }
  if (action === "compose") {
    const packages = PACKAGES.filter(() => random.chance(0.3)).map((name) => `pkgs.${name}`);
    writeFileSync(
      join(folder, `shell-${round}.nix`),
      `{ pkgs ? import <nixpkgs> { } }:\npkgs.mkShell { packages = [ pkgs.coreutils ${packages.join(" ")} ]; }\n`,
    );
  }
  return { action, command: commandFor(action, copse, round) };
}

/** Empty once everything has ended; those that had not after some seconds, described and then killed. */
async function leftovers(): Promise<string[]> {
  for (let waited = 0; waited < GRACE_MS; waited += 100) {
    if (processesOf(folder).length === 0) return [];
    await delay(100);
  }
  const remaining = processesOf(folder);
  const lines = remaining.map(describe);
  for (const pid of remaining) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
  return lines;
}

function missing(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...before].filter(([path, hash]) => after.get(path) !== hash).map(([path]) => path);
}

function removeStore(): void {
  execFileSync("sh", ["-c", 'chmod -R u+w "$0" 2>/dev/null; rm -rf "$0"', store]);
}

function leftInStore(): string[] {
  return strayNames(store).filter((name) => !name.endsWith(".lock"));
}

let failures = 0;
let struck = 0;
const byAction = new Map<Action, number>();
/** How long an undisturbed run of each action takes here, to strike within it. */
const usualMs: Record<Action, number> = { build: 1500, add: 500, compose: 5000, collect: 500 };

async function strikeOnce(round: number, judge: Builder, copse: Builder): Promise<void> {
  const { action, command } = nextRound(copse, round);
  const way = random.pick(WAYS);
  const afterMs = random.below(Math.ceil(usualMs[action] * 1.1));
  const problems: string[] = [];
  let before = validPaths(store);

  const ended = await run(command, {
    way,
    afterMs,
    random,
    before: () => {
      before = validPaths(store);
    },
  });
  if (ended.wasStruck) struck += 1;
  for (const line of await leftovers()) problems.push(`still running: ${line}`);
  const after = validPaths(store);
  if (action !== "collect")
    for (const path of missing(before, after)) problems.push(`no longer valid: ${path}`);
  if (!ended.wasStruck && ended.status !== 0)
    problems.push(`ended with ${ended.status} by itself: ${ended.stderr.slice(-800)}`);
  if (ended.status === 2) problems.push(`a fault of copse: ${ended.stderr.slice(-800)}`);
  for (const line of verifyStore(judge, store)) problems.push(`verify: ${line}`);

  const again = await run(command);
  if (again.status !== 0)
    problems.push(`the next run ended with ${again.status ?? again.signal}: ${again.stderr.slice(-800)}`);
  else usualMs[action] = usualMs[action] * 0.7 + again.durationMs * 0.3;
  for (const line of await leftovers()) problems.push(`still running after the next run: ${line}`);
  const own = copse.run("nix-store", ["--verify", "--check-contents"]);
  if (own.status !== 0)
    problems.push(`copse's own check ended with ${own.status}: ${own.stderr.slice(-800)}`);
  // What a killed run left unfinished may stay until somebody collects.
  if (action === "collect") for (const name of leftInStore()) problems.push(`left in the store: ${name}`);

  byAction.set(action, (byAction.get(action) ?? 0) + 1);
  if (problems.length > 0) {
    failures += 1;
    console.log(
      `round ${round}: ${action}, ${way} after ${afterMs} ms (${ended.wasStruck ? "struck" : "was over"})`,
    );
    for (const line of problems.slice(0, 12)) console.log(`    ${line}`);
  } else if (round % 10 === 0) console.log(`${round} rounds, ${struck} struck, ${failures} with problems`);
}

let isStopped = false;
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => {
    isStopped = true;
  });

console.log(`${count} rounds, seed ${seed}`);
const started = performance.now();
try {
  makeStaticTools(join(folder, "tools"));
  for (let i = 0; i < 200; i++) {
    mkdirSync(join(folder, "tree", `d${i % 20}`), { recursive: true });
    writeFileSync(join(folder, "tree", `d${i % 20}`, `f${i}`), random.bytes(random.below(30_000)));
  }
  const judge = cppNixBuilder(folder, store);
  const copse = copseBuilder(folder, store);
  for (let round = 1; round <= count && !isStopped; round++) {
    if (round % ROUNDS_PER_STORE === 1) removeStore();
    await strikeOnce(round, judge, copse);
  }
  const actions = [...byAction].map(([action, times]) => `${times} ${action}`).join(", ");
  console.log(
    `${count} rounds (${actions}), ${struck} struck while running, ${failures} with problems, seed ${seed}`,
  );
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
  process.exitCode = failures === 0 && !isStopped ? 0 : 1;
} finally {
  for (const pid of processesOf(folder)) process.kill(pid, "SIGKILL");
  execFileSync("sh", ["-c", 'chmod -R u+w "$0" 2>/dev/null; rm -rf "$0"', folder]);
}
