/** Names of files that begin as a word does. */
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { CommandContext } from "../command.ts";
import type { Completions } from "./complete.ts";

export async function completeFiles(
  current: string,
  context: Pick<CommandContext, "cwd" | "env">,
  options: { readonly onlyFolders?: boolean } = {},
): Promise<Completions> {
  const slash = Math.max(current.lastIndexOf("/"), prefixLength(current) - 1) + 1;
  const folder = current.slice(prefixLength(current), slash);
  const begin = current.slice(slash);
  const place = resolve(context.cwd, folder.replace(/^~(?=\/)/, context.env["HOME"] ?? homedir()));
  const names = entriesOf(place)
    .filter((entry) => entry.name.startsWith(begin))
    .filter((entry) => begin.startsWith(".") || !entry.name.startsWith("."))
    .filter((entry) => !options.onlyFolders || entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => entry.name)
    .sort();
  return { kind: "filenames", words: names.map((name) => ({ word: current.slice(0, slash) + name })) };
}

/** `NAME=` before a path, as in `-I nixpkgs=…`. */
function prefixLength(current: string): number {
  return /^[A-Za-z0-9_-]+=/.exec(current)?.[0].length ?? 0;
}

function entriesOf(place: string) {
  try {
    return readdirSync(place, { withFileTypes: true });
  } catch {
    // A shell asks while somebody types: there need not be such a folder.
    return [];
  }
}
