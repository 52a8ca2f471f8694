/**
 * What is said when builds have failed: each failure for itself, then, where what was asked for is not what failed,
 * why that could not be built. The words are those of Nix.
 */
import { CopseError } from "#base";
import type { StorePath } from "#format";
import type { PlannedBuild } from "./plan.ts";
import type { Failure } from "./schedule.ts";

export interface FailedRun {
  readonly planned: readonly PlannedBuild[];
  /** What was asked for, by derivation. */
  readonly wanted: ReadonlySet<StorePath>;
  readonly failures: readonly Failure[];
  readonly keepGoing: boolean;
}

/** One error for all of it. A bug of ours goes first and alone. */
export function failureOf(run: FailedRun): unknown {
  const bug = run.failures.find(({ error }) => !(error instanceof CopseError));
  if (bug) return bug.error;
  const errors = run.failures.map(({ error }) => error as CopseError);
  // One of those that were asked for has failed: unless going on was asked for, the others were given up, not blocked.
  const isGivenUp = !run.keepGoing && run.failures.some(({ id }) => run.wanted.has(id as StorePath));
  const blocked = isGivenUp ? [] : blockedBuilds(run);
  const all = [...errors, ...blocked.map(dependencyFailed)];
  const failedIds = new Set(run.failures.map(({ id }) => id));
  const lost = run.planned.filter(
    ({ drvPath }) =>
      run.wanted.has(drvPath) && (failedIds.has(drvPath) || blocked.some((b) => b.build.drvPath === drvPath)),
  );
  if (lost.length < 2 || !run.keepGoing) return withRelated(all);
  const names = lost.map(({ drvPath, drv }) => `'${drvPath}^${[...drv.outputs.keys()].join(",")}'`);
  return withRelated([...all, new CopseError("builds-failed", `build of ${names.join(", ")} failed`)]);
}

/** The last error, with those before it to be shown first. */
function withRelated(errors: readonly CopseError[]): CopseError {
  const last = errors.at(-1)!;
  if (errors.length === 1) return last;
  return new CopseError(last.code, last.message, {
    hint: last.hint,
    cause: last.cause,
    related: errors.slice(0, -1),
  });
}

interface BlockedBuild {
  readonly build: PlannedBuild;
  readonly failedDependencies: number;
}

/** Wanted builds that could not be begun because of what failed below them. */
function blockedBuilds({ planned, wanted, failures }: FailedRun): BlockedBuild[] {
  const failed = new Set<string>(failures.map(({ id }) => id));
  const blocked: BlockedBuild[] = [];
  // Each comes after all that it needs.
  for (const build of planned) {
    const failedDependencies = build.needs.filter((need) => failed.has(need)).length;
    if (failedDependencies === 0 || failed.has(build.drvPath)) continue;
    failed.add(build.drvPath);
    if (wanted.has(build.drvPath)) blocked.push({ build, failedDependencies });
  }
  return blocked;
}

function dependencyFailed({ build, failedDependencies }: BlockedBuild): CopseError {
  const reason =
    failedDependencies === 1 ? "1 dependency failed" : `${failedDependencies} dependencies failed`;
  return new CopseError(
    "dependency-failed",
    `Cannot build '${build.drvPath}'.\nReason: ${reason}.${outputLines(build)}`,
  );
}

function outputLines({ drv }: PlannedBuild): string {
  const paths = [...drv.outputs.values()].map(({ path }) => path).filter((path) => path !== "");
  return paths.length === 0 ? "" : `\nOutput paths:\n${paths.map((path) => `  ${path}`).join("\n")}`;
}
