/** `nix-store --restore`: an archive (NAR) from the standard input back into files. */
import { resolve } from "node:path";
import { CopseError } from "#base";
import type { Command } from "../../command.ts";
import { restoreNar } from "../../trees/restore-nar.ts";
import { onlyArgument } from "./operation.ts";

export const command: Command = {
  name: "--restore",
  summary: "unpack the archive (NAR) on the standard input",
  usage: "PATH",
  options: [],
  details: "PATH must not exist yet.",
  async run(line, context) {
    const target = onlyArgument(line);
    checkTarget(target);
    await restoreNar(process.stdin, resolve(context.cwd, target), {
      useCaseHack: context.settings["use-case-hack"],
      signal: context.signal,
    });
    return 0;
  },
};

/** A name in a folder, for something new: not the folder itself. @throws CopseError `restore-target`. */
function checkTarget(target: string): void {
  if (target === "") throw new CopseError("restore-target", "destination path is empty");
  const [, name] = /\/(\.{1,2})\/*$/.exec(`/${target}`) ?? [];
  if (name !== undefined) {
    throw new CopseError(
      "restore-target",
      `destination path ${JSON.stringify(target)} ends in '${name}', which is not a valid filename`,
    );
  }
}
