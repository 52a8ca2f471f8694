/** A downloader for this machine: `apt:` URLs by apt's configuration, `cran:` URLs by R's, `python:` URLs by copse's, others by the environment's proxies. */
import type { Clock } from "#host";
import { AptArchives } from "./apt/archives.ts";
import { type LoadAptOptions, loadAptConfiguration } from "./apt/configuration.ts";
import { openAptFiles } from "./apt/files.ts";
import { cacheDirectory } from "./cache-directory.ts";
import { CPYTHON_ARCHIVE, CpythonArchive } from "./cpython/archive.ts";
import { CranRepositories, loadCranConfiguration } from "./cran/mod.ts";
import { Downloader, type Locator } from "./download.ts";
import { HttpClient } from "./http.ts";
import { wantsOffline } from "./offline.ts";
import { environmentProxy } from "./proxy.ts";
import { loadSourcesConfiguration } from "./sources/config-file.ts";

export interface OpenDownloaderOptions extends LoadAptOptions {
  readonly cacheDir?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Further attempts at one place after the first. */
  readonly retries?: number | undefined;
  /** For further schemes, by name. */
  readonly locators?: ReadonlyMap<string, Locator> | undefined;
}

export interface OpenedDownloader {
  readonly downloader: Downloader;
  /** Read at the first use: who fetches no packages needs no apt. Throws as `loadAptConfiguration` does. */
  readonly archives: () => AptArchives;
  /** Of R packages. Read at the first use. Throws `config-invalid`. */
  readonly cran: () => CranRepositories;
  /** Of CPython's sources. Read at the first use. Throws `config-invalid`. */
  readonly cpython: () => CpythonArchive;
  /** Gives back connections. */
  close(): void;
}

const MISSING_HINT =
  "no mirror has it any more: `copse lock --update` takes what there is now, and a dated archive below [sources.snapshots] of config.toml still has it";

export function openDownloader(options: OpenDownloaderOptions = {}): OpenedDownloader {
  const env = options.env ?? process.env;
  const cacheDir = options.cacheDir ?? cacheDirectory(env);
  const client = new HttpClient({ offline: wantsOffline(env) });
  let opened: AptArchives | undefined;
  const archives = () => {
    if (!opened) {
      const apt = loadAptConfiguration(options);
      const sources = loadSourcesConfiguration(apt.files, env);
      opened = new AptArchives({ apt, sources, client, cacheDir, env });
    }
    return opened;
  };
  let cranOpened: CranRepositories | undefined;
  const cran = () => {
    if (!cranOpened) {
      const files = openAptFiles(options.root);
      const sources = loadSourcesConfiguration(files, env);
      const configuration = loadCranConfiguration({ files, env, sources, cwd: process.cwd() });
      cranOpened = new CranRepositories({ configuration, sources, cacheDir, env });
    }
    return cranOpened;
  };
  let cpythonOpened: CpythonArchive | undefined;
  const cpython = () => {
    if (!cpythonOpened) {
      const sources = loadSourcesConfiguration(openAptFiles(options.root), env);
      cpythonOpened = new CpythonArchive({ sources, cacheDir, env });
    }
    return cpythonOpened;
  };
  const downloader = new Downloader({
    client,
    clock: options.clock,
    retries: options.retries,
    locators: new Map<string, Locator>([
      ["apt", (url) => archives().locator(url)],
      ["cran", (url) => cran().locator(url)],
      [CPYTHON_ARCHIVE, (url) => cpython().locator(url)],
      ...(options.locators ?? []),
    ]),
    missingHints: new Map([["apt", MISSING_HINT]]),
    routeFor: (url) => ({ proxy: environmentProxy(url, env) }),
  });
  return { downloader, archives, cran, cpython, close: () => downloader.close() };
}
