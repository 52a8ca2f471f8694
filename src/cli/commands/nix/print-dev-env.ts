/** `nix print-dev-env`: the environment of a build, as bash code to source or as JSON. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "../../command.ts";
import { INSTALLABLE_OPTIONS } from "../../installables.ts";
import { BUILD_OPTIONS } from "../../options.ts";
import { openSession } from "../../session.ts";
import { developScript } from "../../shell/develop-script.ts";
import { preparedEnvironmentOf } from "../../shell/prepared-environment.ts";

export const command: Command = {
  name: "print-dev-env",
  summary: "print bash code that makes the environment of a build",
  usage: "[OPTIONS] [INSTALLABLE]",
  maxPositionals: 1,
  completes: "installable",
  options: [
    ...INSTALLABLE_OPTIONS,
    ...BUILD_OPTIONS,
    { names: ["--json"], help: "print variables and functions as JSON" },
  ],
  async run(line, context) {
    await using session = openSession(line, context);
    const { bash } = await preparedEnvironmentOf(session, line, context);
    context.output.endProgress();
    if (line.has("--json")) context.output.line(JSON.stringify(bash));
    else {
      context.output.raw(
        developScript({
          environment: bash,
          outputsDir: join(context.cwd, "outputs"),
          folder: () => mkdtempSync(join(tmpdir(), "nix-dev-env-")),
        }),
      );
    }
    return 0;
  },
};
