/**
 * When to tell the solver the facts of many versions at once: where it keeps going down a project's list. What excludes
 * one version usually excludes its neighbours, which the solver then sees by itself, in one conflict instead of hundreds.
 *
 * How many depends on the solver's steps alone and never on what happens to be fetched already, so that equal requests
 * have equal answers.
 */
import type { NormalizedName } from "#format/python";
import type { VersionSet } from "../../pubgrub/mod.ts";
import type { IndexFile } from "./package-index.ts";
import type { Project } from "./project.ts";

interface Progress {
  readonly tried: Set<number>;
  readonly told: Set<number>;
  /** As many versions must have been tried for more to be told. */
  next: number;
  depth: number;
}

const FIRST_DEPTH = 8;
const MOST_DEPTH = 64;

export class LookAhead {
  readonly #progress = new Map<NormalizedName, Progress>();

  /** The versions whose facts are due now that `tried` is to be tried, out of those that are still possible. */
  after<F extends IndexFile>(
    tried: number,
    { project, versions }: { readonly project: Project<F>; readonly versions: VersionSet },
  ): readonly number[] {
    const progress = this.#of(project.name);
    progress.tried.add(tried);
    if (progress.tried.size < progress.next) return [];
    const due = [...project.likely(versions, progress.depth)].filter((one) => !progress.told.has(one));
    for (const one of due) progress.told.add(one);
    progress.next = progress.tried.size + 2;
    progress.depth = Math.min(progress.depth * 2, MOST_DEPTH);
    return due;
  }

  #of(name: NormalizedName): Progress {
    let progress = this.#progress.get(name);
    if (!progress) {
      progress = { tried: new Set(), told: new Set(), next: 2, depth: FIRST_DEPTH };
      this.#progress.set(name, progress);
    }
    return progress;
  }
}
