/**
 * What is alive: whatever can be reached from a root. Edges lead from a path to what it refers to; with
 * `keep-derivations` also from an output to the derivation that made it, with `keep-outputs` from a derivation to its
 * outputs. The whole graph is held in memory, by number: a store of a hundred thousand paths takes a few megabytes.
 */
import type { StorePath } from "#format";
import type { StoreGraph } from "../db/database.ts";
import { dependenciesFirst } from "../db/dependency-order.ts";

export interface KeepRules {
  readonly keepOutputs: boolean;
  readonly keepDerivations: boolean;
}

export class Liveness {
  readonly #edges = new Map<StorePath, StorePath[]>();
  readonly #references = new Map<StorePath, StorePath[]>();
  readonly #referrers = new Map<StorePath, StorePath[]>();
  readonly #alive = new Set<StorePath>();

  constructor(graph: StoreGraph, rules: KeepRules) {
    const byId = new Map<number, StorePath>();
    for (const { id, path } of graph.paths) {
      byId.set(id, path);
      this.#edges.set(path, []);
      this.#references.set(path, []);
      this.#referrers.set(path, []);
    }
    for (const { referrer, reference } of graph.references) {
      const from = byId.get(referrer);
      const to = byId.get(reference);
      if (from === undefined || to === undefined || from === to) continue;
      this.#edges.get(from)!.push(to);
      this.#references.get(from)!.push(to);
      this.#referrers.get(to)!.push(from);
    }
    if (rules.keepDerivations) {
      for (const { path, deriver } of graph.paths) {
        if (deriver !== null && this.isKnown(deriver)) this.#edges.get(path)!.push(deriver);
      }
    }
    if (rules.keepOutputs) {
      for (const { drv, path } of graph.outputs) {
        const from = byId.get(drv);
        if (from !== undefined && this.isKnown(path)) this.#edges.get(from)!.push(path);
      }
    }
  }

  /** Whether the path was valid when the graph was read. */
  isKnown(path: StorePath): boolean {
    return this.#edges.has(path);
  }

  isAlive(path: StorePath): boolean {
    return this.#alive.has(path);
  }

  get alive(): ReadonlySet<StorePath> {
    return this.#alive;
  }

  /** This path and all that can be reached from it, as far as they were valid. */
  markAlive(path: StorePath): void {
    if (!this.isKnown(path) || this.#alive.has(path)) return;
    const open = [path];
    this.#alive.add(path);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const target of this.#edges.get(next)!) {
        if (this.#alive.has(target)) continue;
        this.#alive.add(target);
        open.push(target);
      }
    }
  }

  /** Valid paths that are not alive, in an order in which they can be deleted: what refers comes first. */
  dead(): StorePath[] {
    return this.deletionOrder([...this.#edges.keys()].filter((path) => !this.#alive.has(path)));
  }

  deletionOrder(paths: readonly StorePath[]): StorePath[] {
    return dependenciesFirst([...paths].sort(), (path) => this.#references.get(path) ?? []).reverse();
  }

  /** All that refers to a path, directly or not, itself included. */
  referrersClosure(path: StorePath): Set<StorePath> {
    const reached = new Set([path]);
    for (const next of reached) for (const referrer of this.#referrers.get(next) ?? []) reached.add(referrer);
    return reached;
  }
}
