/**
 * Python packages: copse beside uv and pip, over `python-packages.txt`, from wheels alone and from the index that pip is
 * configured for. Runs of the tools alternate, so that what else the machine does meets all.
 *
 *     npm run bench:python          COPSE_UV names uv, COPSE_PIP a Python 3.11 with pip
 *
 * Solved with warm caches and without network (uv and copse; pip has no such mode), and with caches that hold the pages but
 * may ask the index whether they still hold (all three).
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  // What Debian's part needs is no part of the comparison, and is there beforehand.
  await lockAnew();
  rmSync(join(env.XDG_CACHE_HOME, "copse", "python"), { recursive: true });
  const cold = { ours: [await lockAnew()], theirs: [await measure(uvCommand(), { env })] };
  rows.push(...timeRows("solve, cold cache", cold));
  rows.push(...timeRows("solve, warm cache", await rounds(copseCommand(), uvCommand())));
  rows.push(
    ...timeRows(
      "solve, warm cache, no network",
      await rounds(copseCommand("--offline"), uvCommand("--offline")),
    ),
  );
  const unchanged = await medianOf(() => measure(copseCommand(), { env, cwd: project }));
  rows.push({ name: "nothing changed: copse lock, wall", unit: "s", copse: unchanged.wallSeconds });
  copyFileSync(lock, join(directory, "copse.lock"));
  if (process.argv.includes("--pip")) {
    await measure(pipCommand, { env });
    rows.push(
      ...timeRows("solve, warm cache, beside pip", {
        ours: [await lockAnew()],
        theirs: [await measure(pipCommand, { env })],
      }),
    );
  }
  const version = (await measure([uv, "--version"])).stdout.trim();
  report("python", { title: `${list.length} Python packages asked for`, peer: version, rows });
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function lockAnew(...more: string[]): Promise<Measurement> {
  rmSync(lock, { force: true });
  return await measure(copseCommand(...more), { env, cwd: project, sampleMemory: true });
}

async function rounds(ours: readonly string[], theirs: readonly string[]): Promise<Pair> {
  const runs = { ours: [] as Measurement[], theirs: [] as Measurement[] };
  for (let round = 0; round < ROUNDS; round++) {
    rmSync(lock, { force: true });
    runs.ours.push(await measure(ours, { env, cwd: project }));
    runs.theirs.push(await measure(theirs, { env }));
  }
  return runs;
}

async function medianOf(run: () => Promise<Measurement>): Promise<Measurement> {
  const all: Measurement[] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await run());
  return all.sort((a, b) => a.wallSeconds - b.wallSeconds)[ROUNDS >> 1] as Measurement;
}
