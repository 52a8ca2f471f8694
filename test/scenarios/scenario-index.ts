/** A scenario's universe as an index in memory. */
import type { PackageIndex } from "#resolve/python";
import { type MemoryVersion, memoryIndex } from "../../src/resolve/python/solve/testing/memory-index.ts";
import type { Scenario, ScenarioVersion } from "./scenario.ts";

export function scenarioIndex({ universe }: Pick<Scenario, "universe">): PackageIndex {
  const projects = [...universe].map(([name, versions]) => [
    name,
    Object.fromEntries([...versions].map(([version, about]) => [version, memoryVersion(about)])),
  ]);
  return memoryIndex(Object.fromEntries(projects));
}

function memoryVersion(about: ScenarioVersion): MemoryVersion {
  const tags = about.wheelTags.length > 0 ? about.wheelTags : ["py3-none-any"];
  return {
    requires: about.requires,
    requiresPython: about.requiresPython,
    extras: Object.fromEntries(about.extras),
    wheels: about.wheel ? tags : [],
    sdist: about.sdist,
    ...(about.yanked && { listing: { yanked: true } }),
  };
}
