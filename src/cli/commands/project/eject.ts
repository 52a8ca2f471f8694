/** `copse eject`: writes the Nix expression that a copse.toml stands for. */
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { CopseError } from "#base";
import { checkManifest } from "#manifest/check";
import type { Command } from "../../command.ts";
import { loadProject, PROJECT_OPTION } from "../../project/load-project.ts";

export const command: Command = {
  name: "eject",
  summary: "write the Nix expression that copse.toml stands for",
  usage: "[OPTIONS]",
  maxPositionals: 0,
  options: [
    PROJECT_OPTION,
    {
      names: ["--output", "-o"],
      values: ["FILE"],
      help: "write to this file instead of shell.nix beside copse.toml; - prints it",
      completes: "file",
    },
    { names: ["--force"], help: "replace a file that is there" },
  ],
  details: `
It is what copse itself evaluates, so both lead to the same derivations and share copse.lock. Environments of [env] are
attributes: \`copse run -f shell.nix -A environments.gpu -- python3\`. As long as copse.toml is there too, commands without -f
go by copse.toml. Tasks and services have no place in it, and stay in copse.toml.`,
  async run(line, context) {
    const { manifest, expression } = await loadProject(line, context);
    checkManifest(manifest);
    const named = line.value("--output");
    if (named === "-") {
      context.output.raw(expression.text);
      return 0;
    }
    const file = named === undefined ? resolve(manifest.folder, "shell.nix") : resolve(context.cwd, named);
    if (existsSync(file) && !line.has("--force")) {
      throw new CopseError("file-exists", `There is a file already: \`${file}\``, {
        hint: "--force replaces it, -o names another one, -o - prints the expression",
      });
    }
    writeFileSync(file, expression.text);
    context.output.line(`written: ${file}`);
    return 0;
  },
};
