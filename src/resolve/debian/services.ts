/** The services of a resolution, made for this machine: its apt configuration, its cache, its network. */
import { type CranRepositories, cacheDirectory, type OpenDownloaderOptions, openDownloader } from "#fetch";
import { nodeClock } from "#host";
import type { DebianServices, ResolveProgress } from "./archive/repository.ts";

export interface OpenDebianOptions extends OpenDownloaderOptions {
  readonly notice?: ((text: string) => void) | undefined;
  readonly progress?: ((event: ResolveProgress) => void) | undefined;
}

/** Reads apt's configuration; nothing is fetched yet. `downloader` knows `apt:` URLs. To be closed. */
export function openDebianServices(options: OpenDebianOptions = {}): DebianServices & {
  /** Those of R packages, as R is configured. */
  readonly cran: () => CranRepositories;
  close(): void;
} {
  const { downloader, archives, cran, close } = openDownloader(options);
  return {
    archives: archives(),
    cran,
    downloader,
    cacheDir: options.cacheDir ?? cacheDirectory(options.env),
    opened: new Map(),
    clock: options.clock ?? nodeClock,
    notice: options.notice ?? (() => {}),
    progress: options.progress ?? (() => {}),
    close,
  };
}
