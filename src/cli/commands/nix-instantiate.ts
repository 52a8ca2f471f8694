/** `nix-instantiate`: derivations from expressions, or with --eval values, or with --parse syntax. */
import type { Command } from "../command.ts";
import { TARGET_OPTIONS } from "../options.ts";
import { openSession } from "../session.ts";
import { readTarget } from "../target.ts";

export const command: Command = {
  name: "nix-instantiate",
  summary: "evaluate expressions to derivations, as nix-instantiate does",
  usage: "[OPTIONS] [FILE...]",
  options: [
    ...TARGET_OPTIONS.filter((option) => !option.names.includes("--expr")),
    { names: ["--expr", "-E"], help: "the arguments are expressions, not files" },
    { names: ["--eval"], help: "print the value" },
    { names: ["--parse"], help: "print the syntax tree, in Nix's own form" },
    { names: ["--strict"], help: "with --eval: evaluate list elements and attributes too" },
    { names: ["--json"], help: "with --eval: print as JSON" },
    { names: ["--raw"], help: "with --eval: print a string as it is" },
  ],
  async run(line, context) {
    await using session = openSession(line, context);
    for (const positional of line.positionals.length > 0 ? line.positionals : [undefined]) {
      const target = readTarget(line, context, {
        files: ["default.nix"],
        ...(positional !== undefined &&
          (line.has("--expr") ? { expr: positional } : { positionals: [positional] })),
      });
      if (line.has("--parse")) {
        context.output.line(session.parse(target));
      } else if (line.has("--eval")) {
        const isForced = line.has("--strict") || line.has("--json") || line.has("--raw");
        const evaluation = session.evaluate(target, { exactLaziness: !isForced });
        if (line.has("--json")) context.output.line(evaluation.toJson());
        else if (line.has("--raw")) context.output.raw(evaluation.toRaw());
        else context.output.line(evaluation.printAsInstantiate({ strict: line.has("--strict") }));
      } else {
        for (const { drvPath, output } of session.derivations(target)) {
          context.output.line(output === "out" ? drvPath : `${drvPath}!${output}`);
        }
      }
    }
    return 0;
  },
};
