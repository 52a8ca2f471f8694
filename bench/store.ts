/**
 * Adding a tree of 1 GB to a store and verifying it there: copse beside C++ Nix's nix-store, in the same run. Runs of
 * the two alternate, so that what else the machine does meets both.
 *
 *     npm run bench:store
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Measurement, measure } from "./measure.ts";
import { report, timeRows } from "./results.ts";
import { makeTree } from "./tree.ts";

const ROUNDS = 5;
const VERIFY = ["--verify", "--check-contents"];
const nixStore = join(process.env["COPSE_CPP_NIX"] ?? "", "nix-store");
const directory = mkdtempSync(join(tmpdir(), "copse-bench-store-"));
/** Called by this name, copse is nix-store. */
const copse = join(directory, "nix-store");

try {
  symlinkSync(join(import.meta.dirname, "..", "bin", "copse"), copse);
  const tree = makeTree(join(directory, "tree"));
  const add = emptyPair();
  const verify = emptyPair();
  for (let round = 0; round <= ROUNDS; round++) {
    const [ours, theirs] = ["ours", "theirs"].map((name) => freshStore(name));
    const results = {
      addOurs: await measure([copse, "--store", ours!, "--add", tree]),
      addTheirs: await measure([nixStore, "--store", theirs!, "--add", tree]),
      verifyOurs: await measure([copse, "--store", ours!, ...VERIFY]),
      verifyTheirs: await measure([nixStore, "--store", theirs!, ...VERIFY]),
    };
    if (results.addOurs.stdout.trim() !== results.addTheirs.stdout.trim()) throw new Error("Paths differ");
    // The first round fills caches.
    if (round === 0) continue;
    add.ours.push(results.addOurs);
    add.theirs.push(results.addTheirs);
    verify.ours.push(results.verifyOurs);
    verify.theirs.push(results.verifyTheirs);
  }
  const peer = execFileSync(nixStore, ["--version"], { encoding: "utf8" }).trim();
  report("store", {
    title: "A tree of 1 GB in the store",
    peer,
    rows: [...timeRows("add", add), ...timeRows("verify", verify)],
  });
} finally {
  execFileSync("chmod", ["-R", "u+w", directory]);
  rmSync(directory, { recursive: true });
}

function freshStore(name: string): string {
  const store = join(directory, name);
  execFileSync("sh", ["-c", 'if [ -e "$0" ]; then chmod -R u+w "$0" && rm -rf "$0"; fi', store]);
  mkdirSync(store);
  return store;
}

function emptyPair(): { ours: Measurement[]; theirs: Measurement[] } {
  return { ours: [], theirs: [] };
}
