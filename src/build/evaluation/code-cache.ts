/**
 * Generated code between processes: one file per source text, in the user's cache folder, for this version of the
 * evaluator alone. V8 runs what is read here, so the folder must be the user's own; whoever can write there can
 * already write the user's programs.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sourceFingerprint } from "#build/warm";
import type { CodeCache } from "#lang";

export function openCodeCache(cacheDir: string): CodeCache {
  const versions = join(cacheDir, "nix-code");
  const version = sourceFingerprint("lang");
  const fileOf = (key: string): string => join(versions, version, key.slice(0, 2), key.slice(2));
  let isFirstWrite = true;
  return {
    read(key) {
      try {
        return readFileSync(fileOf(key));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    write(key, data) {
      const file = fileOf(key);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(`${file}.${process.pid}`, data);
      renameSync(`${file}.${process.pid}`, file);
      if (isFirstWrite) removeOthers(versions, version);
      isFirstWrite = false;
    },
  };
}

/** Code of other versions is of no use to anybody once a newer one runs. */
function removeOthers(versions: string, version: string): void {
  for (const name of readdirSync(versions)) {
    if (name !== version) rmSync(join(versions, name), { recursive: true, force: true });
  }
}
