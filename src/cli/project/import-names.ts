/** What `copse import` asks of this machine's configuration for Python packages, and on request of its indexes. */
import { isCopseError } from "#base";
import { cacheDirectory, loadPipConfiguration, pipDefaultIndex } from "#fetch";
import { isName, normaliseName } from "#format/python";
import type { CommandContext } from "../command.ts";

/** Addresses of the indexes that are asked anyway. What pip's configuration has wrong is for the commands that use it to say. */
export function knownIndexes({ env }: Pick<CommandContext, "env">): readonly string[] {
  const settings = { env, cacheDir: cacheDirectory(env) };
  const fallback = pipDefaultIndex(settings);
  const known = fallback === undefined ? [] : [fallback];
  try {
    const { options } = loadPipConfiguration(settings);
    return [
      ...known,
      ...(options.indexUrl === undefined ? [] : [options.indexUrl]),
      ...options.extraIndexUrls,
    ];
  } catch (error) {
    if (!isCopseError(error)) throw error;
    return known;
  }
}

/** Those that no index has. */
export async function missingNames(
  names: readonly string[],
  context: CommandContext,
): Promise<readonly string[]> {
  const { openPythonIndex } = await import("#resolve/python/index");
  const index = openPythonIndex({
    env: context.env,
    cacheDir: cacheDirectory(context.env),
    notice: (text) => context.output.note(text),
    sdists: {
      metadataOf: () => {
        throw new Error("Names alone are asked for, and no metadata");
      },
    },
  });
  try {
    const missing: string[] = [];
    for (const name of names)
      if (isName(name) && (await index.files(normaliseName(name), context.signal)) === undefined)
        missing.push(name);
    return missing;
  } finally {
    index.close();
  }
}
