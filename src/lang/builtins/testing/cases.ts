/**
 * Recorded answers of C++ Nix. A case file holds expressions, each on one line, followed by an indented line with
 * what `nix-instantiate --eval --strict` printed (`=>`) or the first line of its error (`!!`). Lines with `#` are
 * comments. Expressions are evaluated in `fixtures/`.
 *
 * `UPDATE_GOLDEN=1` records anew, from C++ Nix and never from our own evaluator.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { byteStringFromText, CopseError, textFromByteString } from "#base";
import { createEvaluator } from "../../evaluator.ts";
import { printAmbiguous } from "../../runtime/mod.ts";
import { builtinTable } from "../mod.ts";
import { createReadOnlyHost } from "./read-only-host.ts";

export interface Case {
  readonly expression: string;
  /** `=> value` or `!! message`. */
  readonly expected: string;
}

export const FIXTURES = new URL("./fixtures", import.meta.url).pathname;

export function readCases(file: string): Case[] {
  const cases: Case[] = [];
  const lines = readFileSync(file, "utf8").split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    if (line === "" || line.startsWith("#")) continue;
    const next = lines[i + 1] ?? "";
    const recorded = next.startsWith("    ");
    cases.push({ expression: line, expected: recorded ? next.trim() : "" });
    if (recorded) i++;
  }
  return cases;
}

/** What our evaluator answers, in the notation of the case files. */
export function answer(expression: string): string {
  const evaluator = createEvaluator({
    host: createReadOnlyHost(),
    builtins: builtinTable,
    settings: { readOnly: true },
  });
  try {
    const value = evaluator.evalText(byteStringFromText(expression), { baseDir: FIXTURES });
    return oneLine("=>", textFromByteString(printAmbiguous(evaluator.forceDeep(value))));
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    return oneLine("!!", textFromByteString(error.message));
  }
}

function oneLine(mark: string, text: string): string {
  const line = text.split("\n")[0] ?? "";
  return `${mark} ${line.replaceAll(FIXTURES, "FIXTURES")}`.trim();
}

/** The directory of C++ Nix's programs, "" for PATH; undefined where there is none. */
export function findCppNix(): string | undefined {
  const directory = process.env["COPSE_CPP_NIX"];
  if (directory) return `${directory}/`;
  const found = spawnSync("nix-instantiate", ["--version"], { encoding: "utf8" });
  return found.status === 0 ? "" : undefined;
}

export function cppNixVersion(nix: string): string {
  return (
    /[0-9]+(?:\.[0-9]+)+/.exec(
      execFileSync(`${nix}nix-instantiate`, ["--version"], { encoding: "utf8" }),
    )?.[0] ?? ""
  );
}

export const NIX_ENVIRONMENT = {
  HOME: "/homeless",
  NIX_CONFIG: "build-users-group =\n",
  NIX_PATH: "",
  COPSE_TEST: "set",
};

/** What C++ Nix answers. `store` is a directory for its state. */
export function askCppNix(nix: string, expression: string, store: string): string {
  const args = ["--store", store, "--readonly-mode", "--eval", "--strict", "-E", expression];
  const result = spawnSync(`${nix}nix-instantiate`, args, {
    cwd: FIXTURES,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...NIX_ENVIRONMENT },
    timeout: 20_000,
  });
  if (result.status === 0) return oneLine("=>", result.stdout.trim());
  const message = result.stderr.split(/^ *error:/m).at(-1) ?? "";
  const lines = message.split("\n").map((line) => line.trim());
  return oneLine("!!", lines.find((line) => line !== "") ?? "");
}

export function recordCases(file: string, nix: string, store: string): void {
  const out: string[] = [];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.startsWith("    ")) continue;
    out.push(line);
    if (line !== "" && !line.startsWith("#")) out.push(`    ${askCppNix(nix, line, store)}`);
  }
  writeFileSync(file, out.join("\n"));
}
