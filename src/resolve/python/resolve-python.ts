/**
 * Which versions of which Python packages satisfy a request on one platform: PubGrub over the index, newest first, what
 * is locked before that.
 */
import { type Outcome, solve } from "../pubgrub/mod.ts";
import { noSolution } from "./solve/explain/no-solution.ts";
import { type Note, UrlFound } from "./solve/facts.ts";
import { Library } from "./solve/library.ts";
import type { IndexFile, PackageIndex } from "./solve/package-index.ts";
import type { PythonPackage } from "./solve/packages.ts";
import { PreparedRequest, type PythonRequest } from "./solve/request.ts";
import { type PythonSolution, solutionOf } from "./solve/solution.ts";
import { PythonUniverse } from "./solve/universe.ts";

export type { IndexFile, PackageIndex } from "./solve/package-index.ts";
export type { PythonRequest } from "./solve/request.ts";
export type { Adjustment, PythonSolveSettings, Relaxation } from "./solve/settings.ts";
export type { PythonSolution, SolvedPackage } from "./solve/solution.ts";
export type { PythonPlatform } from "./solve/target.ts";

export interface SolvePythonOptions<F extends IndexFile> extends PythonRequest {
  readonly index: PackageIndex<F>;
  readonly signal?: AbortSignal;
}

/**
 * Throws CopseError `python-no-solution`, with sentences that say why; `python-package-unknown`, for a project that the
 * request names and no index has; and whatever the index throws.
 */
export async function solvePython<F extends IndexFile>(
  options: SolvePythonOptions<F>,
): Promise<PythonSolution<F>> {
  const { index, signal, ...asked } = options;
  const request = new PreparedRequest(asked);
  const library = new Library(index, request, signal);
  try {
    const outcome = await solveWithUrls(library, request, signal);
    if (outcome.kind === "solution") return solutionOf(outcome.versions, library, request);
    throw await noSolution(outcome.proof, { library, request, root: outcome.root });
  } finally {
    library.close();
  }
}

type PythonOutcome = Outcome<PythonPackage, Note> & { readonly root: PythonPackage };

/** Each round knows of one URL more, and what has been read stays read. */
async function solveWithUrls<F extends IndexFile>(
  library: Library<F>,
  request: PreparedRequest,
  signal: AbortSignal | undefined,
): Promise<PythonOutcome> {
  for (;;) {
    signal?.throwIfAborted();
    const universe = new PythonUniverse(library, request);
    const { root } = universe.packages;
    try {
      return { ...(await solve(root, universe)), root };
    } catch (error) {
      if (!(error instanceof UrlFound)) throw error;
      library.addUrl(error.name, error.url);
    }
  }
}
