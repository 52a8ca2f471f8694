/** What `--version` says. Programs read the last word of Nix's own answer as its version, so that is the one we are like. */
import { readFile } from "node:fs/promises";
import { installedPath } from "#base";
import { systemConfFile, userConfFiles } from "#build/settings";
import { NIX_VERSION } from "#lang/builtins";
import { locateStore } from "#store/place";
import type { CommandContext } from "./command.ts";
import { hostSystem } from "./host-system.ts";

export async function versionText(context: CommandContext, args: readonly string[]): Promise<string> {
  const text = await readFile(installedPath("package.json"), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  const { programName, env } = context;
  if (!programName.startsWith("nix")) return `copse ${version}`;
  const line = `${programName} (copse ${version}, like Nix) ${NIX_VERSION}`;
  if (!args.includes("--verbose") && !args.includes("-v")) return line;
  const place = locateStore(env);
  return [
    line,
    `System type: ${hostSystem()}`,
    `System configuration file: ${systemConfFile(env)}`,
    `User configuration files: ${userConfFiles(env).join(":")}`,
    `Store directory: ${place.storeDir}`,
    `State directory: ${place.stateDir}`,
  ].join("\n");
}
