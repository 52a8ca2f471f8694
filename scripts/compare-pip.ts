/**
 * Solves the lists of `test/resolve-lists` with copse and with pip, from the index that pip is configured for, and says
 * where the answers differ:
 *
 *     npm run compare-pip [-- LIST...]      LIST: `medical-imaging`, or a file
 *
 *     --python PATH    the interpreter whose pip is the judge, and for which both solve (default: python3.11)
 *     --reports DIR    pip's reports: read from there where they are, else written there
 *     --timeout S      seconds that pip may take for one list (default 1800)
 *     --only-copse     only solves, and prints the answer
 *
 * From wheels alone, so that nothing is built. Exit code 0 if no list differs without a good reason, see
 * `test/resolve-lists/differences.ts`.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { isCopseError } from "#base";
import { readList, solveList } from "../test/resolve-lists/copse-answer.ts";
import { type Answer, differencesOf, judgeDifference } from "../test/resolve-lists/differences.ts";
import { askPip, pipPlatform } from "../test/resolve-lists/pip-answer.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: "string", default: "python3.11" },
    reports: { type: "string" },
    timeout: { type: "string", default: "1800" },
    "only-copse": { type: "boolean", default: false },
  },
});
const lists = join(import.meta.dirname, "../test/resolve-lists");
const files = positionals.length > 0 ? positionals.map(fileOf) : globSync(join(lists, "*.txt")).sort();
const reports = resolve(values.reports ?? mkdtempSync(join(tmpdir(), "copse-pip-reports-")));
const platform = pipPlatform(values.python);
const version = execFileSync(values.python, ["-m", "pip", "--version"], { encoding: "utf8" });
console.log(`${version.split(" from ")[0]}, Python ${platform.python}, reports in ${reports}`);

let differing = 0;
for (const file of files) {
  const list = basename(file, ".txt");
  const started = performance.now();
  try {
    const ours = await answerOf(file);
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    console.log(`${list}: copse ${ours.size} packages in ${seconds} s`);
    if (values["only-copse"]) {
      for (const [name, one] of [...ours].sort()) console.log(`  ${name}==${one}`);
      continue;
    }
    const theirs = askPip(file, {
      python: values.python,
      report: join(reports, `${list}.json`),
      timeoutMs: Number(values.timeout) * 1000,
    });
    const differences = differencesOf(ours, theirs);
    console.log(`${list}: pip ${theirs.size} packages, ${differences.length} differ`);
    for (const line of differences) console.log(`  ${line}`);
    if (differences.length === 0) continue;
    const verdict = await judgeDifference(ours, theirs, {
      list: readList(file),
      solveWith: (constraints) => answerOf(file, constraints),
    });
    if (verdict.kind === "unexplained") differing++;
    console.log(`  ${verdict.kind}: ${verdict.kind === "explained" ? verdict.reason : verdict.problem}`);
  } catch (error) {
    if (!isCopseError(error)) throw error;
    differing++;
    console.log(`${list}: ${error.code}: ${error.message}\n  hint: ${error.hint}`);
  }
}
process.exitCode = differing === 0 ? 0 : 1;

async function answerOf(file: string, constraints: readonly string[] = []): Promise<Answer> {
  const { packages } = await solveList(file, platform, constraints);
  return new Map(packages.map((one) => [one.name as string, one.version]));
}

function fileOf(name: string): string {
  return name.endsWith(".txt") ? resolve(name) : join(lists, `${name}.txt`);
}
