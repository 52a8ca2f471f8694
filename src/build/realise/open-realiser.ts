/** Realising with the machine's own means: apt's sources for downloads, threads for unpacking. */

import { availableParallelism } from "node:os";
import { cacheDirectory } from "#fetch";
import { type StorePath, storePathName } from "#format";
import type { RealiseRequest } from "#lang";
import { openDebianServices } from "#resolve";
import { pythonLocator } from "#resolve/python/index";
import { createWorkerPool, type WorkerPool } from "#root";
import type { Store } from "#store";
import type { BuildServices } from "../builders/context.ts";
import { hasView, rootsAmong, viewOf } from "../builders/views.ts";
import type { ProgressSink } from "../progress/mod.ts";
import type { Settings } from "../settings/mod.ts";
import { jobsAtOnce, type RealiseOptions, realise } from "./realiser.ts";

export interface OpenRealiserOptions {
  readonly store: Store;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  readonly progress: ProgressSink;
  /** Addresses of indexes of Python packages that expressions state, by name. */
  readonly pythonIndexes?: (() => ReadonlyMap<string, string>) | undefined;
}

export class Realiser implements AsyncDisposable {
  readonly #options: OpenRealiserOptions;
  readonly #debian: ReturnType<typeof openDebianServices>;
  readonly #python: ReturnType<typeof pythonLocator>;
  readonly #workers: WorkerPool;
  readonly #services: BuildServices;

  constructor(options: OpenRealiserOptions) {
    const { settings } = options;
    this.#options = options;
    this.#python = pythonLocator({
      env: options.env,
      cacheDir: cacheDirectory(options.env),
      overrides: { indexes: Object.fromEntries(options.pythonIndexes?.() ?? []) },
    });
    this.#debian = openDebianServices({
      env: options.env,
      locators: new Map([["pypi", this.#python.locate]]),
    });
    this.#workers = createWorkerPool(Math.max(1, jobsAtOnce(settings)));
    this.#services = {
      store: options.store,
      env: options.env,
      nix: settings,
      progress: options.progress,
      cores: settings.cores || availableParallelism(),
      download: (request) => this.#debian.downloader.download(request),
      workers: this.#workers,
    };
  }

  /** @throws what `realise` throws. */
  async realise(
    wanted: readonly RealiseRequest[],
    options: RealiseOptions & { readonly signal: AbortSignal },
  ): Promise<void> {
    await realise(this.#services, wanted, options);
  }

  /** Views of all roots that these paths need: their launchers enter them. */
  async viewsFor(paths: readonly StorePath[], signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    for (const root of rootsAmong(store, store.closure(paths))) await this.view(root, signal);
  }

  /** The real folder of a root's view. */
  async view(root: StorePath, signal: AbortSignal): Promise<string> {
    if (hasView({ services: this.#services }, root))
      return await viewOf({ services: this.#services, signal }, root);
    const id = `view ${root}`;
    this.#options.progress({ kind: "start", id, activity: "merge", name: storePathName(root) });
    try {
      return await viewOf({ services: this.#services, signal }, root);
    } finally {
      this.#options.progress({ kind: "finish", id, ok: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#debian.close();
    this.#python.close();
    await this.#workers.close();
  }
}
