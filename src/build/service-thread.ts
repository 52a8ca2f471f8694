/**
 * What evaluation waits for beside resolving: building what is imported, fetching. Runs in a thread of its own
 * behind the blocking bridge of `src/fetch`, with a store connection of its own.
 */
import type { ServiceFactory } from "#fetch";
import type { RealiseRequest } from "#lang";
import { openStore, type StorePlace } from "#store";
import { Realiser } from "./realise/open-realiser.ts";
import type { RealiseSettings } from "./realise/realiser.ts";

export interface ServiceThreadData {
  readonly place: StorePlace;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: RealiseSettings;
}

export const openService: ServiceFactory = (data, context) => {
  const { place, env, settings } = data as ServiceThreadData;
  return {
    async realise(wanted: readonly RealiseRequest[]): Promise<void> {
      await using store = openStore(place);
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
      await realiser.realise(wanted, new AbortController().signal);
    },
  };
};
