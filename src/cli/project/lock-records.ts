/**
 * What `copse lock` came to the last time. While nothing that it read has changed, the lock is known to have all answers,
 * and nobody waits for an evaluation to hear that.
 */
import { evaluationKey, type Read, Records } from "#build/warm";
import { cacheDirectory } from "#fetch/cache";
import { locateStore } from "#store/place";
import type { CommandContext } from "../command.ts";
import { hostSystem } from "../host-system.ts";
import type { LockReport } from "./report-lock.ts";

interface LockCheck {
  /** The copse.toml. */
  readonly manifest: string;
  readonly store: string;
  readonly system: string;
  readonly settings: readonly unknown[];
}

export interface LockRecords {
  /** The report of a lock that still holds: of one in which nothing changes any more. */
  find(manifest: string): LockReport | undefined;
  save(manifest: string, reads: readonly Read[], report: LockReport): void;
}

export function openLockRecords({ env, settings }: CommandContext): LockRecords {
  const records = new Records<LockCheck, LockReport>({
    cacheDir: cacheDirectory(env),
    kind: "locks",
    variable: (name) => env[name] ?? "",
  });
  const checkOf = (manifest: string): LockCheck => ({
    manifest,
    store: locateStore(env, { store: settings.store }).realStoreDir,
    system: hostSystem(),
    settings: evaluationKey(settings),
  });
  return {
    find: (manifest) => records.find(checkOf(manifest)),
    save: (manifest, reads, { summary, sections }) =>
      records.save(checkOf(manifest), reads, {
        summary: { ...summary, changed: false },
        sections,
        changes: [],
      }),
  };
}
