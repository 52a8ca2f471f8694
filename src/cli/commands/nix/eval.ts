/** `nix eval`: the value of an expression, or of an attribute of one. */
import { resolve } from "node:path";
import type { Command } from "../../command.ts";
import { JSON_OPTIONS, printJsonText } from "../../json-output.ts";
import { TARGET_OPTIONS } from "../../options.ts";
import { openSession } from "../../session.ts";
import { usageError } from "../../usage-error.ts";
import { readValueTarget } from "../../value-target.ts";

export const command: Command = {
  name: "eval",
  summary: "evaluate an expression and print its value",
  usage: "[OPTIONS] [ATTRIBUTE PATH]",
  maxPositionals: 1,
  completes: "attribute",
  options: [
    ...TARGET_OPTIONS,
    ...JSON_OPTIONS,
    { names: ["--raw"], help: "print a string as it is, without quotes and newline" },
    { names: ["--apply"], values: ["FUNCTION"], help: "print what this function makes of the value" },
    {
      names: ["--write-to"],
      values: ["PATH"],
      help: "write a string to a file, a set of strings to a folder",
      completes: "file",
    },
    { names: ["--read-only"], help: "write nothing to the store" },
  ],
  async run(line, context) {
    if (line.has("--raw") && line.has("--json")) throw usageError("--raw and --json are mutually exclusive");
    await using session = openSession(line, context, { readOnly: line.has("--read-only") });
    const target = readValueTarget(line, context);
    let value = session.evaluate(target, { call: "never" });
    const apply = line.value("--apply");
    if (apply !== undefined) value = value.apply(apply, context.cwd);
    const file = line.value("--write-to");
    if (file !== undefined) value.writeTo(resolve(context.cwd, file));
    else if (line.has("--raw")) context.output.bytes(value.toRaw());
    else if (line.has("--json")) printJsonText(line, context, value.toJson());
    else context.output.bytes(`${value.print({ strict: true })}\n`);
    return 0;
  },
};
