/**
 * The root in which maintainer scripts run: the merged tree, writable, with nothing in it shared with the store.
 *
 * Where the kernel lets an ordinary user have overlays (5.11 and later, on most local file systems), it is a view
 * with an empty layer over each top-level directory, and what changed is what is in the layers. Elsewhere it is a
 * copy of all bytes (or of shared blocks, where the file system has them), looked at before and after. A view alone
 * will not do: scripts write into files, and a file in a view is the store's own.
 */
import { lstatSync, mkdirSync, readFileSync } from "node:fs";
import type { ByteString } from "#base";
import { fsPath, readDirectory } from "../byte-path.ts";
import { removeReadOnlyTree } from "../remove-tree.ts";
import type { RootManifest } from "../root-manifest.ts";
import type { ViewBind } from "../run-in-view.ts";
import type { TreeSource } from "../views/merged-tree.ts";
import { type WorkerPool, withWorkerPool } from "../worker-pool.ts";
import { changesBetween, type Snapshot, takeSnapshot } from "./changes.ts";

export interface TreeRequest {
  readonly sources: readonly TreeSource[];
  readonly diversions: RootManifest["diversions"];
  readonly pool: WorkerPool | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface RootChanges {
  /** New or touched, each directory before what is in it. */
  readonly touched: readonly ByteString[];
  /** Gone; of a directory that is gone, its entries too. */
  readonly removed: readonly ByteString[];
  /** Where something that was touched really lies. */
  realPathOf(path: ByteString): ByteString;
}

export interface WritableRoot {
  /** The view that the sandbox is given. */
  readonly viewDir: ByteString;
  readonly binds: readonly ViewBind[];
  /** What `configure.sh` is told. */
  readonly kind: "overlay" | "copy";
  /** Where a file of the root can be written before anything runs in it. */
  writable(path: ByteString): ByteString;
  /** To be called when all is written that is to be there from the start. */
  begin(): void;
  changes(): RootChanges;
  remove(): void;
}

/** Where the layers are seen inside: `upper`, `work`, and `present`, the list that `configure.sh` leaves. */
const LAYERS = "/copse/layers";
/** What the sandbox has of its own stays its own. */
const OF_SANDBOX = new Set(["copse", "dev", "nix", "proc", "run", "sys", "tmp"]);

export async function makeOverlayRoot(directory: ByteString, request: TreeRequest): Promise<WritableRoot> {
  const viewDir = `${directory}/view`;
  const layers = `${directory}/layers`;
  mkdirSync(fsPath(directory));
  await buildTree(request, viewDir, false);
  const tops = topDirectories(viewDir);
  for (const top of tops)
    for (const layer of ["upper", "work"])
      mkdirSync(fsPath(`${layers}/${layer}/${top}`), { recursive: true });
  return {
    kind: "overlay",
    viewDir,
    binds: [{ source: native(layers), target: LAYERS, isWritable: true }],
    writable: (path) => `${layers}/upper${path}`,
    begin() {},
    changes: () => overlayChanges(viewDir, layers),
    remove: () => removeReadOnlyTree(directory),
  };
}

export async function makeCopiedRoot(directory: ByteString, request: TreeRequest): Promise<WritableRoot> {
  await buildTree(request, directory, true);
  let before: Snapshot | undefined;
  const binds = topDirectories(directory).map((name) => ({
    source: `${native(directory)}/${name}`,
    target: `/${name}`,
    isWritable: true,
  }));
  return {
    kind: "copy",
    viewDir: directory,
    binds,
    writable: (path) => directory + path,
    begin() {
      before = takeSnapshot(directory);
    },
    changes: () => ({
      ...changesBetween(before ?? new Map(), takeSnapshot(directory)),
      realPathOf: (path) => directory + path,
    }),
    remove: () => removeReadOnlyTree(directory),
  };
}

async function buildTree(request: TreeRequest, target: ByteString, isPrivate: boolean): Promise<void> {
  const { sources, diversions, pool, signal } = request;
  const task = { kind: "build-view", sources, diversions, target, isPrivate } as const;
  await withWorkerPool(pool, (threads) => threads.run(task, signal));
}

function topDirectories(view: ByteString): string[] {
  return readDirectory(view)
    .filter((entry) => entry.isDirectory() && !OF_SANDBOX.has(entry.name) && /^[\w.+-]+$/.test(entry.name))
    .map(({ name }) => name);
}

/**
 * What is in the layers was touched. What is gone is told by the list of all that is to be seen in directories that
 * have a layer: a name that the view has and the list has not.
 */
function overlayChanges(view: ByteString, layers: ByteString): RootChanges {
  const present = new Set(readFileSync(fsPath(`${layers}/present`), "latin1").split("\0"));
  const touched: ByteString[] = [];
  const removed: ByteString[] = [];
  const visit = (directory: ByteString) => {
    for (const { name } of readIfDirectory(view + directory))
      if (directory !== "" && !present.has(`${directory}/${name}`)) removed.push(`${directory}/${name}`);
    for (const entry of readDirectory(`${layers}/upper${directory}`)) {
      const path = `${directory}/${entry.name}`;
      // A character device stands for what is gone.
      if (entry.isCharacterDevice()) continue;
      const isNew = !lstatSync(fsPath(view + path), { throwIfNoEntry: false })?.isDirectory();
      if (!entry.isDirectory() || isNew) touched.push(path);
      if (entry.isDirectory()) visit(path);
    }
  };
  visit("");
  return { touched: touched.sort(), removed: removed.sort(), realPathOf: (path) => `${layers}/upper${path}` };
}

function readIfDirectory(path: ByteString): ReturnType<typeof readDirectory> {
  return lstatSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory() ? readDirectory(path) : [];
}

function native(path: ByteString): string {
  return Buffer.from(path, "latin1").toString("utf8");
}
