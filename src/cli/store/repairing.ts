/** A damaged path is mended by building it again: what made it must be known and there. */
import { CopseError } from "#base";
import type { Session } from "#build";
import type { StorePath } from "#format";
import { infoOf } from "./store-queries.ts";

/** Leaves a path alone that is as it should be. @throws CopseError `repair-impossible`, what building throws. */
export async function repairPath(session: Session, path: StorePath): Promise<void> {
  const { store } = session;
  infoOf(store, path);
  if ((await store.verifyPath(path)).isIntact) return;
  await remakePath(session, path);
}

/** Whether it is damaged or not. @throws CopseError `repair-impossible`, what building throws. */
export async function remakePath(session: Session, path: StorePath): Promise<void> {
  const { store } = session;
  const recorded = infoOf(store, path).deriver;
  const derivers = [...(recorded === undefined ? [] : [recorded]), ...store.queryDerivers(path)];
  for (const drvPath of derivers) {
    if (!store.isValid(drvPath)) continue;
    const output = [...store.queryOutputs(drvPath)].find(([, outputPath]) => outputPath === path)?.[0];
    if (output === undefined) continue;
    await session.realise([{ kind: "output", drvPath, output }], { mode: "repair" });
    return;
  }
  throw new CopseError("repair-impossible", `cannot repair path '${path}'`, {
    hint: "it was not built here, or its derivation is gone; add it again from where it came from",
  });
}
