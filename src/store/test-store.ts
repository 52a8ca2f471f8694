/** For tests: a store in a directory of its own, and C++ Nix, the judge, working on that store. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findJudge } from "#format/testing";
import { openStore } from "./open-store.ts";
import { storePlace } from "./place/store-place.ts";
import type { Store } from "./store.ts";
import { removeTree } from "./trees/place-tree.ts";

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
    nixStore: (...args) => {
      // It may want to collect, and we sleep meanwhile.
      store.settle();
      return lines(runCppNix("nix-store", ["--store", prefix, ...args]));
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      removeTree(directory);
    },
  };
}

/** What another process would do: with a store of its own, closed afterwards, so that it keeps nothing alive. */
export async function inOtherStore<T>(prefix: string, work: (store: Store) => T | Promise<T>): Promise<T> {
  await using store = openStore(storePlace(prefix));
  return await work(store);
}

const cppNixDirectory = [process.env["COPSE_CPP_NIX"], ...(process.env["PATH"] ?? "").split(delimiter)].find(
  (directory) => directory && existsSync(join(directory, "nix-store")),
);

/** For `test(..., { skip: noCppNix })`. */
export const noCppNix = cppNixDirectory === undefined && "C++ Nix is not installed (Debian: nix-bin)";

/** The same where its collector must leave alone what others are at, which Debian 12's does not. */
export const noRecentCppNix = findJudge("nix-store", { atLeast: "2.20" }).reason;

export function cppNixProgram(name: string): string {
  return join(cppNixDirectory ?? "", name);
}

/** Throws what the program said, where it fails or warns of damage. */
export function runCppNix(program: string, args: readonly string[]): Buffer {
  const result = spawnSync(cppNixProgram(program), args, { maxBuffer: 1 << 30 });
  if (result.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${result.stderr ?? result.error}`);
  return result.stdout;
}

export function lines(output: Buffer): string[] {
  return output.toString("utf8").split("\n").filter(Boolean);
}
