/** For tests: a store in a directory of its own, and C++ Nix, the judge, working on that store. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { storePlace } from "./place.ts";
import { removeTree } from "./place-tree.ts";
import { openStore, type Store } from "./store.ts";

export interface TestStore extends AsyncDisposable {
  /** Removed in the end. The store's prefix is `<directory>/store`, the rest is the test's. */
  readonly directory: string;
  readonly prefix: string;
  readonly store: Store;
  /** What `nix-store --store <prefix> …` says, in lines. Throws where it fails. */
  nixStore(...args: string[]): string[];
}

export function testStore(): TestStore {
  const directory = mkdtempSync(join(tmpdir(), "copse-store-"));
  const prefix = join(directory, "store");
  const store = openStore(storePlace(prefix));
  return {
    directory,
    prefix,
    store,
    nixStore: (...args) => lines(runCppNix("nix-store", ["--store", prefix, ...args])),
    async [Symbol.asyncDispose]() {
      await store.close();
      removeTree(directory);
    },
  };
}

const cppNixDirectory = [process.env["COPSE_CPP_NIX"], ...(process.env["PATH"] ?? "").split(delimiter)].find(
  (directory) => directory && existsSync(join(directory, "nix-store")),
);

/** For `test(..., { skip: noCppNix })`. */
export const noCppNix = cppNixDirectory === undefined && "C++ Nix is not installed (Debian: nix-bin)";

/** Throws what the program said, where it fails or warns of damage. */
export function runCppNix(program: string, args: readonly string[]): Buffer {
  const result = spawnSync(join(cppNixDirectory ?? "", program), args, { maxBuffer: 1 << 30 });
  if (result.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${result.stderr ?? result.error}`);
  return result.stdout;
}

export function lines(output: Buffer): string[] {
  return output.toString("utf8").split("\n").filter(Boolean);
}
