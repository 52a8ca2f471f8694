/**
 * Views of roots: the merged tree that a manifest describes, on disk, by hard links into the store.
 *
 * A view is no store path: it can be made again at any time from the manifest, lies beside the store on the same
 * file system, and is shared by everything that enters that root. It is made under another name and renamed, so
 * that a view which exists is complete, whatever other processes do and wherever this one is stopped.
 */
import { randomBytes } from "node:crypto";
import { lstatSync, renameSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { byteStringFromText } from "#base";
import { removeReadOnlyTree } from "../remove-tree.ts";
import { parseRootManifest, type RootManifest } from "../root-manifest.ts";
import { type WorkerPool, withWorkerPool } from "../worker-pool.ts";
import type { BuiltView } from "./build-view.ts";
import type { TreeSource } from "./merged-tree.ts";

export interface EnsureViewOptions {
  /** Where the root's store path really lies: the directory with `manifest` and `delta`. */
  readonly rootRealPath: string;
  /** Where a logical store path of the manifest really lies. */
  readonly realPathOf: (storePath: string) => string;
  /** The directory of all views, on the file system of the store. Made where missing. */
  readonly viewsDir: string;
  /** Told when a view takes room of its own. */
  readonly onNote?: (text: string) => void;
  readonly pool?: WorkerPool | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The real path of the root's view, which is made if it is not there. Throws "root-manifest-invalid" and
 * "root-file-conflict".
 */
export async function ensureView(options: EnsureViewOptions): Promise<string> {
  const { rootRealPath, realPathOf, viewsDir, signal } = options;
  const view = `${viewsDir}/${basename(rootRealPath)}`;
  if (isDirectory(view)) return view;
  const manifest = parseRootManifest(await readFile(`${rootRealPath}/manifest`, "utf8"));
  await mkdir(viewsDir, { recursive: true });
  const temporary = `${viewsDir}/.making-${process.pid}-${randomBytes(6).toString("hex")}`;
  const sources = viewSources(manifest, { rootRealPath, realPathOf });
  const { diversions, absent = [] } = manifest;
  try {
    const built = await withWorkerPool(options.pool, (pool) =>
      pool.run(
        { kind: "build-view", sources, diversions, absent, target: byteStringFromText(temporary) },
        signal,
      ),
    );
    moveIntoPlace(temporary, view);
    if (built.reason !== undefined && built.reason !== "EMLINK") options.onNote?.(copiedNote(view, built));
  } finally {
    // Gone already where it was moved.
    removeReadOnlyTree(byteStringFromText(temporary));
  }
  return view;
}

/** Removes a view, or what is left of one, directories without write permission included. */
export function removeView(view: string): void {
  // Renamed first: a view that has its name is complete.
  const doomed = `${view}.removing-${process.pid}-${randomBytes(6).toString("hex")}`;
  try {
    renameSync(view, doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  removeReadOnlyTree(byteStringFromText(doomed));
}

/** SHA-256, in base 16, over all names, kinds, contents and link targets of a tree. */
export async function viewDigest(
  directory: string,
  options: { readonly pool?: WorkerPool | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  return withWorkerPool(options.pool, (pool) =>
    pool.run({ kind: "view-digest", directory: byteStringFromText(directory) }, options.signal),
  );
}

function viewSources(
  manifest: RootManifest,
  where: { readonly rootRealPath: string; readonly realPathOf: (storePath: string) => string },
): TreeSource[] {
  const sources = manifest.trees.map((label, index): TreeSource => {
    const kind = index < manifest.packageCount ? "package" : "bytecode";
    return { label, kind, realPath: byteStringFromText(where.realPathOf(label)) };
  });
  const delta = byteStringFromText(`${where.rootRealPath}/delta`);
  return [...sources, { label: `${basename(where.rootRealPath)}/delta`, kind: "delta", realPath: delta }];
}

function copiedNote(view: string, { copiedFiles, reason }: BuiltView): string {
  return `the files of ${basename(view)} were copied (${copiedFiles} files): its file system makes no links to them (${reason}), and each root takes room of its own there`;
}

function moveIntoPlace(temporary: string, view: string): void {
  try {
    renameSync(temporary, view);
  } catch (error) {
    // Another process was faster: its view is as good, and both were made of the same.
    if (!isDirectory(view)) throw error;
  }
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
