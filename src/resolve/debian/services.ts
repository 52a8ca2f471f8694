/** The services of a resolution, made for this machine: its apt configuration, its cache, its network. */
import { cacheDirectory, type OpenDownloaderOptions, openDownloader } from "#fetch";
import { nodeClock } from "#host";
import type { DebianServices, ResolveProgress } from "./archive/repository.ts";

export interface OpenDebianOptions extends OpenDownloaderOptions {
  readonly notice?: ((text: string) => void) | undefined;
  readonly progress?: ((event: ResolveProgress) => void) | undefined;
}

/** Reads apt's configuration; nothing is fetched yet. `downloader` knows `apt:` URLs. To be closed. */
export function openDebianServices(options: OpenDebianOptions = {}): DebianServices & { close(): void } {
  const { downloader, archives, close } = openDownloader(options);
  return {
    archives: archives(),
    downloader,
    cacheDir: options.cacheDir ?? cacheDirectory(options.env),
    opened: new Map(),
    clock: options.clock ?? nodeClock,
    notice: options.notice ?? (() => {}),
    progress: options.progress ?? (() => {}),
    close,
  };
}
