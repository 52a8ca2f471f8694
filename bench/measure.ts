/** Processes measured from outside: CPU seconds, wall seconds, peak memory. Needs bash and Linux's /proc. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Measurement {
  /** User and system time of the process and its children. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly exitCode: number;
  readonly stdout: string;
  /** Of all processes of the run together, sampled; only where `sampleMemory` asked for it. */
  readonly peakMegabytes: number | undefined;
}

export interface MeasureOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly sampleMemory?: boolean;
}

export async function measure(argv: readonly string[], options: MeasureOptions = {}): Promise<Measurement> {
  const script = 'TIMEFORMAT="copse-time %U %S %R"; time "$@"';
  const child = spawn("bash", ["-c", script, "bash", ...argv], {
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("latin1")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("latin1")));
  let peak = 0;
  const sampler = options.sampleMemory
    ? setInterval(() => (peak = Math.max(peak, treeMegabytes(child.pid as number))), 200)
    : undefined;
  const exitCode = await new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)));
  clearInterval(sampler);
  const times = /copse-time ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr);
  if (!times) throw new Error(`No times for: ${argv.join(" ")}\n${stderr}`);
  if (exitCode !== 0) throw new Error(`Exit code ${exitCode}: ${argv.join(" ")}\n${stderr.slice(-2000)}`);
  return {
    cpuSeconds: Number(times[1]) + Number(times[2]),
    wallSeconds: Number(times[3]),
    exitCode,
    stdout,
    peakMegabytes: options.sampleMemory ? peak : undefined,
  };
}

/** The median run by CPU time, of several. The first is not counted: it fills caches. */
export async function medianOf(
  runs: number,
  argv: readonly string[],
  options: MeasureOptions = {},
): Promise<Measurement> {
  await measure(argv, options);
  const all: Measurement[] = [];
  for (let i = 0; i < runs; i++) all.push(await measure(argv, options));
  all.sort((a, b) => a.cpuSeconds - b.cpuSeconds);
  return all[runs >> 1] as Measurement;
}

export interface Pair {
  readonly ours: readonly Measurement[];
  readonly theirs: readonly Measurement[];
}

/** Runs of the two alternate, so that what else the machine does meets both. The first round fills caches. */
export async function alternate(
  rounds: number,
  ours: readonly string[],
  theirs: readonly string[],
): Promise<Pair> {
  const pair = { ours: [] as Measurement[], theirs: [] as Measurement[] };
  for (let round = 0; round <= rounds; round++) {
    const [first, second] = [await measure(ours), await measure(theirs)];
    if (first.stdout.trim() !== second.stdout.trim())
      throw new Error(`Results differ: ${first.stdout.trim()}, ${second.stdout.trim()}`);
    if (round > 0) pair.ours.push(first);
    if (round > 0) pair.theirs.push(second);
  }
  return pair;
}

/** Resident memory of a process and all below it; what they share is counted once each. */
function treeMegabytes(root: number): number {
  const parents = new Map<number, number>();
  const resident = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, "latin1");
      parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
      resident.set(Number(name), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended meanwhile.
    }
  }
  let total = 0;
  for (const [pid, kilobytes] of resident) {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at !== root) continue;
      total += kilobytes / 1024;
      break;
    }
  }
  return total;
}
