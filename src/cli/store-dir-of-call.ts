/**
 * The store directory that a store's URI asks for: `--store 'local?store=/foo'`, or the same in NIX_REMOTE. It enters every
 * store path and is settled when the code of store paths is loaded, so it is looked for in the words as they come, before
 * any command is loaded. NIX_STORE_DIR then says it to this process, its threads and the programs that it starts.
 */

type Environment = Record<string, string | undefined>;

export function adoptStoreDir(args: readonly string[], env: Environment): void {
  const uri = storeOption(args) ?? (env["COPSE_STORE"] ? undefined : env["NIX_REMOTE"]);
  const query = uri?.split("?")[1];
  const storeDir =
    query === undefined ? null : new URLSearchParams(query.replaceAll("+", "%2B")).get("store");
  if (storeDir) env["NIX_STORE_DIR"] = storeDir;
}

/** The last one counts. */
function storeOption(args: readonly string[]): string | undefined {
  let found: string | undefined;
  args.forEach((arg, index) => {
    if (arg === "--store") found = args[index + 1];
    else if (arg.startsWith("--store=")) found = arg.slice("--store=".length);
    else if (arg === "--option" && args[index + 1] === "store") found = args[index + 2];
  });
  return found;
}
