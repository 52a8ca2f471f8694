/**
 * What has to be built again to repair an output: whatever in its closure no longer has the contents that were
 * registered, and, where something is built again, what that build sees and is damaged. Everything is read from disk, so
 * this takes as long as reading it.
 */
import { CopseError, mapConcurrently } from "#base";
import type { StorePath } from "#format";
import type { RealiseRequest } from "#lang";
import type { Store } from "#store";
import type { ProgressSink } from "../progress/mod.ts";
import { directInputs } from "./output-requests.ts";

export interface DamageSearch {
  readonly store: Store;
  readonly progress: ProgressSink;
  readonly signal: AbortSignal;
}

/** Derivations whose valid outputs are damaged. @throws CopseError `repair-impossible`. */
export async function damagedDerivations(
  search: DamageSearch,
  wanted: readonly RealiseRequest[],
): Promise<ReadonlySet<StorePath>> {
  const { store } = search;
  const found = new Set<StorePath>();
  for (const request of wanted) {
    if (request.kind !== "output") continue;
    const { drvPath } = request;
    const path = store.queryOutputs(drvPath).get(request.output);
    const isThere = path !== undefined && store.isValid(path);
    const makers = makersBelow(store, drvPath);
    const checked = new Set<StorePath>();
    const wave = isThere ? [path] : directInputs(store, store.readDerivation(drvPath));
    for (let next = wave.splice(0); next.length > 0; next = wave.splice(0)) {
      for (const damaged of await damagedAmong({ ...search, drvPath }, next, checked)) {
        const maker = makers.get(damaged);
        if (maker === undefined) throw unrepairable(drvPath, damaged);
        found.add(maker);
        wave.push(...directInputs(store, store.readDerivation(maker)));
      }
    }
  }
  return found;
}

/** All outputs of all derivations that one rests on, each with the derivation that makes it. */
function makersBelow(store: Store, drvPath: StorePath): Map<StorePath, StorePath> {
  const makers = new Map<StorePath, StorePath>();
  for (const path of store.closure([drvPath])) {
    if (!path.endsWith(".drv")) continue;
    for (const output of store.queryOutputs(path).values()) makers.set(output, path);
  }
  return makers;
}

async function damagedAmong(
  { store, progress, signal, drvPath }: DamageSearch & { readonly drvPath: StorePath },
  paths: readonly StorePath[],
  checked: Set<StorePath>,
): Promise<StorePath[]> {
  const unknown = store.closure(paths).filter((path) => !checked.has(path));
  for (const path of unknown) checked.add(path);
  const damaged: StorePath[] = [];
  await mapConcurrently(unknown, { limit: 4, signal }, async (path, abort) => {
    if ((await store.verifyPath(path, abort)).isIntact) return;
    damaged.push(path);
    const text = `found corrupted or missing path '${path}' in the output closure of '${drvPath}'`;
    progress({ kind: "message", level: "note", text });
  });
  return damaged.sort();
}

function unrepairable(drvPath: StorePath, path: StorePath): CopseError {
  return new CopseError(
    "repair-impossible",
    `some paths in the output closure of derivation '${drvPath}' could not be repaired`,
    { hint: `nothing that is known makes ${path}: add it again from where it came from` },
  );
}
