/** Linking files of equal contents, with what the commands for it say. */
import type { Store } from "#store";
import type { CommandContext } from "../command.ts";
import { renderSize } from "../sizes.ts";

export interface Optimised {
  readonly filesLinked: number;
  readonly bytesFreed: number;
}

export async function optimiseAndReport(store: Store, context: CommandContext): Promise<Optimised> {
  const optimised = await store.optimise({ signal: context.signal });
  const { filesLinked, bytesFreed } = optimised;
  context.output.note(`${renderSize(bytesFreed)} freed by hard-linking ${filesLinked} files`);
  return optimised;
}
