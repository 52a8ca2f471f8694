/** A part of `npm run differential`: copse and C++ Nix agree on some random derivations and expressions. */
import assert from "node:assert/strict";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { judgeVersion, runDifferential } from "./differential.ts";
import { featuresOf } from "./generate/generator.ts";

const SEED = 20;
const COUNT = 288;

/** C++ Nix's folder: $COPSE_CPP_NIX, or where PATH has it. A link to copse is no judge of copse. */
function findJudge(): string | undefined {
  const folders = [process.env["COPSE_CPP_NIX"] ?? "", ...(process.env["PATH"] ?? "").split(delimiter)];
  return folders
    .filter((folder) => folder !== "")
    .find((folder) => {
      const file = join(folder, "nix-instantiate");
      return existsSync(file) && !realpathSync(file).endsWith("/bin/copse");
    });
}

const judge = findJudge();
// Older versions have other attributes in derivations and refuse other things.
const isCurrent = judge !== undefined && featuresOf(judgeVersion(judge)).current;

test("random derivations and expressions are the same as C++ Nix's", {
  skip: !isCurrent && "no C++ Nix of today: set COPSE_CPP_NIX",
}, () => {
  const result = runDifferential({ judge: judge!, count: COUNT, seed: SEED });
  assert.deepEqual(
    result.differences.map((each) => ({ ...each, again: `npm run differential -- 1 ${each.seed}` })),
    [],
  );
  assert.deepEqual(result.stores.differences, []);
  // Whoever only refuses does not differ either.
  assert.ok(result.agreed > COUNT / 2, `${result.agreed}`);
  assert.ok(result.stores.derivations > 50, `${result.stores.derivations}`);
});
