/** Runs one scenario with copse's solver and compares the answer with what the scenario expects. */
import { isCopseError } from "#base";
import { type NormalizedName, normaliseName, parseRequirement } from "#format/python";
import { type PythonPlatform, solvePython } from "#resolve/python";
import type { Scenario } from "./scenario.ts";
import { scenarioIndex } from "./scenario-index.ts";

export type ScenarioOutcome =
  | { readonly kind: "passed"; readonly message: string | undefined }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "out-of-scope"; readonly why: string };

/** Why a scenario asks for something that a solve for one platform is not. Undefined: it does not. */
export function outOfScope(scenario: Scenario): string | undefined {
  if (scenario.universal) return "one answer for all platforms at once, by forking on markers";
  return undefined;
}

export async function runScenario(scenario: Scenario): Promise<ScenarioOutcome> {
  const why = outOfScope(scenario);
  if (why !== undefined) return { kind: "out-of-scope", why };
  const { expected } = scenario;
  const answer = await solve(scenario);
  if (answer.kind === "no-solution") {
    if (expected.satisfiable) return { kind: "failed", why: `found no solution:\n${answer.message}` };
    return { kind: "passed", message: answer.message };
  }
  const found = [...answer.packages].sort().map((pair) => pair.join("=="));
  if (!expected.satisfiable) return { kind: "failed", why: `found a solution: ${found.join(" ")}` };
  const wanted = [...expected.packages].sort().map((pair) => pair.join("=="));
  // Without a list, only that there is a solution is expected.
  if (wanted.length === 0 || wanted.join() === found.join()) return { kind: "passed", message: undefined };
  return { kind: "failed", why: `expected ${wanted.join(" ")}, found ${found.join(" ")}` };
}

type Answer =
  | { readonly kind: "solution"; readonly packages: ReadonlyMap<string, string> }
  | { readonly kind: "no-solution"; readonly message: string };

async function solve(scenario: Scenario): Promise<Answer> {
  const { strategy } = scenario;
  if (strategy !== undefined && !isStrategy(strategy)) throw new Error(`Unknown strategy: ${strategy}`);
  try {
    const solution = await solvePython({
      requirements: scenario.requires.map(parseRequirement),
      platform: platformOf(scenario),
      index: scenarioIndex(scenario),
      settings: {
        ...(scenario.prereleases && { prereleases: "allow" }),
        ...(strategy && { strategy }),
        onlyBinary: namesOf(scenario.noBuild),
        noBinary: namesOf(scenario.noBinary),
      },
    });
    return { kind: "solution", packages: new Map(solution.packages.map((one) => [one.name, one.version])) };
  } catch (error) {
    if (isCopseError(error, "python-no-solution") || isCopseError(error, "python-package-unknown"))
      return { kind: "no-solution", message: `${error.message}\n  hint: ${error.hint}` };
    throw error;
  }
}

function isStrategy(text: string): text is "highest" | "lowest" | "lowest-direct" {
  return ["highest", "lowest", "lowest-direct"].includes(text);
}

function namesOf(names: readonly string[]): ReadonlySet<NormalizedName> {
  return new Set(names.map(normaliseName));
}

function platformOf({ python, targetPython, platform }: Scenario): PythonPlatform {
  const wanted = targetPython ?? python;
  if (platform !== undefined && platform !== "x86_64-manylinux2014")
    throw new Error(`Unknown platform: ${platform}`);
  return {
    system: "x86_64-linux",
    python: /^\d+\.\d+$/.test(wanted) ? `${wanted}.0` : wanted,
    glibc: platform === undefined ? "2.36" : "2.17",
  };
}
