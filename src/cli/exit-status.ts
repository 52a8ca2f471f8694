/** Exit codes: the house's own, and those by which Nix's older programs tell kinds of failed builds apart. */
import { CopseError } from "#base";

/** Bits on top of 96. */
const STATUS_BITS: Readonly<Record<string, number>> = {
  "build-failed": 4,
  "build-rejected": 4,
  "graph-not-input": 4,
  "dependency-failed": 4,
  "build-timeout": 4 | 1,
  "hash-mismatch": 4 | 2,
  "store-fixed-references": 4 | 2,
  "build-not-deterministic": 8,
};

const OLDER_PROGRAMS: ReadonlySet<string> = new Set([
  "nix-build",
  "nix-instantiate",
  "nix-shell",
  "nix-store",
]);

/**
 * 1 for what the user can mend, 2 for a bug of ours. From nix-build and its like 100 for a build that failed, 101 for one
 * that took too long, 102 for a wrong hash, 104 for a build that came out otherwise, 110 for the last two together.
 */
export function exitStatus(error: unknown, programName: string): number {
  if (error instanceof SuppressedError) return exitStatus(error.suppressed, programName);
  if (!(error instanceof CopseError)) return 2;
  if (!OLDER_PROGRAMS.has(programName)) return error.exitCode;
  const bits = [error, ...error.related].reduce((all, { code }) => all | (STATUS_BITS[code] ?? 0), 0);
  return bits === 0 ? error.exitCode : 96 | bits;
}
