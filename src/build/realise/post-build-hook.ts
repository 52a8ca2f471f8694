/**
 * The setting `post-build-hook`: a program that is run after each build, before anything that needs its outputs, to
 * sign or upload them for example. It finds DRV_PATH and OUT_PATHS; if it fails, no further build is begun.
 */
import { CopseError, textFromByteString } from "#base";
import type { StorePath } from "#format";
import type { BuildServices } from "../builders/context.ts";
import { runHook } from "./hook-program.ts";

export interface FinishedBuild {
  readonly drvPath: StorePath;
  readonly outPaths: readonly StorePath[];
  readonly signal: AbortSignal;
}

/** @throws CopseError `post-build-hook`. */
export async function runPostBuildHook(services: BuildServices, build: FinishedBuild): Promise<void> {
  const program = services.nix["post-build-hook"];
  if (program === "") return;
  const { progress } = services;
  progress({ kind: "message", level: "note", text: `running post-build-hook '${program}'...` });
  try {
    await runHook({
      program,
      env: {
        DRV_PATH: textFromByteString(build.drvPath),
        OUT_PATHS: build.outPaths.map(textFromByteString).join(" "),
      },
      onLine: (text) => progress({ kind: "line", id: build.drvPath, name: "post-build-hook", text }),
      signal: build.signal,
    });
  } catch (cause) {
    if (!(cause instanceof CopseError) || cause.code !== "hook-failed") throw cause;
    throw new CopseError("post-build-hook", cause.message, {
      hint: `\`${build.drvPath}\` itself was built; the setting post-build-hook names the program`,
    });
  }
}
