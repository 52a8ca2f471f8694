/**
 *     npm run differential [-- COUNT SEED]
 *
 * Compares copse with C++ Nix over COUNT random derivations and expressions (default 2400) from SEED (default 1): derivation
 * paths, the bytes of derivations, output paths, hashes of sources, contexts, and what is refused. Needs C++ Nix:
 * $COPSE_CPP_NIX, or else what scripts/judge.sh brings.
 */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { judgeVersion, runDifferential } from "./differential.ts";
import type { Answer } from "./evaluators.ts";

const SHOWN = 10;
const repository = resolve(import.meta.dirname, "../..");
const count = Number(process.argv[2] ?? 2400);
const seed = Number(process.argv[3] ?? 1);
const judge = execFileSync("sh", ["scripts/judge.sh"], { cwd: repository, encoding: "utf8" }).trim();
console.log(`C++ Nix ${judgeVersion(judge)}, ${count} derivations and expressions from seed ${seed}`);

const started = performance.now();
const result = runDifferential({
  judge,
  count,
  seed,
  onProgress: (done, differences) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} compared, ${differences} differ `);
  },
});
if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");

const printed = (answer: Answer): string =>
  answer.kind === "value" ? answer.text.trim() : `${answer.kind}: ${answer.message}`;
for (const each of result.differences.slice(0, SHOWN)) {
  console.log(`\n--- differs, seed ${each.seed}\n${each.program}`);
  console.log(`C++ Nix: ${printed(each.judge)}\ncopse:   ${printed(each.copse)}`);
}
for (const line of result.stores.differences.slice(0, SHOWN)) console.log(`--- stores differ\n${line}`);
if (process.env["COPSE_MESSAGES"]) for (const line of result.refusals) console.log(`refused: ${line}`);
if (process.env["COPSE_MESSAGES"])
  for (const each of result.otherMessages)
    console.log(
      `--- other message, seed ${each.seed}\nC++ Nix: ${printed(each.judge)}\ncopse:   ${printed(each.copse)}`,
    );

console.log(
  `${result.agreed} agree, ${result.refusals.length} refused by both (${result.otherMessages.length} with another first line)`,
);
console.log(`stores: ${result.stores.paths} paths, ${result.stores.derivations} derivations`);
const total = result.differences.length + result.stores.differences.length;
console.log(`${total} differences in ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = total === 0 ? 0 : 1;
