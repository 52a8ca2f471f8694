/**
 *     npm run proof:builds [-- NAME...]
 *
 * Builds the derivations in builds/derivations.nix with C++ Nix and with copse, each into a store of its own, and compares
 * what the stores then know of every path: NAR hash, size, references, deriver, content address. What must fail must fail
 * in both and leave nothing valid behind. In the end C++ Nix checks the bytes of both stores.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { writeFixtures } from "../differential/fixtures.ts";
import { type Builder, copseBuilder, cppNixBuilder, verifyStore } from "./builders.ts";
import { makeStaticTools } from "./static-tools.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "copse-builds-")));
const wanted = process.argv.slice(2);
let differences = 0;

function report(line: string): void {
  differences += 1;
  console.log(line);
}

/** All that is registered about the outputs of a derivation, with paths as they are. */
function knownAbout(store: string, outputs: readonly string[]): Map<string, string> {
  const db = new DatabaseSync(join(store, "nix/var/nix/db/db.sqlite"), { readOnly: true });
  try {
    const info = db.prepare("select id, hash, narSize, deriver, ca from ValidPaths where path = ?");
    const references = db.prepare(
      "select path from Refs join ValidPaths on reference = id where referrer = ? order by path",
    );
    return new Map(
      outputs.map((path) => {
        const row = info.get(path);
        if (row === undefined) return [path, "is not valid"];
        const { id, ...rest } = row;
        const names = references.all(id!).map((each) => each["path"]);
        return [
          path,
          JSON.stringify({ ...rest, narSize: Number(rest["narSize"]), references: names }, null, 1),
        ];
      }),
    );
  } finally {
    db.close();
  }
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-8).join("\n    ");
}

function compareGood(judge: Builder, copse: Builder, file: string, names: readonly string[]): void {
  for (const name of names) {
    const args = [file, "--no-out-link", "-A", `good.${name}`];
    // All outputs, whichever the attribute itself stands for.
    const drv = judge
      .run(
        "nix-instantiate",
        args.filter((arg) => arg !== "--no-out-link"),
      )
      .stdout.trim()
      .split("!")[0]!;
    const their = judge.run("nix-build", args);
    const our = copse.run("nix-build", args);
    if (their.status !== 0) report(`${name}: C++ Nix does not build it:\n    ${lastLines(their.stderr)}`);
    else if (our.status !== 0)
      report(`${name}: copse ends with ${our.status}:\n    ${lastLines(our.stderr)}`);
    else {
      const outputs = judge.run("nix-store", ["--query", "--outputs", drv]).stdout.trim().split("\n");
      const theirs = knownAbout(judge.store, outputs);
      const ours = knownAbout(copse.store, outputs);
      const differing = outputs.filter((path) => theirs.get(path) !== ours.get(path));
      for (const path of differing)
        report(`${name}: ${path}\n  C++ Nix ${theirs.get(path)}\n  copse   ${ours.get(path)}`);
      if (differing.length === 0) console.log(`equal   ${name} (${outputs.length})`);
    }
  }
}

function compareBad(judge: Builder, copse: Builder, file: string, names: readonly string[]): void {
  for (const name of names) {
    const args = [file, "--no-out-link", "-A", `bad.${name}`];
    const drv = judge
      .run("nix-instantiate", [file, "-A", `bad.${name}`])
      .stdout.trim()
      .split("!")[0]!;
    const their = judge.run("nix-build", args);
    const our = copse.run("nix-build", args);
    const outputs = judge.run("nix-store", ["--query", "--outputs", drv]).stdout.trim().split("\n");
    const left = [...knownAbout(copse.store, outputs)].filter(([, known]) => known !== "is not valid");
    if (their.status === 0) report(`${name}: C++ Nix builds it`);
    else if (our.status === 0)
      report(`${name}: copse builds it, C++ Nix says:\n    ${lastLines(their.stderr)}`);
    else if (our.status !== their.status)
      report(
        `${name}: exit codes: C++ Nix ${their.status}, copse ${our.status}\n    ${lastLines(our.stderr)}`,
      );
    else if (left.length > 0) report(`${name}: valid after it failed in copse: ${left.join(" ")}`);
    else console.log(`refused ${name} (exit code ${our.status})`);
  }
}

try {
  makeStaticTools(join(folder, "tools"));
  mkdirSync(join(folder, "fixtures"));
  writeFixtures(join(folder, "fixtures"));
  const file = join(folder, "default.nix");
  writeFileSync(
    file,
    `import ${join(import.meta.dirname, "builds/derivations.nix")} { tools = ${folder}/tools; fixtures = ${folder}/fixtures; }\n`,
  );
  const judge = cppNixBuilder(folder, join(folder, "judge"));
  const copse = copseBuilder(folder, join(folder, "copse"));
  const namesOf = (set: string): string[] => {
    const { stdout, stderr } = judge.run("nix-instantiate", [
      "--eval",
      "--json",
      "--strict",
      "-E",
      `builtins.attrNames (import ${file}).${set}`,
    ]);
    if (stdout === "") throw new Error(stderr);
    return (JSON.parse(stdout) as string[]).filter((name) => wanted.length === 0 || wanted.includes(name));
  };
  const [good, bad] = [namesOf("good"), namesOf("bad")];
  compareGood(judge, copse, file, good);
  compareBad(judge, copse, file, bad);
  for (const store of [judge.store, copse.store])
    for (const line of verifyStore(judge, store)) report(`${store}: ${line}`);
  console.log(`${good.length} derivations built, ${bad.length} refused, ${differences} differences`);
  process.exitCode = differences === 0 ? 0 : 1;
} finally {
  execFileSync("chmod", ["-R", "u+w", folder]);
  rmSync(folder, { recursive: true, force: true });
}
