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
import { Realiser } from "./realise/open-realiser.ts";
import type { Settings } from "./settings/mod.ts";

export interface ServiceThreadData {
  readonly place: StorePlace;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
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
  const { place, env, settings } = data as ServiceThreadData;
  return {
    async realise({ wanted, pythonIndexes }: RealiseCall): Promise<void> {
      await using store = openStore(place, { settings });
      await using realiser = new Realiser({
        store,
        env,
        settings,
        pythonIndexes: () => pythonIndexes,
        // The thread that draws is asleep: what a build says is written as it comes, its progress is not drawn.
        progress(event) {
          if (event.kind === "line") context.writeError(`${event.name}> ${event.text}\n`);
          else if (event.kind === "start" && event.activity === "build")
            context.writeError(`building ${event.name}\n`);
        },
      });
      await realiser.realise(wanted, { signal: new AbortController().signal });
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
          { store, downloader, signal: new AbortController().signal },
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
