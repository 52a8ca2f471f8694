/** `nix-store --print-env`: a derivation's variables, as text for a shell to read. */
import { textFromByteString } from "#base";
import { parseStorePath } from "#format";
import type { Command } from "../../command.ts";
import { onlyArgument, withStore } from "./operation.ts";

export const command: Command = {
  name: "--print-env",
  summary: "print a derivation's environment for a shell",
  usage: "DERIVATION",
  options: [],
  async run(line, context) {
    const drvPath = parseStorePath(onlyArgument(line, "'--print-env' requires one derivation store path"));
    await withStore(line, context, (store) => {
      const drv = store.readDerivation(drvPath);
      const print = (text: string): void => context.output.line(textFromByteString(text));
      // The empty lines between are Nix's.
      for (const [name, value] of drv.env) print(`export ${name}; ${name}=${quoted(value)}\n`);
      print(`export _args; _args=${quoted(drv.args.join(" "))}`);
    });
    return 0;
  },
};

/** In single quotes, whatever it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
