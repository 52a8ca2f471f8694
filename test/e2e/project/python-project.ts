/** Projects with Python packages of a small index on the loopback interface. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type FixtureIndex, serveFixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { makeSdist, makeWheel } from "../../../src/resolve/python/testing/packages.ts";
import { type CallOptions, project, write } from "../world.ts";

const tools = (machine: string, requires: readonly string[]) =>
  makeWheel({ ...{ name: "native", version: "1.0", requires }, tag: `py3-none-manylinux_2_17_${machine}` });

const PROJECTS = {
  alpha: ["1.0", "1.1"].map((version) =>
    makeWheel({
      ...{ name: "alpha", version, requires: ["beta>=1", 'delta; extra == "more"'], extras: ["more"] },
      scripts: ["alpha-tool = alpha.tool:main"],
      files: { "alpha/tool.py": `def main():\n    print("alpha ${version}")\n` },
    }),
  ),
  beta: ["1.0", "2.0"].map((version) => makeWheel({ name: "beta", version })),
  gamma: [makeWheel({ name: "gamma", version: "1.0", requires: ["beta<2"] })],
  delta: [makeWheel({ name: "delta", version: "0.1" })],
  epsilon: [makeWheel({ name: "epsilon", version: "7" })],
  source: [
    makeSdist({
      ...{ name: "source", version: "0.5", requires: ["delta"] },
      files: {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "loud"\nbackend-path = ["."]\n',
        "loud.py": 'from backend import *\nprint("building aloud")\n',
      },
    }),
  ],
  native: [tools("x86_64", []), tools("aarch64", ["delta"])],
};

export interface PythonWorld {
  readonly index: FixtureIndex;
  /** A folder with this copse.toml, and pip configured for the index alone. */
  project(manifest: string): CallOptions & { readonly cwd: string };
}

export async function openPythonWorld(): Promise<PythonWorld> {
  const index = await serveFixtureIndex(PROJECTS, { metadata: true });
  const env = { PIP_CONFIG_FILE: "/dev/null", PIP_INDEX_URL: index.url, PIP_FIND_LINKS: "" };
  return {
    index,
    project(manifest) {
      const cwd = project();
      write(cwd, { "copse.toml": manifest });
      return { cwd, env };
    },
  };
}

export function manifestOf({ cwd }: { readonly cwd: string }): string {
  return readFileSync(join(cwd, "copse.toml"), "utf8");
}

export function lockOf({ cwd }: { readonly cwd: string }): string {
  return readFileSync(join(cwd, "copse.lock"), "utf8");
}

/** `alpha 1.0`, sorted, of the section whose name ends so. */
export function lockedIn(at: { readonly cwd: string }, system: string): string[] {
  const { python } = JSON.parse(lockOf(at)) as {
    readonly python: Readonly<
      Record<string, { readonly packages: readonly { name: string; version: string }[] }>
    >;
  };
  return Object.entries(python)
    .filter(([section]) => section.endsWith(` ${system}`))
    .flatMap(([, { packages }]) => packages.map(({ name, version }) => `${name} ${version}`))
    .sort();
}
