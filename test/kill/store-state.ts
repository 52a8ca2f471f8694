/** What a store's database and folder hold, read without any of copse's code. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Valid paths with their hashes. A path is committed once another process sees it here. */
export function validPaths(store: string): Map<string, string> {
  const file = join(store, "nix/var/nix/db/db.sqlite");
  if (!existsSync(file)) return new Map();
  const db = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    const rows = db.prepare("select path, hash from ValidPaths").all();
    return new Map(rows.map((row) => [String(row["path"]), String(row["hash"])]));
  } catch (error) {
    // Just being made.
    if (error instanceof Error && error.message.includes("no such table")) return new Map();
    throw error;
  } finally {
    db.close();
  }
}

/** Names in the store's folder that are no valid path: unfinished outputs, temporary folders, locks. */
export function strayNames(store: string): string[] {
  const folder = join(store, "nix/store");
  if (!existsSync(folder)) return [];
  const valid = validPaths(store);
  return readdirSync(folder).filter((name) => name !== ".links" && !valid.has(`/nix/store/${name}`));
}
