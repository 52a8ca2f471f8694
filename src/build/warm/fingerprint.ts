/**
 * What stands for "this version of copse" in the keys of caches. A bundle is never changed, so its folder's name does.
 * In a checkout anything can change between two commands: there it is the names, sizes and times of source files.
 */
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { bundleFolder, installedPath } from "#base";

/** Changes whenever a program file does. `part` narrows it to a folder of `src`; tests do not count. */
export function sourceFingerprint(part = ""): string {
  if (bundleFolder !== undefined) return basename(bundleFolder);
  const folder = installedPath(join("src", part));
  // Loaded when it is needed: a bundle starts without, and it takes several milliseconds.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const hash = createHash("sha256");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (!/\.(ts|sh)$/.test(name) || name.endsWith(".test.ts")) continue;
    const stats = statSync(join(folder, name));
    hash.update(`${name}:${stats.size}:${stats.mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 32);
}
