/**
 * Solving for Python packages: copse beside uv and pip, over `python-packages.txt`, from wheels alone and from the index
 * that pip is configured for. Runs of the tools alternate, so that what else the machine does meets all.
 *
 *     npm run bench:python [-- --pip]          COPSE_UV names uv, COPSE_PIP a Python 3.11 with pip
 *
 * The lock holds the answer for Debian's packages and none for Python's; copse's times have all in them that
 * `copse lock` does: reading copse.toml, evaluating the environment it stands for with its derivations, writing the lock.
 *
 * - cold: nothing is in the caches.
 * - warm: the caches hold all, and may ask the index whether it still holds.
 * - warm, no network: the caches are not to ask. pip has no such mode.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Measurement, measure, type Pair } from "./measure.ts";
import { type Row, report, timeRows } from "./results.ts";

const ROUNDS = 5;
const uv = process.env["COPSE_UV"] ?? "uv";
const python = process.env["COPSE_PIP"] ?? "python3.11";
const copse = join(import.meta.dirname, "..", "bin", "copse");
const list = readFileSync(join(import.meta.dirname, "python-packages.txt"), "utf8")
  .split("\n")
  .map((line) => line.replace(/#.*/, "").trim())
  .filter((line) => line !== "");

const directory = mkdtempSync(join(tmpdir(), "copse-bench-python-"));
const project = join(directory, "project");
const requirements = join(directory, "requirements.in");
const lock = join(project, "copse.lock");
const env = {
  XDG_CACHE_HOME: join(directory, "cache"),
  UV_CACHE_DIR: join(directory, "uv"),
  PIP_CACHE_DIR: join(directory, "pip"),
  COPSE_STORE: join(directory, "store"),
};

const uvCommand = (...more: string[]) => [
  ...[uv, "pip", "compile", "--quiet", "--only-binary", ":all:", "--python-version", "3.11"],
  ...["--python-platform", "x86_64-manylinux_2_36", requirements, "-o", join(directory, "uv.txt"), ...more],
];
const copseCommand = (...more: string[]) => [copse, "lock", ...more];
const pipCommand = [
  ...[python, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--only-binary", ":all:"],
  ...["--report", join(directory, "pip.json"), "-r", requirements],
];

try {
  mkdirSync(project);
  writeFileSync(requirements, `${list.join("\n")}\n`);
  const packages = list.map((name) => `  ${JSON.stringify(name)},\n`).join("");
  writeFileSync(
    join(project, "copse.toml"),
    `name = "bench"\n\n[python]\nversion = "3.11"\nonly-binary = [":all:"]\npackages = [\n${packages}]\n`,
  );
  const rows: Row[] = [];
  await measure(copseCommand(), { env, cwd: project });
  const { python: _, ...debianAlone } = JSON.parse(readFileSync(lock, "utf8")) as Record<string, unknown>;
  const unsolved = JSON.stringify(debianAlone);

  rmSync(join(env.XDG_CACHE_HOME, "copse", "python"), { recursive: true });
  const cold = { ours: [await solve(unsolved)], theirs: [await measure(uvCommand(), { env })] };
  rows.push(...timeRows("solve, cold", cold));
  rows.push({ name: "solve, cold: peak memory", unit: "MB", copse: cold.ours[0]!.peakMegabytes! });
  rows.push(...timeRows("solve, warm", await rounds(unsolved)));
  rows.push(...timeRows("solve, warm, no network", await rounds(unsolved, "--offline")));
  await measure(copseCommand(), { env, cwd: project });
  const unchanged = await medianOf(() => measure(copseCommand(), { env, cwd: project }));
  rows.push({ name: "nothing changed: copse lock, wall", unit: "s", copse: unchanged.wallSeconds });
  if (process.argv.includes("--pip")) {
    await measure(pipCommand, { env });
    const pair = { ours: [await solve(unsolved)], theirs: [await measure(pipCommand, { env })] };
    rows.push(...timeRows("solve, warm, beside pip", pair));
  }
  const version = (await measure([uv, "--version"])).stdout.trim();
  report("python", { title: `${list.length} Python packages asked for`, peer: version, rows });
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function solve(unsolved: string, ...more: string[]): Promise<Measurement> {
  writeFileSync(lock, unsolved);
  return await measure(copseCommand(...more), { env, cwd: project, sampleMemory: true });
}

async function rounds(unsolved: string, ...more: string[]): Promise<Pair> {
  const runs = { ours: [] as Measurement[], theirs: [] as Measurement[] };
  for (let round = 0; round < ROUNDS; round++) {
    runs.ours.push(await solve(unsolved, ...more));
    runs.theirs.push(await measure(uvCommand(...more), { env }));
  }
  return runs;
}

async function medianOf(run: () => Promise<Measurement>): Promise<Measurement> {
  const all: Measurement[] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await run());
  return all.sort((a, b) => a.wallSeconds - b.wallSeconds)[ROUNDS >> 1] as Measurement;
}
