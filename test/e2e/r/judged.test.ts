/** R itself as the judge: of versions, of DCF, of what an index offers, of closures. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  compareRVersions,
  formatDcf,
  parseDcf,
  parsePackagesIndex,
  parseRVersion,
  satisfiesRDemand,
} from "#format/r";
import { Random } from "#format/testing";
import { CranIndex, type RCandidate } from "#resolve";
import type { FixtureRPackage } from "../../../src/resolve/cran/testing/fixture-cran.ts";
import { output } from "../world.ts";
import { type RProject, rProject } from "./r-world.ts";

const shell = "with import <nixpkgs> { }; mkShell { packages = [ R rPackages.jsonlite ]; }";

async function ask({ cwd, env }: RProject, script: string): Promise<unknown> {
  writeFileSync(join(cwd, "ask.R"), script);
  return JSON.parse(await output(["run", "-f", "shell.nix", "--", "Rscript", "ask.R"], { cwd, env }));
}

describe("as R has it", () => {
  test("versions", async (t) => {
    const at = await rProject(t, { "shell.nix": shell }, []);
    const random = new Random(3);
    const number = () => ["0", "1", "2", "9", "10", "007", "58", "20240301"][random.below(8)] as string;
    const version = () =>
      [
        number(),
        ...Array.from({ length: 1 + random.below(3) }, () => `${".-"[random.below(2)]}${number()}`),
      ].join("");
    const pairs = Array.from({ length: 3000 }, () => [version(), version()] as const);
    writeFileSync(join(at.cwd, "pairs.txt"), pairs.map((pair) => pair.join(" ")).join("\n"));
    const script =
      'p <- read.table("pairs.txt", colClasses = "character"); cat(jsonlite::toJSON(mapply(compareVersion, p[[1]], p[[2]], USE.NAMES = FALSE)))';
    const judged = await ask(at, script);
    const ours = pairs.map(([a, b]) => Math.sign(compareRVersions(parseRVersion(a), parseRVersion(b))));
    assert.deepEqual(ours, judged);
  });

  test("records", async (t) => {
    const at = await rProject(t, { "shell.nix": shell }, []);
    const random = new Random(5);
    const piece = () => ["x", "  y", ".", " . ", "a: b", "ü", "\tz ", ""][random.below(8)] as string;
    const indent = () => [" ", "\t", "   "][random.below(3)] as string;
    const further = () => `\n${indent()}${random.below(4) === 0 ? "." : `v${piece()}`}`;
    const text = Array.from({ length: 300 }, () => {
      const value = `${piece()}${Array.from({ length: random.below(4) }, further).join("")}`;
      return `Name: n\nA:${value}\nB: ${piece()}\n`;
    }).join(["\n", "\n \n", "\n\n\t\n"][random.below(3)] as string);
    writeFileSync(join(at.cwd, "records.dcf"), text);
    const judged = (await ask(
      at,
      'cat(jsonlite::toJSON(read.dcf("records.dcf", fields = c("A", "B")), na = "string"))',
    )) as string[][];
    const ours = [...parseDcf(text, "records.dcf")].map((record) => [record.get("A"), record.get("B")]);
    assert.equal(ours.length, 300);
    assert.deepEqual(ours, judged);
    writeFileSync(join(at.cwd, "records.dcf"), formatDcf(parseDcf(text, "records.dcf")));
    const again = await ask(
      at,
      'cat(jsonlite::toJSON(read.dcf("records.dcf", fields = c("A", "B")), na = "string"))',
    );
    assert.deepEqual(again, judged);
  });

  test("what an index offers, and closures of it", async (t) => {
    const published = universe(new Random(9), 60);
    const at = await rProject(t, { "shell.nix": shell }, published);
    const uri = /"(http[^"]*)"/.exec(readFileSync(join(at.cwd, "site.R"), "utf8"))?.[1] ?? "";
    const script = `
      db <- available.packages(repos = "${uri}", type = "source", filters = c("R_version", "OS_type", "subarch", "duplicates"))
      base <- rownames(installed.packages(priority = "base"))
      closures <- lapply(tools::package_dependencies(rownames(db), db, which = c("Depends", "Imports", "LinkingTo"), recursive = TRUE), setdiff, base)
      cat(jsonlite::toJSON(list(r = as.character(getRversion()), versions = as.list(db[, "Version"]), closures = closures), auto_unbox = FALSE))`;
    const judged = (await ask(at, script)) as {
      readonly r: [string];
      readonly versions: Readonly<Record<string, [string]>>;
      readonly closures: Readonly<Record<string, readonly string[]>>;
    };
    const text = at.cran.files.get("src/contrib/PACKAGES")?.toString() ?? "";
    const entries = [...parsePackagesIndex(text, "PACKAGES")];
    const index = new CranIndex(
      entries.map((entry) => ({
        kind: "source",
        ...entry,
        repository: "CRAN",
        file: `src/contrib/${entry.file}`,
      })),
    );
    const r = parseRVersion(judged.r[0]);
    const fits = (one: RCandidate) =>
      one.kind === "source" &&
      one.demands.every((demand) => demand.name !== "R" || satisfiesRDemand(r, demand));
    const offered = Object.fromEntries(
      index.names().flatMap((name) => {
        const found = index.find(name).find(fits);
        return found ? [[name, [found.version]]] : [];
      }),
    );
    assert.deepEqual(offered, judged.versions);
    // Those whose closures copse can have: the others need what is nowhere, or for another R.
    const lockable = Object.entries(judged.closures).filter(([, names]) =>
      names.every((name) => judged.versions[name]),
    );
    assert.ok(lockable.length > 20);
    const expression = `map (name: map (p: p.name) (builtins.copse.resolveR { source = "bookworm"; system = builtins.currentSystem; snapshot = null; from = "sources"; demands = [ name ]; }).packages) [ ${lockable.map(([name]) => `"${name}"`).join(" ")} ]`;
    const solved = JSON.parse(
      await output(["eval", "--json", "-E", `builtins.${expression}`], { cwd: at.cwd, env: at.env }),
    ) as string[][];
    lockable.forEach(([name, names], i) => {
      assert.deepEqual([...(solved[i] ?? [])].sort(), [...new Set([name, ...names])].sort(), name);
      assert.equal(solved[i]?.at(-1), name);
    });
  });
});

/** Packages that depend on earlier ones, with several versions, other systems, and demands on R. */
function universe(random: Random, count: number): FixtureRPackage[] {
  const all: FixtureRPackage[] = [];
  for (let i = 0; i < count; i++) {
    const pick = () => `p${random.below(Math.max(1, i))}q`;
    const some = (most: number) => Array.from({ length: random.below(most + 1) }, pick);
    const version = () => `${random.below(3)}.${random.below(12)}${random.below(3) === 0 ? "-1" : ""}`;
    for (let copies = random.below(4) === 0 ? 2 : 1; copies > 0; copies--) {
      const imports = i === 0 ? [] : [...some(2), "stats"];
      const fields: Record<string, string> = {
        ...(random.below(5) === 0 && { Depends: `R (>= ${["3.5.0", "4.1", "5.0.0"][random.below(3)]})` }),
        ...(imports.length > 0 && { Imports: [...new Set(imports)].join(", ") }),
        ...(i > 0 && random.below(5) === 0 && { LinkingTo: `${pick()} (>= 0.0)` }),
        ...(random.below(12) === 0 && { OS_type: "windows" }),
      };
      all.push({ name: `p${i}q`, version: version(), fields });
    }
  }
  return all;
}
