/**
 * Where Nix's functional tests hold a collector: a named pipe in the environment is read before it goes on, so that
 * they can build at just that moment. Nothing happens where the variables are not set.
 */
import { readFile } from "node:fs/promises";

const VARIABLES = {
  "before listening": "_NIX_TEST_GC_SYNC_1",
  "roots are read": "_NIX_TEST_GC_SYNC_2",
} as const;

export async function collectorSyncPoint(moment: keyof typeof VARIABLES): Promise<void> {
  const pipe = process.env[VARIABLES[moment]];
  if (pipe) await readFile(pipe);
}
