/** A list of requirements solved by copse, over the index that pip is configured for. */
import { readFileSync } from "node:fs";
import { CopseError } from "#base";
import { cacheDirectory } from "#fetch";
import { parseRequirement } from "#format/python";
import { type PythonPlatform, type PythonSolution, solvePython } from "#resolve/python";
import { openPythonIndex } from "../../src/resolve/python/index/mod.ts";

export function readList(path: string): readonly string[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.map((line) => line.replace(/(^|\s)#.*/, "").trim()).filter((line) => line !== "");
}

/** From wheels alone. */
export async function solveList(
  path: string,
  platform: PythonPlatform,
  constraints: readonly string[] = [],
): Promise<PythonSolution> {
  const index = openPythonIndex({
    env: process.env,
    cacheDir: cacheDirectory(process.env),
    sdists: {
      metadataOf: async ({ file }) => {
        throw new CopseError("sdist-refused", `Only wheels are taken: \`${file.file}\``);
      },
    },
  });
  try {
    return await solvePython({
      requirements: readList(path).map((line) => parseRequirement(line)),
      constraints: constraints.map((line) => parseRequirement(line)),
      platform,
      index,
      settings: { onlyBinary: "all" },
    });
  } finally {
    index.close();
  }
}
