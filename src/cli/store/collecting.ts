/** Collecting garbage and deleting paths, with what the commands for it print. */
import type { CollectOptions, Store } from "#store";
import type { CommandLine, Option } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { parseSize, renderSize } from "../sizes.ts";
import { usageError } from "../usage-error.ts";

/** What was done, or would be. */
export interface Collected {
  readonly paths: readonly string[];
  readonly bytesFreed: number;
}

/** Prints the summary that Nix prints, also where an error ended the work. */
export async function collectAndReport(
  store: Store,
  context: CommandContext,
  request: CollectOptions,
): Promise<Collected> {
  let collected: Collected = { paths: [], bytesFreed: 0 };
  try {
    collected = await collect(store, context, request);
    return collected;
  } finally {
    context.output.endProgress();
    context.output.line(summary(collected, request.action === "return-dead"));
  }
}

export async function collect(
  store: Store,
  context: CommandContext,
  request: CollectOptions,
): Promise<Collected> {
  return await store.collectGarbage({
    ...request,
    onEvent: (event) => {
      if (event.kind === "message") context.output.note(event.text);
      else context.output.note(`deleting '${event.path}'`);
    },
    signal: context.signal,
  });
}

/** What deleting would free is not known before: files can be linked to from elsewhere. */
export function summary({ paths, bytesFreed }: Collected, isDryRun: boolean): string {
  return isDryRun
    ? `${paths.length} store paths would be deleted`
    : `${paths.length} store paths deleted, ${renderSize(bytesFreed)} freed`;
}

export const MAX_FREED_OPTION: Option = {
  names: ["--max-freed"],
  values: ["BYTES"],
  help: "stop when as much is freed; K, M, G and T may stand behind the number",
};

/** @throws CopseError `usage`. */
export function readMaxFreed(line: CommandLine, option = "--max-freed"): number | undefined {
  const text = line.value(option);
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined) throw usageError(`'${text}' is not an integer`);
  return Math.max(bytes, 0);
}
