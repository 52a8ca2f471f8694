/**
 * What stands for "this version of copse" in the keys of caches: names, sizes and times of source files. A version
 * number would not do in a checkout, where anything can change between two commands.
 */
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Changes whenever a program file below the folder does. Tests do not count. */
export function sourceFingerprint(folder: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (!/\.(ts|sh)$/.test(name) || name.endsWith(".test.ts")) continue;
    const stats = statSync(join(folder, name));
    hash.update(`${name}:${stats.size}:${stats.mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 32);
}
