/** Random programs by C++ Nix and by copse, each in a store of its own, and then the two stores beside each other. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareProgram, type Difference } from "./compare.ts";
import { compareStores, type StoreComparison } from "./compare-stores.ts";
import { copse, cppNix } from "./evaluators.ts";
import { writeFixtures } from "./fixtures.ts";
import { featuresOf } from "./generate/generator.ts";
import { generateProgram, PROGRAM_SIZE } from "./generate/program.ts";

export interface DifferentialResult {
  /** Derivations and expressions that both evaluators agreed on, and those that both refused. */
  readonly agreed: number;
  readonly refusals: readonly string[];
  readonly differences: readonly Difference[];
  readonly otherMessages: readonly Difference[];
  readonly stores: StoreComparison;
}

export interface DifferentialOptions {
  /** Directory of C++ Nix's programs. */
  readonly judge: string;
  readonly count: number;
  readonly seed: number;
  readonly onProgress?: (done: number, differences: number) => void;
}

export function judgeVersion(directory: string): string {
  const said = execFileSync(join(directory, "nix-instantiate"), ["--version"], { encoding: "utf8" });
  return said.trim().split(" ").at(-1)!;
}

export function runDifferential({ judge, count, seed, onProgress }: DifferentialOptions): DifferentialResult {
  const features = featuresOf(judgeVersion(judge));
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "copse-differential-")));
  try {
    const fixtures = join(folder, "fixtures");
    mkdirSync(fixtures);
    writeFixtures(fixtures);
    const comparing = {
      judge: cppNix(judge, folder),
      copse: copse(folder),
      fixtures,
      scratch: join(folder, "program.nix"),
    };
    const differences: Difference[] = [];
    const otherMessages: Difference[] = [];
    let agreed = 0;
    const refusals: string[] = [];
    for (let i = 0; i < Math.ceil(count / PROGRAM_SIZE); i++) {
      const result = compareProgram(generateProgram(seed + i, features), comparing);
      differences.push(...result.differences);
      otherMessages.push(...result.otherMessages);
      agreed += result.agreed;
      refusals.push(...result.refusals);
      onProgress?.(agreed + refusals.length, differences.length);
    }
    const stores = compareStores(comparing.judge.store, comparing.copse.store);
    return { agreed, refusals, differences, otherMessages, stores };
  } finally {
    execFileSync("chmod", ["-R", "u+w", folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}
