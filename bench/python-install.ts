/**
 * Installing Python packages from files that are at hand: copse beside uv and pip, over `python-packages.txt`, without
 * network.
 *
 *     npm run bench:python-install [-- --all | NAME...]     COPSE_UV names uv, COPSE_PIP a Python 3.11 with pip;
 *                                                           COPSE_BENCH_WHEELS a folder that `copse fetch` fills, to be kept
 *
 * Without `--all`, what needs CUDA is left out: 1.4 GB of wheels and 15 GB of disk instead of 4.9 and 45. What is compared:
 *
 * - *first*: wheels are there, nothing is unpacked. uv fills an empty cache and links its files into an environment; pip
 *   unpacks into one; copse checks every file against RECORD, unpacks, and hashes for the store. No byte code.
 * - *first, compiled*: the same with byte code: pip's default, uv's --compile-bytecode.
 * - *again*: another environment, with all but the last of the packages that were asked for: uv links from its cache, copse
 *   from the store. pip always unpacks.
 *
 * pip and copse take requirements as locked; neither solves. Debian's root is there before.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Measurement, measure, type Pair } from "./measure.ts";
import { type Row, report, timeRows } from "./results.ts";

const uv = process.env["COPSE_UV"] ?? "uv";
const python = process.env["COPSE_PIP"] ?? "python3.11";
const copse = join(import.meta.dirname, "..", "bin", "copse");
const directory = mkdtempSync(join(process.env["COPSE_BENCH_DIR"] ?? tmpdir(), "copse-bench-install-"));
const mirror = process.env["COPSE_BENCH_WHEELS"] ?? join(directory, "mirror");
const project = join(directory, "project");
const requirements = join(directory, "requirements.txt");
const another = join(directory, "another");
const fewerRequirements = join(directory, "fewer.txt");
const uvCache = join(directory, "uv");
const store = join(directory, "store");
const env = {
  XDG_CACHE_HOME: join(directory, "cache"),
  COPSE_MIRRORS: mirror,
  COPSE_STORE: store,
  UV_CACHE_DIR: uvCache,
  PIP_CACHE_DIR: join(directory, "pip"),
};

interface LockedPackage {
  readonly name: string;
  readonly file: string;
  readonly size: number;
  readonly dependencies: readonly string[];
  readonly for: readonly string[];
}

try {
  mkdirSync(project);
  mkdirSync(another);
  const names = process.argv.slice(2).filter((name) => name !== "--all");
  const isWhole = process.argv.includes("--all") || names.length > 0;
  let asked = names.length > 0 ? names : listed();
  writeProject(project, asked);
  await runCopse("lock");
  if (!isWhole) {
    asked = withoutCuda(lockedPackages());
    writeProject(project, asked);
    await runCopse("lock");
  }
  // What is in the folder already is checked and kept.
  await runCopse("fetch", "-o", mirror);
  const packages = lockedPackages();
  const gigabytes = (packages.reduce((sum, { size }) => sum + size, 0) / 1e9).toFixed(2);
  const found = wheelsIn(mirror);
  const fileList = (of: readonly LockedPackage[]) => of.map(({ file }) => `${found.get(file)}\n`).join("");
  writeFileSync(requirements, fileList(packages));
  writeProject(another, asked.slice(0, -1));
  await measure([copse, "lock"], { env, cwd: another });
  const known = new Set(packages.map(({ file }) => file));
  writeFileSync(fewerRequirements, fileList(lockedPackages(another).filter(({ file }) => known.has(file))));

  // Everything, so that the root and what wheels need of it are there, and the lock complete.
  await runCopse("run", "true");
  const rows: Row[] = [];
  for (const compiled of [false, true]) {
    const name = compiled ? "first, compiled" : "first";
    const trees = outputsOf("builtin:copse-wheel");
    await forget(compiled ? [...trees, ...outputsOf("builtin:copse-bytecode", trees)] : trees);
    const ours = [await measure([copse, "run", "true"], { env, cwd: project, sampleMemory: true })];
    rmSync(uvCache, { recursive: true, force: true });
    rows.push(...sideBySide(`${name}, uv`, { ours, theirs: [await installByUv(compiled)] }));
    const again = compiled
      ? []
      : [await measure([copse, "run", "true"], { env, cwd: another, sampleMemory: true })];
    if (!compiled)
      rows.push(
        ...sideBySide("again, uv", { ours: again, theirs: [await installByUv(false, fewerRequirements)] }),
      );
    rmSync(uvCache, { recursive: true, force: true });
    const byPip = [await installByPip(compiled)];
    rows.push(...sideBySide(`${name}, pip`, { ours, theirs: byPip }));
    if (!compiled) rows.push(...sideBySide("again, pip", { ours: again, theirs: byPip }));
  }
  const version = (await measure([uv, "--version"])).stdout.trim();
  const pip = (await measure([python, "-m", "pip", "--version"])).stdout.split(" from ")[0];
  const title = `${packages.length} Python packages, ${gigabytes} GB of wheels`;
  report("python-install", { title, peer: `${version}; ${pip}`, rows });
} finally {
  await measure(["chmod", "-R", "u+w", directory]);
  rmSync(directory, { recursive: true, force: true });
}

function listed(): string[] {
  return readFileSync(join(import.meta.dirname, "python-packages.txt"), "utf8")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
}

function writeProject(folder: string, names: readonly string[]): void {
  const packages = names.map((name) => `  ${JSON.stringify(name)},\n`).join("");
  const python = `[python]\nversion = "3.11"\nonly-binary = [":all:"]\npackages = [\n${packages}]\n`;
  rmSync(join(folder, "copse.lock"), { force: true });
  writeFileSync(join(folder, "copse.toml"), `name = "bench"\n\n${python}`);
}

/** The one list of Python packages in the lock. */
function lockedPackages(folder = project): readonly LockedPackage[] {
  const lock = JSON.parse(readFileSync(join(folder, "copse.lock"), "utf8")) as { python: object };
  const visit = (value: unknown): readonly LockedPackage[] => {
    if (typeof value !== "object" || value === null) return [];
    const { packages } = value as { packages?: readonly LockedPackage[] };
    return packages ?? Object.values(value).flatMap(visit);
  };
  return visit(lock.python);
}

/** What was asked for itself and rests on nothing for graphics processors. */
function withoutCuda(packages: readonly LockedPackage[]): string[] {
  const byName = new Map(packages.map((one) => [one.name, one]));
  const closure = (name: string, seen: Set<string>): Set<string> => {
    const one = byName.get(name);
    if (!one || seen.has(name)) return seen;
    seen.add(name);
    for (const dependency of one.dependencies) closure(dependency, seen);
    return seen;
  };
  const isForCuda = (name: string) => name === "torch" || name.startsWith("nvidia-");
  const asked = packages.filter((one) => one.for.includes(".")).map(({ name }) => name);
  return asked.filter((name) => ![...closure(name, new Set())].some(isForCuda));
}

function wheelsIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(files.map(({ name, parentPath }) => [name, join(parentPath, name)]));
}

async function runCopse(...args: string[]): Promise<void> {
  await measure([copse, ...args], { env, cwd: project });
}

/** Valid outputs of all derivations of a builder, or of those that have one of some paths as input. */
function outputsOf(builder: string, inputs?: readonly string[]): string[] {
  const folder = join(store, "nix", "store");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".drv"))
    .map((name) => readFileSync(join(folder, name), "latin1"))
    .filter((drv) => drv.includes(`"${builder}"`) && (!inputs || inputs.some((path) => drv.includes(path))))
    .map((drv) => /"out","([^"]+)"/.exec(drv)?.[1] as string)
    .filter((path) => existsSync(join(store, path)));
}

async function forget(paths: readonly string[]): Promise<void> {
  rmSync(join(env.XDG_CACHE_HOME, "copse", "environments"), { recursive: true, force: true });
  await runCopse("store", "delete", "--ignore-liveness", "--also-referrers", ...paths);
}

async function inNewEnvironment(command: readonly string[], more: object): Promise<Measurement> {
  const venv = join(directory, "venv");
  await measure([python, "-m", "venv", "--without-pip", "--clear", venv]);
  const done = await measure(command, { env: { ...env, VIRTUAL_ENV: venv, ...more }, sampleMemory: true });
  rmSync(venv, { recursive: true, force: true });
  return done;
}

function installByUv(compiled: boolean, list = requirements): Promise<Measurement> {
  const mode = compiled ? ["--compile-bytecode"] : [];
  const command = [uv, "pip", "install", "--quiet", "--offline", "--no-deps", ...mode, "-r", list];
  return inNewEnvironment(command, {});
}

function installByPip(compiled: boolean): Promise<Measurement> {
  const mode = compiled ? [] : ["--no-compile"];
  const pip = [python, "-m", "pip", "--python", join(directory, "venv"), "install", "--quiet"];
  return inNewEnvironment([...pip, "--no-index", "--no-deps", ...mode, "-r", requirements], {});
}

function sideBySide(name: string, pair: Pair): Row[] {
  const [ours, theirs] = [pair.ours[0], pair.theirs[0]];
  const memory = { name: `${name}, peak memory`, unit: "MB" };
  return [
    ...timeRows(name, pair),
    { ...memory, copse: ours?.peakMegabytes ?? Number.NaN, peer: theirs?.peakMegabytes },
  ];
}
