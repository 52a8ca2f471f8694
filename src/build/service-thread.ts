/**
 * What evaluation waits for beside resolving: building what is imported, fetching. Runs in a thread of its own
 * behind the blocking bridge of `src/fetch`, with a store connection of its own.
 */
import { mapConcurrently } from "#base";
import { openDownloader, type ServiceFactory } from "#fetch";
import type { StorePath } from "#format";
import type { FetchRequest, RealiseRequest } from "#lang";
import { openStore, type StorePlace } from "#store";
import { type LibraryScan, scanLibraries } from "./builders/python/scan-libraries.ts";
import { fetchForEvaluation } from "./evaluation/fetching.ts";
import { ImportBuilds } from "./evaluation/import-builds.ts";
import { Realiser } from "./realise/open-realiser.ts";
import type { Settings } from "./settings/mod.ts";

export interface ServiceThreadData {
  readonly place: StorePlace;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  /** Of the terminal that is written to, if it is one. */
  readonly columns: number | undefined;
  /** Whether what builders print is shown as it comes. */
  readonly showsLines: boolean;
}

export interface RealiseCall {
  readonly wanted: readonly RealiseRequest[];
  readonly pythonIndexes: ReadonlyMap<string, string>;
}

export interface ScanCall {
  readonly trees: readonly StorePath[];
  readonly system: string;
}

const SCANS_AT_ONCE = 8;

export const openService: ServiceFactory = (data, context) => {
  const { place, env, settings, columns, showsLines } = data as ServiceThreadData;
  return {
    async realise({ wanted, pythonIndexes }: RealiseCall): Promise<void> {
      await using store = openStore(place, { settings });
      const builds = new ImportBuilds({
        ...{ columns, showsLines, write: context.writeError, nowMs: () => performance.now() },
      });
      await using realiser = new Realiser({
        store,
        env,
        settings,
        pythonIndexes: () => pythonIndexes,
        progress: (event) => builds.handle(event),
      });
      try {
        await realiser.realise(wanted, { signal: new AbortController().signal });
      } finally {
        builds.close();
      }
    },
    async scanLibraries({ trees, system }: ScanCall): Promise<readonly LibraryScan[]> {
      await using store = openStore(place, { settings });
      return await mapConcurrently(trees, { limit: SCANS_AT_ONCE }, (tree) =>
        scanLibraries(store.realPath(tree), system),
      );
    },
    async fetch(request: FetchRequest): Promise<StorePath> {
      await using store = openStore(place, { settings });
      const opened = openDownloader({ env });
      try {
        const { downloader } = opened;
        const path = await fetchForEvaluation(
          { store, downloader, env, signal: new AbortController().signal },
          request,
        );
        store.flush();
        return path;
      } finally {
        opened.close();
      }
    },
  };
};
