/**
 * NAR hashing of a tree of a given size: copse beside C++ Nix's nix-hash, in the same run.
 *
 *     npm run bench:nar -- [TREE]          default: a tree of 1 GB, made for the purpose
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { medianOf } from "./measure.ts";
import { report } from "./results.ts";

const nixHash = join(process.env["COPSE_CPP_NIX"] ?? "", "nix-hash");
const node = join(import.meta.dirname, "..", "bin", "node");
const script = join(import.meta.dirname, "nar-hash.ts");
const made = process.argv[2] === undefined ? makeTree() : undefined;
const tree = process.argv[2] ?? (made as string);
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

/** 1,000 folders of 1 MB in files of all sizes, as packages have them. */
function makeTree(): string {
  const root = mkdtempSync(join(tmpdir(), "copse-nar-"));
  for (let folder = 0; folder < 1000; folder++) {
    const path = join(root, `d${folder}`);
    mkdirSync(path);
    for (const [index, size] of [900_000, 60_000, 20_000, 10_000, 5_000, 4_000, 1_000].entries()) {
      writeFileSync(join(path, `f${index}`), Buffer.alloc(size, (folder * 7 + index) & 0xff));
    }
  }
  return root;
}
