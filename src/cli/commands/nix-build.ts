/** `nix-build`: as Nix's. Each argument names a file or folder; the outputs' paths are printed. */
import { resolve } from "node:path";
import type { Command } from "../command.ts";
import { BUILD_OPTIONS, TARGET_OPTIONS } from "../options.ts";
import { openSession } from "../session.ts";
import { readTarget } from "../target.ts";

export const command: Command = {
  name: "nix-build",
  summary: "build what a file describes, as nix-build does",
  usage: "[OPTIONS] [FILE...]",
  options: [
    ...TARGET_OPTIONS.filter((option) => !option.names.includes("--expr")),
    { names: ["--expr", "-E"], help: "the arguments are expressions, not files" },
    ...BUILD_OPTIONS,
    {
      names: ["--out-link", "-o"],
      values: ["LINK"],
      help: "name of the link to the result (default: result)",
    },
    { names: ["--no-out-link", "--no-link"], help: "make no link" },
    { names: ["--no-build-output", "-Q"], help: "do not show what builders print" },
  ],
  async run(line, context) {
    context.output.showBuildOutput = !line.has("--no-build-output");
    await using session = openSession(line, context);
    const link = line.value("--out-link") ?? "result";
    let links = 0;
    for (const positional of line.positionals.length > 0 ? line.positionals : [undefined]) {
      const target = readTarget(line, context, {
        files: ["default.nix"],
        ...(positional !== undefined &&
          (line.has("--expr") ? { expr: positional } : { positionals: [positional] })),
      });
      for (const result of await session.build(target)) {
        if (!line.has("--no-out-link")) {
          const name = links++ === 0 ? link : `${link}-${links}`;
          session.linkResult(
            resolve(context.cwd, result.output === "out" ? name : `${name}-${result.output}`),
            result.path,
          );
        }
        context.output.endProgress();
        context.output.line(result.path);
      }
    }
    return 0;
  },
};
