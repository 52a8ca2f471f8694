/** `copse build`: realises derivations and leaves a link to each result. */
import { resolve } from "node:path";
import type { Command } from "../command.ts";
import { BUILD_OPTIONS, TARGET_OPTIONS } from "../options.ts";
import { openSession } from "../session.ts";
import { buildDefaults, readTarget } from "../target.ts";

export const command: Command = {
  name: "build",
  summary: "build what a file describes",
  usage: "[OPTIONS] [FILE]",
  maxPositionals: 1,
  options: [
    ...TARGET_OPTIONS,
    ...BUILD_OPTIONS,
    {
      names: ["--out-link", "-o"],
      values: ["LINK"],
      help: "name of the link to the result (default: result)",
    },
    { names: ["--no-out-link", "--no-link"], help: "make no link" },
    { names: ["--json"], help: "print derivations and outputs as JSON" },
  ],
  details: `
The file is the one that -f or the argument names, else default.nix, else shell.nix.
A result's link keeps it from being collected for as long as the link is there.`,
  async run(line, context) {
    const target = readTarget(line, context, { ...buildDefaults, positionals: line.positionals });
    await using session = openSession(line, context);
    const built = await session.build(target);
    context.output.endProgress();
    const link = line.value("--out-link") ?? "result";
    built.forEach((result, index) => {
      if (line.has("--no-out-link")) return;
      const name = index === 0 ? link : `${link}-${index + 1}`;
      session.linkResult(
        resolve(context.cwd, result.output === "out" ? name : `${name}-${result.output}`),
        result.path,
      );
    });
    if (line.has("--json")) context.output.json(built);
    else for (const { path } of built) context.output.line(path);
    return 0;
  },
};
