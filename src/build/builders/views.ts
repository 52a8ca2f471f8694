/** Views for builds: the merged tree of a root as `/`, and those of the roots that launchers among the inputs enter. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type StorePath, storePathBase } from "#format";
import { ensureView } from "#root";
import type { Store } from "#store";
import type { BuildServices, BuildTask } from "./context.ts";

/** The real folder of a valid root's view, made if it is not there yet. */
export function viewOf(
  task: {
    readonly services: Pick<BuildServices, "store" | "workers" | "progress">;
    readonly signal: AbortSignal;
  },
  root: StorePath,
): Promise<string> {
  const { store, workers } = task.services;
  return ensureView({
    rootRealPath: store.realPath(root),
    realPathOf: (path) => store.realPath(path),
    viewsDir: join(store.place.copseDir, "views"),
    onNote: (text) => task.services.progress({ kind: "message", level: "note", text }),
    pool: workers,
    signal: task.signal,
  });
}

/** Whether there is nothing left to merge. */
export function hasView(task: { readonly services: Pick<BuildServices, "store"> }, root: StorePath): boolean {
  return existsSync(join(task.services.store.place.copseDir, "views", storePathBase(root)));
}

/** Those of some valid paths that are roots. */
export function rootsAmong(store: Store, paths: readonly StorePath[]): StorePath[] {
  return paths.filter((path) => path.endsWith("-root") && existsSync(join(store.realPath(path), "manifest")));
}

/** Roots among the inputs, apart from the one that is `/`: programs of theirs may be called during the build. */
export async function viewsAmong(
  task: BuildTask,
): Promise<{ readonly source: string; readonly target: string }[]> {
  const { store } = task.services;
  const own = task.drv.env.get("sandboxRoot");
  const mounts: { source: string; target: string }[] = [];
  for (const path of rootsAmong(store, task.inputs)) {
    if (path === own) continue;
    mounts.push({ source: await viewOf(task, path), target: `/nix/var/copse/views/${storePathBase(path)}` });
  }
  return mounts;
}
