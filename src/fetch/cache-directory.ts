/** Where copse keeps what can be fetched again: `$XDG_CACHE_HOME/copse`, or `~/.cache/copse`. */
import { homedir } from "node:os";
import { join } from "node:path";

export function cacheDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const base = env["XDG_CACHE_HOME"];
  // The specification wants relative values ignored.
  const root = base?.startsWith("/") ? base : join(env["HOME"] || homedir(), ".cache");
  return join(root, "copse");
}
