/** The services of a resolution, made for this machine: its apt configuration, its cache, its network. */
import { join } from "node:path";
import {
  AptArchives,
  cacheDirectory,
  Downloader,
  HttpClient,
  type LoadAptOptions,
  loadAptConfiguration,
} from "#fetch";
import { type Clock, nodeClock } from "#host";
import type { DebianServices, ResolveProgress } from "./repository.ts";

export interface OpenDebianOptions extends LoadAptOptions {
  readonly cacheDir?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly notice?: ((text: string) => void) | undefined;
  readonly progress?: ((event: ResolveProgress) => void) | undefined;
}

/** Reads apt's configuration; nothing is fetched yet. `downloader` knows `apt:` URLs. To be closed. */
export function openDebianServices(options: OpenDebianOptions = {}): DebianServices & { close(): void } {
  const env = options.env ?? process.env;
  const cacheDir = options.cacheDir ?? cacheDirectory(env);
  const client = new HttpClient();
  const archives = new AptArchives({
    apt: loadAptConfiguration(options),
    client,
    cacheDir: join(cacheDir),
    env,
  });
  const downloader = new Downloader({ client, locators: new Map([["apt", archives.locator]]) });
  return {
    archives,
    downloader,
    cacheDir,
    opened: new Map(),
    clock: options.clock ?? nodeClock,
    notice: options.notice ?? (() => {}),
    progress: options.progress ?? (() => {}),
    close: () => downloader.close(),
  };
}
