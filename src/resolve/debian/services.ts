/** The services of a resolution, made for this machine: its apt configuration, its cache, its network. */
import {
  type CpythonArchive,
  type CranRepositories,
  cacheDirectory,
  type OpenDownloaderOptions,
  openDownloader,
} from "#fetch";
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
  /** Of CPython's sources, as copse is configured. */
  readonly cpython: () => CpythonArchive;
  close(): void;
} {
  const { downloader, archives, cran, cpython, close } = openDownloader(options);
  return {
    archives: archives(),
    cran,
    cpython,
    downloader,
    cacheDir: options.cacheDir ?? cacheDirectory(options.env),
    opened: new Map(),
    clock: options.clock ?? nodeClock,
    notice: options.notice ?? (() => {}),
    progress: options.progress ?? (() => {}),
    close,
  };
}
