/**
 * Runs uv's scenarios with copse's solver:
 *
 *     npm run scenarios -- PATH [NAME...]     PATH: a checkout of uv, or a folder of scenarios
 *
 *     --messages       also prints what is said where there is no solution
 *     --skipped        also lists the scenarios that are not of one environment
 *
 * The files are read where they are; nothing of them is part of this repository. Exit code 0 if all that concern a
 * single environment pass.
 */
import { existsSync, globSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runScenario } from "../test/scenarios/run-scenario.ts";
import { readScenario } from "../test/scenarios/scenario.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    messages: { type: "boolean", default: false },
    skipped: { type: "boolean", default: false },
  },
});
const [path, ...names] = positionals;
if (path === undefined) {
  console.error("Usage: npm run scenarios -- PATH-OF-A-UV-CHECKOUT [NAME...]");
  process.exit(1);
}
const below = join(resolve(path), "test/scenarios");
const folder = existsSync(below) ? below : resolve(path);
const files = globSync("**/*.toml", { cwd: folder })
  .sort()
  .filter((file) => names.length === 0 || names.some((name) => file.includes(name)));
if (files.length === 0) {
  console.error(`No scenarios below: ${folder}`);
  process.exit(1);
}

const counts = { passed: 0, failed: 0, "out-of-scope": 0 };
for (const file of files) {
  const outcome = await runScenario(readScenario(join(folder, file)));
  counts[outcome.kind]++;
  const label = relative(folder, join(folder, file)).replace(/\.toml$/, "");
  if (outcome.kind === "failed") console.log(`FAILED   ${label}: ${outcome.why}`);
  if (outcome.kind === "out-of-scope" && values.skipped) console.log(`SKIPPED  ${label}: ${outcome.why}`);
  if (outcome.kind === "passed" && outcome.message !== undefined && values.messages)
    console.log(`PASSED   ${label}\n${outcome.message}\n`);
}
console.log(
  `scenarios: ${counts.passed} passed, ${counts.failed} failed, ${counts["out-of-scope"]} not of a single environment`,
);
process.exitCode = counts.failed === 0 ? 0 : 1;
