/**
 * NAR hashing of a tree of a given size: `copse hash path` beside C++ Nix's nix-hash, in the same run. Runs of the two
 * alternate, so that what else the machine does meets both; the start of the program is part of the time.
 *
 *     npm run bench:nar -- [TREE]          default: a tree of 1 GB, made for the purpose
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alternate } from "./measure.ts";
import { report, timeRows } from "./results.ts";
import { makeTree } from "./tree.ts";

const ROUNDS = 9;
const nixHash = join(process.env["COPSE_CPP_NIX"] ?? "", "nix-hash");
const copse = join(import.meta.dirname, "..", "bin", "copse");
const made = process.argv[2] === undefined ? mkdtempSync(join(tmpdir(), "copse-nar-")) : undefined;
const tree = made === undefined ? (process.argv[2] as string) : makeTree(join(made, "tree"));
try {
  const ours = [copse, "hash", "path", "--base16", "--algo", "sha256", tree];
  const pair = await alternate(ROUNDS, ours, [nixHash, "--type", "sha256", tree]);
  const peer = execFileSync(nixHash, ["--version"], { encoding: "utf8" }).trim();
  report("nar", { title: "NAR hash of a tree of 1 GB", peer, rows: timeRows("NAR hash", pair) });
} finally {
  if (made) rmSync(made, { recursive: true });
}
