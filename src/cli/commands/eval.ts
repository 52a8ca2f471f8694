/** `copse eval`: the value of an expression, as Nix prints it, as JSON, or raw. */

import type { Command } from "../command.ts";
import { TARGET_OPTIONS } from "../options.ts";
import { readProjectTarget } from "../project/project-target.ts";
import { openSession } from "../session.ts";
import { buildDefaults } from "../target.ts";

export const command: Command = {
  name: "eval",
  summary: "evaluate an expression and print its value",
  usage: "[OPTIONS] [FILE]",
  maxPositionals: 1,
  options: [
    ...TARGET_OPTIONS,
    { names: ["--json"], help: "print as JSON" },
    { names: ["--raw"], help: "print a string as it is, without quotes and newline" },
    { names: ["--strict"], help: "evaluate list elements and attributes too" },
  ],
  details: `
examples:
  copse eval --expr '1 + 2'
  copse eval -f shell.nix -A buildInputs --json
  copse eval --raw --expr '(import <nixpkgs> { }).python3.version'`,
  async run(line, context) {
    const defaults = { ...buildDefaults, positionals: line.positionals };
    const { target, project } = await readProjectTarget(line, context, defaults);
    await using session = openSession(line, context, { manifest: project?.manifest.file });
    const evaluation = session.evaluate(target);
    if (line.has("--json")) context.output.bytes(`${evaluation.toJson()}\n`);
    else if (line.has("--raw")) context.output.bytes(evaluation.toRaw());
    else context.output.bytes(`${evaluation.print({ strict: line.has("--strict") })}\n`);
    return 0;
  },
};
