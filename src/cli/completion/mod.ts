/** Completion of command lines: the answers, and the code by which shells ask for them. */
import type { CommandContext } from "../command.ts";
import { complete, formatCompletions } from "./complete.ts";

export { COMPLETION_SHELLS, completionScript } from "./scripts.ts";

/** Prints how a word can go on. What goes wrong is nobody's business while a line is being typed. */
export async function answerCompletion(
  context: CommandContext,
  args: readonly string[],
  index: string,
): Promise<number> {
  context.output.quiet = true;
  context.output.showBuildOutput = false;
  try {
    context.output.raw(formatCompletions(await complete(args, Number(index), context)));
    return 0;
  } catch {
    return 1;
  }
}
