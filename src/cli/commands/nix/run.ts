/** `nix run`: the program of a package, or of an app: `{ type = "app"; program = "/nix/store/…/bin/x"; }`. */

import { CopseError } from "#base";
import { storePathOf } from "#format";
import type { Command } from "../../command.ts";
import { BUILD_OPTIONS, TARGET_OPTIONS } from "../../options.ts";
import { openSession } from "../../session.ts";
import { enterHost } from "../../shell/enter-host.ts";
import { callerVariables, VARIABLE_OPTIONS } from "../../shell/environment-options.ts";
import { readValueTarget } from "../../value-target.ts";

export const command: Command = {
  name: "run",
  summary: "run the program of a package",
  usage: "[OPTIONS] [ATTRIBUTE PATH [ARGUMENT...]]",
  stopAtPositional: true,
  completes: "attribute",
  options: [
    ...TARGET_OPTIONS,
    ...BUILD_OPTIONS.filter(({ names }) => !names.includes("--keep-going")),
    ...VARIABLE_OPTIONS,
  ],
  async run(line, context) {
    const [, ...args] = line.positionals;
    const env = callerVariables(line, context.env);
    const { place, program } = await buildProgram();
    context.output.endProgress();
    return enterHost({ store: place }, { cwd: context.cwd, env, argv: [program, ...args] });

    async function buildProgram() {
      await using session = openSession(line, context);
      const app = session.app(readValueTarget(line, context));
      await session.realise(app.needs);
      const path = storePathOf(app.program)?.path;
      if (path === undefined)
        throw new CopseError("store-path-outside", `app program '${app.program}' is not in the Nix store`);
      await session.prepareLaunchers([path]);
      return { place: session.place, program: app.program };
    }
  },
};
