/**
 *     npm run proof:shared-store
 *
 * One store, two tools. copse fills it with every kind of path, and C++ Nix verifies it and builds on; then processes of both
 * build and add the same and different things at the same time, while both collect garbage. Nothing may fail, and in the
 * end both tools must find every byte where the database says.
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { writeFixtures } from "../differential/fixtures.ts";
import { type Builder, copseBuilder, cppNixBuilder, verifyStore } from "./builders.ts";
import { makeStaticTools } from "./static-tools.ts";

const PROCESSES = 20;
const LIMIT_MS = 300_000;
const folder = realpathSync(mkdtempSync(join(tmpdir(), "copse-shared-")));
const store = join(folder, "store");
let problems = 0;

function report(line: string): void {
  problems += 1;
  console.log(line);
}

function check(judge: Builder, copse: Builder, when: string): void {
  const db = new DatabaseSync(join(store, "nix/var/nix/db/db.sqlite"), { readOnly: true });
  const integrity = db.prepare("pragma integrity_check").get()?.["integrity_check"];
  const dangling = db.prepare("pragma foreign_key_check").all().length;
  const paths = db.prepare("select count(*) as n from ValidPaths").get()?.["n"];
  db.close();
  if (integrity !== "ok" || dangling > 0) report(`${when}: the database: ${integrity}, ${dangling} dangling`);
  for (const line of verifyStore(judge, store)) report(`${when}: C++ Nix: ${line}`);
  const own = copse.run("nix-store", ["--verify", "--check-contents"]);
  if (own.status !== 0) report(`${when}: copse: ${own.stderr.slice(-600)}`);
  console.log(`${when}: ${paths} paths`);
}

// A link of its own for each: C++ Nix replaces none that leads to where a store's files really are.
function must(builder: Builder, program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = builder.run(program, args);
  if (status !== 0)
    report(`${builder.name}: ${program} ${args.join(" ")} ended with ${status}: ${stderr.slice(-800)}`);
  return stdout.trim();
}

/** One process beside others. Returns what it printed. */
function beside(builder: Builder, program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(builder.program(program), args, {
      env: builder.env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT_MS,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (status, signal) => {
      if (status !== 0)
        report(`${builder.name}: ${program} ${args.at(-1)}: ${status ?? signal}: ${stderr.slice(-800)}`);
      resolve(stdout.trim());
    });
  });
}

function workload(round: number): string[] {
  const file = join(import.meta.dirname, "../kill/workload.nix");
  return ["-E", `import ${file} { tools = ${folder}/tools; tree = ${folder}/tree; round = ${round}; }`];
}

/** Half of the processes are the other tool's; some do the very same, some have a root, some only add. */
async function together(judge: Builder, copse: Builder, isCollecting: boolean): Promise<void> {
  const rounds = isCollecting ? 100 : 0;
  const built = await Promise.all(
    Array.from({ length: PROCESSES }, (_, i) => {
      const builder = i % 2 === 0 ? judge : copse;
      if (i % 5 === 4) return beside(builder, "nix-store", ["--add", join(folder, `added-${i % 3}`)]);
      const link = join(folder, `result-${rounds}-${i}`);
      return beside(builder, "nix-build", ["-o", link, ...workload(rounds + (i % 4))]);
    }).concat(
      isCollecting
        ? [
            beside(judge, "nix-store", ["--gc"]),
            beside(copse, "nix-collect-garbage", []),
            beside(judge, "nix-store", ["--gc"]),
          ]
        : [],
    ),
  );
  const paths = built.filter((path) => path.startsWith("/nix/store/") && !path.includes("added"));
  const different = new Set(paths);
  if (different.size !== 4 && !isCollecting) report(`4 results were expected: ${[...different].join(" ")}`);
}

try {
  makeStaticTools(join(folder, "tools"));
  mkdirSync(join(folder, "fixtures"));
  writeFixtures(join(folder, "fixtures"));
  for (let i = 0; i < 100; i++) {
    mkdirSync(join(folder, "tree", `d${i % 10}`), { recursive: true });
    writeFileSync(join(folder, "tree", `d${i % 10}`, `f${i}`), `${i}\n`.repeat(i * 20));
  }
  for (const i of [0, 1, 2]) cpSync(join(folder, "tree"), join(folder, `added-${i}`), { recursive: true });
  const file = join(folder, "default.nix");
  writeFileSync(
    file,
    `import ${join(import.meta.dirname, "builds/derivations.nix")} { tools = ${folder}/tools; fixtures = ${folder}/fixtures; }\n`,
  );
  const copse = copseBuilder(folder, store);
  const judge = cppNixBuilder(folder, store);

  must(copse, "nix-build", [file, "-A", "good", "-o", join(folder, "good-copse")]);
  check(judge, copse, "copse has built");
  must(judge, "nix-build", [file, "-A", "good", "-o", join(folder, "good-judge")]);
  must(judge, "nix-build", ["-o", join(folder, "again-judge"), ...workload(50)]);
  must(copse, "nix-build", ["-o", join(folder, "again-copse"), ...workload(50)]);
  check(judge, copse, "C++ Nix has built on it");
  must(copse, "nix-collect-garbage", []);
  check(judge, copse, "copse has collected");
  must(judge, "nix-build", [file, "-A", "good", "-o", join(folder, "good-judge")]);
  await together(judge, copse, false);
  check(judge, copse, `${PROCESSES} processes at the same time`);
  await together(judge, copse, true);
  check(judge, copse, `${PROCESSES} processes and three collections`);
  must(judge, "nix-store", ["--gc"]);
  check(judge, copse, "C++ Nix has collected");
  must(copse, "nix-build", [file, "-A", "good", "-o", join(folder, "good-copse")]);
  check(judge, copse, "copse has built again");
  console.log(problems === 0 ? "one store, two tools: nothing is wrong" : `${problems} problems`);
  process.exitCode = problems === 0 ? 0 : 1;
} finally {
  execFileSync("sh", ["-c", 'chmod -R u+w "$0" 2>/dev/null; rm -rf "$0"', folder]);
}
