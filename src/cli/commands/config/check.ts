/** `copse config check`: whether the store can be used and how programs are found. */
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Command, CommandContext } from "../../command.ts";
import { openSession } from "../../session.ts";

export const command: Command = {
  name: "config check",
  summary: "check the installation, and print PASS or FAIL for each check",
  usage: "",
  maxPositionals: 0,
  options: [],
  details: "`copse doctor` checks what this machine allows.",
  async run(line, context) {
    await using session = openSession(line, context);
    const { uri } = session.store.place;
    context.output.note(`Running checks against store uri: ${uri}`);
    const passed = checkPath(context);
    context.output.note(`[INFO] You are trusted by store uri: ${uri}`);
    return passed ? 0 : 2;
  },
};

/** Several Nixes on the PATH would take turns, one for each name that only one of them has. */
function checkPath({ env, output }: CommandContext): boolean {
  const folders = new Set(
    (env["PATH"] ?? "")
      .split(delimiter)
      .filter((folder) => folder !== "" && existsSync(join(folder, "nix-store")))
      .map((folder) => dirname(realpathSync(join(folder, "nix-store")))),
  );
  if (folders.size === 1) output.note("[PASS] PATH contains only one nix version.");
  else if (folders.size === 0) output.note("[FAIL] No nix-store found in PATH.");
  else output.note(["[FAIL] Multiple versions of nix found in PATH:", ...folders].join("\n  "));
  return folders.size === 1;
}
