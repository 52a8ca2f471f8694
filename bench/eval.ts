/**
 * Evaluating: copse beside C++ Nix, CPU seconds of whole processes.
 *
 *     npm run bench:eval          COPSE_CPP_NIX names the folder with C++ Nix's programs
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { medianOf } from "./measure.ts";
import { type Row, report } from "./results.ts";

const EXPRESSIONS: Readonly<Record<string, string>> = {
  "empty expression": "1",
  "fib 30": "let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 30",
  "foldl' over 1e6": "builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 1000000)",
  "sort 2e5":
    "builtins.length (builtins.sort (a: b: a < b) (builtins.genList (x: let y = x * 7919; in y - (y / 200003) * 200003) 200000))",
  "listToAttrs 2e5":
    'builtins.length (builtins.attrNames (builtins.listToAttrs (builtins.genList (x: { name = "n" + toString x; value = x; }) 200000)))',
  "// of 2000 single attributes":
    'builtins.length (builtins.attrNames (builtins.foldl\' (a: x: a // { ${"n" + toString x} = x; }) { } (builtins.genList (x: x) 2000)))',
  "50 overlays over 5000 attributes":
    'let base = builtins.listToAttrs (builtins.genList (x: { name = "a" + toString x; value = x; }) 5000); overlay = n: final: prev: { ${"b" + toString n} = prev.a1 + n; a2 = final.a3; }; extends = o: f: final: let prev = f final; in prev // o final prev; fix = f: let x = f x; in x; in (fix (builtins.foldl\' (f: n: extends (overlay n) f) (_: base) (builtins.genList (x: x) 50))).a2',
  "string loops":
    'builtins.stringLength (builtins.concatStringsSep "," (builtins.genList (x: builtins.substring 0 3 (toString (x * 31))) 200000))',
};

const nix = join(process.env["COPSE_CPP_NIX"] ?? "", "nix-instantiate");
const copse = join(import.meta.dirname, "..", "bin", "copse");
const rows: Row[] = [];
for (const [name, expression] of Object.entries(EXPRESSIONS)) {
  const ours = await medianOf(5, [copse, "eval", "--expr", expression]);
  const theirs = await medianOf(5, [nix, "--eval", "-E", expression]);
  if (ours.stdout.trim() !== theirs.stdout.trim()) {
    throw new Error(`${name}: copse says ${ours.stdout.trim()}, C++ Nix ${theirs.stdout.trim()}`);
  }
  rows.push({ name, unit: "CPU s", copse: ours.cpuSeconds, peer: theirs.cpuSeconds });
}
const peer = execFileSync(nix, ["--version"], { encoding: "utf8" }).trim();
report("eval", { title: "Evaluation beside C++ Nix", peer, rows });
