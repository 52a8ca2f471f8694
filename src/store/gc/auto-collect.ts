/**
 * Collecting while building, when less than `min-free` is left on the store's disk, until `max-free` is. One collection
 * at a time, and none soon after one that has not helped: what is left is alive then.
 */
import { readFileSync, statfsSync } from "node:fs";
import type { StoreContext } from "../store-context.ts";
import { collectGarbage } from "./collect.ts";

export class AutoCollector {
  readonly #context: StoreContext;
  #running: Promise<void> | undefined;
  #lastLookMs = Number.NEGATIVE_INFINITY;
  #freeAfterLast = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  readonly #abort = new AbortController();

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** From now on, until `stop`, as often as the settings say. Does not keep the process alive. */
  start(): void {
    const { settings, place } = this.#context;
    if (this.#timer !== undefined || settings["min-free"] === 0 || place.readOnly) return;
    const intervalMs = Math.max(100, settings["min-free-check-interval"] * 1000);
    this.#timer = setInterval(() => this.look(), intervalMs).unref();
    this.look();
  }

  /** Begins a collection where one is due. */
  look(): void {
    const { settings } = this.#context;
    if (this.#running !== undefined || settings["min-free"] === 0) return;
    const now = performance.now();
    if (now < this.#lastLookMs + settings["min-free-check-interval"] * 1000) return;
    this.#lastLookMs = now;
    const free = freeBytes(this.#context.place.realStoreDir);
    if (free >= settings["min-free"] || free >= settings["max-free"]) return;
    if (free > this.#freeAfterLast * 0.97) return;
    this.#running = this.#collect(settings["max-free"] - free);
  }

  /** Ends what is under way after the path at hand. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#abort.abort();
    await this.#running;
  }

  async #collect(maxFreedBytes: number): Promise<void> {
    const { signal } = this.#abort;
    try {
      await collectGarbage(this.#context, { action: "delete-dead", maxFreedBytes, signal });
      this.#freeAfterLast = freeBytes(this.#context.place.realStoreDir);
    } catch {
      // The builds go on, and say themselves when the disk is full; a collection by hand shows what is wrong.
    } finally {
      this.#running = undefined;
      this.#lastLookMs = performance.now();
    }
  }
}

/** Nix's functional tests say in a file how much there is. */
function freeBytes(directory: string): number {
  const told = process.env["_NIX_TEST_FREE_SPACE_FILE"];
  if (told) return Number(readFileSync(told, "latin1"));
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
