/**
 * Configures packages of a root by their own maintainer scripts, for what cannot be done in their place: `dpkg
 * --configure` in the sandbox of builds, on a writable root of its own. What it changed goes into the delta like
 * everything that triggers make.
 */
import { lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type ByteString, byteStringFromText } from "#base";
import { fsPath } from "../byte-path.ts";
import type { RootContext } from "../compose/root-context.ts";
import { debianArchitectureOf } from "../debian-architecture.ts";
import type { RootManifest } from "../root-manifest.ts";
import { BUILD_ENVIRONMENT, type RunInView } from "../run-in-view.ts";
import { linkTarget, type TreeNode, type TreeSource } from "../views/merged-tree.ts";
import type { WorkerPool } from "../worker-pool.ts";
import { dpkgBooks } from "./books.ts";
import { configureFailed } from "./failure.ts";
import { fixedClockLibrary } from "./fixed-clock.ts";
import { isPassing } from "./passing-files.ts";
import { ADDED_PROGRAMS, REPLACED_PROGRAMS } from "./replaced-programs.ts";
import { makeCopiedRoot, makeOverlayRoot, type RootChanges, type WritableRoot } from "./writable-root.ts";

export interface ConfigureOptions {
  readonly root: RootContext;
  readonly sources: readonly TreeSource[];
  readonly diversions: RootManifest["diversions"];
  readonly toConfigure: ReadonlySet<string>;
  readonly workDir: string;
  readonly runInView: RunInView;
  readonly pool: WorkerPool | undefined;
  readonly signal: AbortSignal | undefined;
  /** `configure.sh`, of this folder. */
  readonly script: string;
  /** Whether overlays are not even tried. */
  readonly copiesOnly?: boolean;
}

const READY = "/copse/configure";
/** How `configure.sh` says that there can be no overlay here. */
const NO_OVERLAY = 77;
/** Times and seeds that programs would else take from the machine. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  ...BUILD_ENVIRONMENT,
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  USER: "root",
  LOGNAME: "root",
  PERL_HASH_SEED: "0",
  PYTHONDONTWRITEBYTECODE: "1",
  // Of TeX: formats take the time from SOURCE_DATE_EPOCH only with this.
  FORCE_SOURCE_DATE: "1",
};

/** Adds to the root's delta. Returns the paths of packages' files that scripts removed. Throws "root-configure-failed". */
export async function configurePackages(options: ConfigureOptions): Promise<readonly ByteString[]> {
  const { root, workDir, diversions, pool, signal } = options;
  const deltaPath = byteStringFromText(`${workDir}/delta-before`);
  root.delta.write(deltaPath);
  const delta: TreeSource = { kind: "delta", label: "delta", realPath: deltaPath };
  const request = { sources: [...options.sources, delta], diversions, pool, signal };
  const directory = byteStringFromText(`${workDir}/configured`);
  if (!options.copiesOnly) {
    const removed = await configureIn(await makeOverlayRoot(directory, request), options);
    if (removed) return removed;
  }
  const removed = await configureIn(await makeCopiedRoot(directory, request), options);
  if (!removed) throw new Error("A copied root needs no overlay");
  return removed;
}

/** Undefined where the root cannot be had in this way. */
async function configureIn(
  writable: WritableRoot,
  options: ConfigureOptions,
): Promise<readonly ByteString[] | undefined> {
  try {
    writeBooks(writable, options);
    writable.begin();
    const { exitCode, output } = await run(writable, options);
    if (exitCode === NO_OVERLAY && writable.kind === "overlay") return undefined;
    if (exitCode !== 0) throw configureFailed(output, exitCode);
    options.signal?.throwIfAborted();
    return collect(options.root, writable.changes());
  } finally {
    writable.remove();
  }
}

function writeBooks(writable: WritableRoot, { root, toConfigure, diversions }: ConfigureOptions): void {
  const architecture = debianArchitectureOf(root.system);
  for (const [path, text] of dpkgBooks({ packages: root.packages, toConfigure, diversions, architecture })) {
    const real = writable.writable(path);
    mkdirSync(fsPath(dirname(real)), { recursive: true });
    const isScript = /\.(?:preinst|postinst|prerm|postrm|config)$/.test(path);
    writeFileSync(fsPath(real), Buffer.from(text, "latin1"), { mode: isScript ? 0o755 : 0o644 });
  }
}

/** Packages whose `preinst` does something that nothing else has done. */
function preinstsOf(root: RootContext, toConfigure: ReadonlySet<string>): string[] {
  const unread = root.findings.unread.filter(
    ({ packageName, scriptName }) => scriptName === "preinst" && toConfigure.has(packageName),
  );
  return unread.map(({ packageName }) => {
    const found = root.packages.find(({ name }) => name === packageName);
    const isShared = found?.control.get("Multi-Arch") === "same";
    return isShared ? `${packageName}:${found?.control.get("Architecture")}` : packageName;
  });
}

async function run(
  writable: WritableRoot,
  options: ConfigureOptions,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const { root, workDir, runInView, signal } = options;
  const ready = `${workDir}/configure-${writable.kind}`;
  mkdirSync(`${ready}/replaced`, { recursive: true });
  writeFileSync(`${ready}/configure.sh`, readFileSync(options.script));
  const clock = fixedClockLibrary(root.system);
  if (clock) writeFileSync(`${ready}/clock.so`, clock);
  for (const [name, text] of Object.entries(REPLACED_PROGRAMS)) {
    // What the root does not have, scripts do not call.
    if (root.tree.lookup(`/usr/bin/${name}`)) writeFileSync(`${ready}/replaced/${name}`, text);
  }
  for (const [name, text] of Object.entries(ADDED_PROGRAMS)) {
    const isThere = ["bin", "sbin"].some((folder) => root.tree.lookup(`/usr/${folder}/${name}`));
    if (!isThere) writeFileSync(`${ready}/replaced/${name}`, text);
  }
  // The sandbox's user owns everything but is not 0, and many programs ask for that number.
  const asRoot = ["/usr/bin/unshare", "--user", "--map-root-user", "--mount", "--"];
  const preinsts = preinstsOf(root, options.toConfigure);
  const argv = [...asRoot, "/bin/sh", `${READY}/configure.sh`, writable.kind, ...preinsts];
  const { exitCode, stderr } = await runInView(
    Buffer.from(writable.viewDir, "latin1").toString("utf8"),
    argv,
    {
      env: ENVIRONMENT,
      binds: [...writable.binds, { source: ready, target: READY, isWritable: false }],
      signal,
    },
  );
  return { exitCode, output: stderr };
}

function collect(root: RootContext, changes: RootChanges): ByteString[] {
  const { delta, tree } = root;
  for (const path of changes.touched) if (!isPassing(path)) take(root, path, changes.realPathOf(path));
  const removed: ByteString[] = [];
  for (const path of changes.removed) {
    if (isPassing(path)) continue;
    delta.remove(path);
    if (tree.lookupLink(path)) removed.push(path);
  }
  // Of a directory that is gone, its own name says enough.
  return removed.filter((path) => !removed.some((other) => path.startsWith(`${other}/`)));
}

function take({ delta, tree }: RootContext, path: ByteString, realPath: ByteString): void {
  const real = fsPath(realPath);
  const status = lstatSync(real);
  if (status.isDirectory()) {
    delta.remove(path);
    delta.directory(path);
  } else if (status.isSymbolicLink()) {
    const target = readlinkSync(real, { encoding: "latin1" });
    const known = tree.lookupLink(path);
    if (!delta.has(path) && known?.kind === "symlink" && linkTarget(known) === target) return;
    delta.remove(path);
    delta.link(path, target);
  } else if (status.isFile()) {
    const contents = readFileSync(real);
    const isExecutable = (status.mode & 0o111) !== 0;
    if (!delta.has(path) && isSame(tree.lookupLink(path), contents, isExecutable)) return;
    delta.remove(path);
    delta.file(path, contents, { isExecutable });
  }
  // Sockets and pipes are of processes that are gone.
}

function isSame(node: TreeNode | undefined, contents: Buffer, isExecutable: boolean): boolean {
  if (node?.kind !== "file") return false;
  const { size, mode } = lstatSync(fsPath(node.realPath));
  if (size !== contents.length || ((mode & 0o111) !== 0) !== isExecutable) return false;
  return readFileSync(fsPath(node.realPath)).equals(contents);
}
