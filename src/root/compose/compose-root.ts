/**
 * Composes a root: what is left to do once packages are unpacked, done without any of their scripts.
 *
 * A root is two things in one small store path. `manifest` names the packages' trees in order. `delta/` is what
 * dpkg's triggers and the packages' `postinst` scripts would have made: it is laid over the packages in every
 * view. Most of it is written by own code from what the packages declare; indexes whose formats belong to a
 * program are made by that program, in a passing view of the packages.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { byteStringFromText, installedPath } from "#base";
import { configurePackages } from "../configure/configure-packages.ts";
import { CONFIGURE_AUTO, type ConfigureRequest, packagesToConfigure } from "../configure/request.ts";
import { removeReadOnlyTree } from "../remove-tree.ts";
import { formatRootManifest, ROOT_MANIFEST_VERSION, type RootManifest } from "../root-manifest.ts";
import type { RunInView } from "../run-in-view.ts";
import type { UnreadScript } from "../scripts/unread-script.ts";
import { addAccounts } from "../triggers/accounts.ts";
import { addBaseLayout } from "../triggers/base-layout.ts";
import { addCertificates } from "../triggers/certificates.ts";
import { addDpkgStatus } from "../triggers/dpkg-status.ts";
import { addFontLinks, addGhostscriptMaps } from "../triggers/fonts.ts";
import { addJavaCertificates } from "../triggers/java.ts";
import { addLanguageFiles } from "../triggers/languages.ts";
import { addScriptedFiles, diversionsOf } from "../triggers/script-calls.ts";
import { planToolRuns } from "../triggers/tool-triggers.ts";
import { readControl, readControlFile } from "../unpacking/package-control.ts";
import { mergeSources } from "../views/build-view.ts";
import type { TreeSource } from "../views/merged-tree.ts";
import { type WorkerPool, withWorkerPool } from "../worker-pool.ts";
import { Delta } from "./delta.ts";
import type { RootContext, RootPackage, StaticTrigger } from "./root-context.ts";
import { runTools } from "./run-tools.ts";

/** A store path that is part of a root, and where it really lies. */
export interface RootTree {
  readonly storePath: string;
  readonly realPath: string;
}

export interface ComposeRootOptions {
  /** Unpacked packages in dependency order: of two that want one thing alike, the first gets it. */
  readonly packages: readonly RootTree[];
  /** Byte code of the packages: see `compileBytecode`. */
  readonly bytecode: readonly RootTree[];
  readonly suite: string;
  /** `x86_64-linux` */
  readonly system: string;
  /** A directory that does not exist yet: becomes the store path. */
  readonly target: string;
  /** An empty directory for passing files, best on the file system of the packages. */
  readonly workDir: string;
  readonly runInView: RunInView;
  /** Locales to be made, as in `locale.gen(5)`: `de_DE.UTF-8 UTF-8`. */
  readonly locales?: readonly string[];
  /** Which packages are configured by their own scripts; default: those that need it. */
  readonly configure?: ConfigureRequest;
  /** Whether scripts run in a copy of the root even where an overlay would do. */
  readonly copiesOnly?: boolean;
  /** Told which packages are configured by their own scripts, and why. */
  readonly onConfigure?: (packages: readonly string[], unread: readonly UnreadScript[]) => void;
  /** How many programs may run at once. */
  readonly concurrency?: number;
  readonly pool?: WorkerPool | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Scripts come early: they tell which accounts there are. */
const STATIC_TRIGGERS: readonly StaticTrigger[] = [
  addBaseLayout,
  addScriptedFiles,
  addAccounts,
  addLanguageFiles,
  addFontLinks,
  addGhostscriptMaps,
  addCertificates,
  addJavaCertificates,
  addDpkgStatus,
];

/** What no trigger's program reads, and what would be most of the passing view's files. */
const NOT_IN_PASSING_VIEW = [
  "/usr/include",
  "/usr/lib/R/library",
  "/usr/lib/R/site-library",
  "/usr/lib/gcc",
  "/usr/lib/python3",
  "/usr/share/doc",
  "/usr/share/locale",
  "/usr/share/man",
  "/usr/share/perl",
  "/usr/share/zoneinfo",
  "/usr/src",
];

/**
 * Writes `target/manifest` and `target/delta/`. The same packages give the same bytes. Throws
 * "root-file-conflict" where packages cannot be merged, "root-trigger-failed" where a program fails.
 */
export async function composeRoot(options: ComposeRootOptions): Promise<void> {
  const { workDir, signal } = options;
  signal?.throwIfAborted();
  const packageSources = options.packages.map((tree) => treeSource(tree, "package"));
  const sources = [...packageSources, ...options.bytecode.map((tree) => treeSource(tree, "bytecode"))];
  const packages = packageSources.map(rootPackage).filter((found) => found !== undefined);
  const diversions = packages.flatMap(diversionsOf);
  const tree = mergeSources(packageSources, diversions);
  const root: RootContext = {
    tree,
    delta: new Delta(),
    packages,
    findings: { accounts: [], unread: [] },
    suite: options.suite,
    system: options.system,
    locales: options.locales ?? [],
    configure: options.configure ?? CONFIGURE_AUTO,
  };
  for (const trigger of STATIC_TRIGGERS) trigger(root);
  root.delta.file("/etc/copse/trees", sources.map(({ label }) => `${label}\n`).join(""));

  const runs = planToolRuns(root);
  // What programs write over must be there to be written over.
  for (const { outputAt } of runs) if (!outputAt.startsWith("/copse/")) root.delta.directory(outputAt);
  const viewDir = `${workDir}/view`;
  try {
    if (runs.length > 0)
      await buildPassingView({ ...options, root, viewDir, sources: packageSources, diversions });
    await runTools(root, runs, { ...options, viewDir, concurrency: options.concurrency ?? 2 });
  } finally {
    removeReadOnlyTree(byteStringFromText(viewDir));
  }
  const absent = await configureWhereNeeded(options, { root, sources: packageSources, diversions });
  await writeRoot(options.target, root, {
    version: ROOT_MANIFEST_VERSION,
    suite: options.suite,
    system: options.system,
    packageCount: packageSources.length,
    diversions,
    absent,
    trees: sources.map(({ label }) => label),
  });
}

async function configureWhereNeeded(
  options: ComposeRootOptions,
  composed: {
    readonly root: RootContext;
    readonly sources: readonly TreeSource[];
    readonly diversions: RootManifest["diversions"];
  },
): Promise<readonly string[]> {
  const { root } = composed;
  const { unread } = root.findings;
  const withScripts = root.packages.filter(
    (each) => readControlFile(each.source.realPath, "postinst") !== undefined,
  );
  const names = new Set([
    ...withScripts.map(({ name }) => name),
    ...unread.map(({ packageName }) => packageName),
  ]);
  const toConfigure = packagesToConfigure(root.configure, { withScripts: [...names], unread });
  if (toConfigure.size === 0) return [];
  options.onConfigure?.([...toConfigure], unread);
  const { workDir, runInView, pool, signal, copiesOnly = false } = options;
  const script = installedPath("src/root/configure/configure.sh");
  return configurePackages({
    ...composed,
    toConfigure,
    workDir,
    runInView,
    pool,
    signal,
    script,
    copiesOnly,
  });
}

async function buildPassingView(
  options: Pick<ComposeRootOptions, "workDir" | "pool" | "signal"> & {
    readonly root: RootContext;
    readonly viewDir: string;
    readonly sources: readonly TreeSource[];
    readonly diversions: RootManifest["diversions"];
  },
): Promise<void> {
  const { root, viewDir, workDir, diversions, pool, signal } = options;
  const deltaPath = byteStringFromText(`${workDir}/delta`);
  root.delta.write(deltaPath);
  const delta: TreeSource = { kind: "delta", label: "delta", realPath: deltaPath };
  const sources = [...options.sources, delta];
  const target = byteStringFromText(viewDir);
  const task = { kind: "build-view", sources, diversions, target, without: NOT_IN_PASSING_VIEW } as const;
  await withWorkerPool(pool, (threads) => threads.run(task, signal));
}

async function writeRoot(target: string, root: RootContext, manifest: RootManifest): Promise<void> {
  await mkdir(target, { mode: 0o755 });
  root.delta.write(byteStringFromText(`${target}/delta`));
  await writeFile(`${target}/manifest`, formatRootManifest(manifest), { mode: 0o444 });
}

function treeSource(tree: RootTree, kind: TreeSource["kind"]): TreeSource {
  return { kind, label: tree.storePath, realPath: byteStringFromText(tree.realPath) };
}

function rootPackage(source: TreeSource): RootPackage | undefined {
  const control = readControl(source.realPath);
  return control && { source, control, name: control.get("Package") ?? source.label };
}
