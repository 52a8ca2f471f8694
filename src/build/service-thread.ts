/**
 * What evaluation waits for beside resolving: building what is imported, fetching. Runs in a thread of its own
 * behind the blocking bridge of `src/fetch`, with a store connection of its own.
 */
import { openDownloader, type ServiceFactory } from "#fetch";
import type { StorePath } from "#format";
import type { FetchRequest, RealiseRequest } from "#lang";
import { openStore, type StorePlace } from "#store";
import { fetchForEvaluation } from "./evaluation/fetching.ts";
import { Realiser } from "./realise/open-realiser.ts";
import type { Settings } from "./settings/mod.ts";

export interface ServiceThreadData {
  readonly place: StorePlace;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
}

export const openService: ServiceFactory = (data, context) => {
  const { place, env, settings } = data as ServiceThreadData;
  return {
    async realise(wanted: readonly RealiseRequest[]): Promise<void> {
      await using store = openStore(place, { settings });
      await using realiser = new Realiser({
        store,
        env,
        settings,
        // The thread that draws is asleep: what a build says is written as it comes, its progress is not drawn.
        progress(event) {
          if (event.kind === "line") context.writeError(`${event.name}> ${event.text}\n`);
          else if (event.kind === "start" && event.activity === "build")
            context.writeError(`building ${event.name}\n`);
        },
      });
      await realiser.realise(wanted, { signal: new AbortController().signal });
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
