/**
 * The shell of nix-shell: bash with a start-up file of its own, in the environment's root, or on the host for a plain
 * derivation.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "#build/warm";
import type { CommandContext } from "../command.ts";
import { rootUnset } from "../enter.ts";
import { makeBuildFolder } from "./build-folder.ts";
import { enterHost, hostVariables } from "./enter-host.ts";
import { type EntryChoices, enterRoot, rootVariables } from "./enter-root.ts";
import { findBash } from "./find-bash.ts";
import { rcText } from "./rc-text.ts";

export interface ShellScript {
  /** Runs after everything is prepared; the shell goes on unless it exits. */
  readonly text: string;
  readonly isInteractive: boolean;
}

export interface ShellCall {
  readonly context: CommandContext;
  readonly pure: boolean;
  readonly keep: readonly string[];
  readonly cores: number;
  readonly choices: EntryChoices;
  readonly script: ShellScript;
}

export async function enterShell(environment: Environment, call: ShellCall): Promise<never> {
  const { context, pure, keep, script } = call;
  const { programName, env } = context;
  const folder = makeBuildFolder(environment, { programName, cores: call.cores });
  const { root } = environment;
  const bash = root ? "/bin/bash" : (env["NIX_BUILD_SHELL"] ?? environment.bash ?? findBash(env["PATH"]));
  const variables = root ? rootVariables(environment, folder.variables, pure) : folder.variables;
  const rcFile = join(folder.path, "rc");
  writeFileSync(
    rcFile,
    rcText({
      inRoot: root !== undefined,
      pure,
      folder: folder.path,
      structured: environment.structured,
      env: variables,
      unset: rootUnset(),
      bash,
      promptName: "nix-shell",
      timeZone: env["TZ"],
      isRoot: process.getuid?.() === 0,
      script: script.text,
    }),
  );
  const argv: [string, ...string[]] = script.isInteractive ? [bash, "--rcfile", rcFile] : [bash, rcFile];
  if (root)
    return await enterRoot(environment, {
      root,
      context,
      env,
      cwd: context.cwd,
      pure,
      keep,
      choices: call.choices,
      variables,
      argv,
    });
  const inherited = hostVariables(env, { pure, keep });
  return enterHost(environment, { cwd: context.cwd, env: { ...inherited, ...variables }, argv });
}
