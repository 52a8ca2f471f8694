/**
 * Generated code between processes: one file per source text, in the user's cache folder. V8 runs what is read
 * here, so the folder must be the user's own; whoever can write there can already write the user's programs.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CodeCache } from "#lang";

export function openCodeCache(cacheDir: string): CodeCache {
  const fileOf = (key: string): string => join(cacheDir, "nix-code", key.slice(0, 2), key.slice(2));
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
    },
  };
}
