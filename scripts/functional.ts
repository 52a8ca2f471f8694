/**
 * Runs the functional tests of a Nix checkout with copse in the place of Nix:
 *
 *     npm run functional -- PATH [TEST...]      PATH: a checkout of the Nix repository; TEST: `gc`, `ca/build`, `flakes/`
 *
 *     --nix DIR        programs to test instead of copse's: a folder with nix, nix-store, ...
 *     --user NAME      as root: run the tests as this user. Some tests expect to be an ordinary user's
 *     --jobs, -j N     tests side by side (default 1)
 *     --timeout S      seconds for one test (default 300, as in Nix's own suite)
 *     --logs DIR       where logs are kept (default: a folder in the temporary folder, named at the end)
 *     --expected FILE  the list to compare with (default test/functional/expected.txt)
 *     --results FILE   also writes one `suite/test outcome` a line
 *     --json           prints the outcomes as JSON instead of a table
 *
 * Nothing of Nix's tests is part of this repository and nothing is written into the checkout: its tests are copied into
 * a temporary folder, set up as its build system sets them up, and run one process group each.
 *
 * Exit code 0 when each test that the list expects to pass has passed; 1 otherwise.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseExpectations, verdictOf } from "./functional/expectations.ts";
import { type Outcome, runTest } from "./functional/run-test.ts";
import { linkCopse, removeStage, stageCheckout } from "./functional/stage.ts";
import { listTests, selectTests } from "./functional/suites.ts";

const repository = resolve(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    nix: { type: "string" },
    user: { type: "string" },
    jobs: { type: "string", short: "j", default: "1" },
    timeout: { type: "string", default: "300" },
    logs: { type: "string" },
    expected: { type: "string", default: join(repository, "test/functional/expected.txt") },
    results: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const [checkout, ...names] = positionals;
if (checkout === undefined) {
  console.error("Usage: npm run functional -- PATH-OF-A-NIX-CHECKOUT [TEST...]");
  process.exit(1);
}

const tests = selectTests(listTests(checkout), names);
if (tests.length === 0) {
  console.error(`No test of the checkout is named: ${names.join(" ")}`);
  process.exit(1);
}
const logs = resolve(values.logs ?? mkdtempSync(join(tmpdir(), "copse-functional-logs-")));
mkdirSync(logs, { recursive: true });
const stage = stageCheckout(checkout, {
  user: values.user,
  programs: (folder) => (values.nix === undefined ? linkCopse(repository, folder) : resolve(values.nix)),
});
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());

const outcomes = new Map<string, Outcome>();
const waiting = [...tests];
try {
  await Promise.all(
    Array.from({ length: Math.max(1, Number(values.jobs)) }, async () => {
      for (let test = waiting.shift(); test !== undefined && !stop.signal.aborted; test = waiting.shift()) {
        const outcome = await runTest(stage, test, {
          timeoutMs: Number(values.timeout) * 1000,
          log: join(logs, `${test.id.replaceAll("/", "-")}.log`),
          signal: stop.signal,
        });
        if (stop.signal.aborted) return;
        outcomes.set(test.id, outcome);
        if (!values.json)
          console.log(
            `${outcome.kind.padEnd(7)} ${(outcome.durationMs / 1000).toFixed(1).padStart(6)} s  ${test.id}`,
          );
        if (!values.json && outcome.kind !== "pass")
          for (const line of outcome.lastLines) console.log(`            | ${line}`);
      }
    }),
  );
} finally {
  removeStage(stage);
}

const expectations = parseExpectations(values.expected);
const sorted = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1));
const count = (kind: Outcome["kind"]) => sorted.filter(([, outcome]) => outcome.kind === kind).length;
const verdicts = sorted.map(([id, outcome]) => ({
  id,
  ...outcome,
  verdict: verdictOf(expectations, id, outcome.kind),
}));
const regressions = verdicts.filter(({ verdict }) => verdict === "regression");
if (values.results !== undefined)
  writeFileSync(values.results, sorted.map(([id, { kind }]) => `${id} ${kind}\n`).join(""));
if (values.json) console.log(JSON.stringify({ logs, tests: verdicts }, null, 2));
else {
  for (const { id, verdict } of verdicts)
    if (verdict === "news") console.log(`passes, but is not listed so: ${id}`);
  for (const { id, kind } of regressions) console.log(`expected to pass: ${id}: ${kind}`);
  console.log(
    `${sorted.length} tests: ${count("pass")} pass, ${count("skip")} skip, ${count("fail")} fail, ${count("timeout")} run out of time`,
  );
  console.log(`logs: ${logs}`);
}
process.exitCode = regressions.length === 0 && !stop.signal.aborted ? 0 : 1;
