/** A downloader for this machine: `apt:` URLs by apt's configuration, others by the environment's proxies. */
import type { Clock } from "#host";
import { AptArchives } from "./apt/archives.ts";
import { type LoadAptOptions, loadAptConfiguration } from "./apt/configuration.ts";
import { cacheDirectory } from "./cache-directory.ts";
import { Downloader } from "./download.ts";
import { HttpClient } from "./http.ts";
import { environmentProxy } from "./proxy.ts";

export interface OpenDownloaderOptions extends LoadAptOptions {
  readonly cacheDir?: string | undefined;
  readonly clock?: Clock | undefined;
}

export interface OpenedDownloader {
  readonly downloader: Downloader;
  /** Read at the first use: who fetches no packages needs no apt. Throws as `loadAptConfiguration` does. */
  readonly archives: () => AptArchives;
  /** Gives back connections. */
  close(): void;
}

export function openDownloader(options: OpenDownloaderOptions = {}): OpenedDownloader {
  const env = options.env ?? process.env;
  const cacheDir = options.cacheDir ?? cacheDirectory(env);
  const client = new HttpClient();
  let opened: AptArchives | undefined;
  const archives = () => {
    opened ??= new AptArchives({ apt: loadAptConfiguration(options), client, cacheDir, env });
    return opened;
  };
  const downloader = new Downloader({
    client,
    clock: options.clock,
    locators: new Map([["apt", async (url) => archives().locator(url)]]),
    routeFor: (url) => ({ proxy: environmentProxy(url, env) }),
  });
  return { downloader, archives, close: () => downloader.close() };
}
