/** Which copse.toml a command line means. Only its place is looked at: what reads it is loaded where there is one. */
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { CommandLine } from "../arguments.ts";
import type { CommandContext } from "../command.ts";

const FILE = "copse.toml";

/** The file that is named, or the one that the current folder belongs to. `others` are the files that make an environment too. */
export function manifestOfCall(
  line: CommandLine,
  context: Pick<CommandContext, "cwd">,
  {
    named = line.value("--file"),
    others,
  }: { readonly named?: string | undefined; readonly others: readonly string[] },
): string | undefined {
  if (line.has("--expr")) return undefined;
  if (named === undefined) return nearestManifest(context.cwd, others);
  const place = resolve(context.cwd, named);
  if (place.endsWith(".toml")) return existsSync(place) ? place : undefined;
  const inside = join(place, FILE);
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder && existsSync(inside) ? inside : undefined;
}

/**
 * From a folder upwards. A folder with one of `others` and no manifest is an environment of its own: what lies above
 * it is not asked.
 */
export function nearestManifest(folder: string, others: readonly string[] = []): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, FILE);
    if (existsSync(file)) return file;
    if (others.some((name) => existsSync(join(at, name))) || at === dirname(at)) return undefined;
  }
}
