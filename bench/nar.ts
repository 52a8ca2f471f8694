/**
 * NAR hashing of a tree of a given size: copse beside C++ Nix's nix-hash, in the same run.
 *
 *     npm run bench:nar -- [TREE]          default: a tree of 1 GB, made for the purpose
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { medianOf } from "./measure.ts";
import { report } from "./results.ts";
import { makeTree } from "./tree.ts";

const nixHash = join(process.env["COPSE_CPP_NIX"] ?? "", "nix-hash");
const node = join(import.meta.dirname, "..", "bin", "node");
const script = join(import.meta.dirname, "nar-hash.ts");
const made = process.argv[2] === undefined ? mkdtempSync(join(tmpdir(), "copse-nar-")) : undefined;
const tree = made === undefined ? (process.argv[2] as string) : makeTree(join(made, "tree"));
try {
  const ours = await medianOf(3, [node, "--disable-warning=ExperimentalWarning", script, tree]);
  const theirs = await medianOf(3, [nixHash, "--type", "sha256", tree]);
  if (ours.stdout.trim() !== theirs.stdout.trim()) {
    throw new Error(`Hashes differ: ${ours.stdout.trim()}, ${theirs.stdout.trim()}`);
  }
  const peer = execFileSync(nixHash, ["--version"], { encoding: "utf8" }).trim();
  const rows = [
    { name: "NAR hash, wall", unit: "s", copse: ours.wallSeconds, peer: theirs.wallSeconds },
    { name: "NAR hash, processor", unit: "CPU s", copse: ours.cpuSeconds, peer: theirs.cpuSeconds },
  ];
  report("nar", { title: "NAR hash of a tree of 1 GB", peer, rows });
} finally {
  if (made) rmSync(made, { recursive: true });
}
