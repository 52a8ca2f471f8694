/** What reading the repositories takes, made of a resolution's services. */
import { HttpCache } from "#fetch";
import { type CranIndexServices, cranCacheDirectory } from "./cran-index.ts";
import type { RServices } from "./resolve-r.ts";

export function indexServices({ debian, repositories, refresh }: RServices): CranIndexServices {
  const { downloader, cacheDir, clock, progress } = debian;
  const directory = cranCacheDirectory(cacheDir);
  const cache = new HttpCache({ directory, client: downloader.client, clock, refresh });
  return { repositories: repositories(), cache, progress };
}
