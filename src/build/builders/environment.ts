/**
 * The variables of a sandboxed build, as C++ Nix sets them, and the files that `passAsFile` asks for. Node hands
 * variables on as UTF-8 only: what is not UTF-8 arrives intact in files alone.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesFromByteString, textFromByteString } from "#base";
import { fixedOutput, formatHash, hashBytes, STORE_DIR } from "#format";
import { type BuildTask, words } from "./context.ts";

/** Where the build's own folder is seen from inside. */
export const BUILD_TOP = "/build";

export async function buildEnvironment(task: BuildTask, buildDir: string): Promise<Record<string, string>> {
  const env: Record<string, string> = {
    PATH: "/path-not-set",
    HOME: "/homeless-shelter",
    NIX_STORE: STORE_DIR,
    NIX_BUILD_CORES: String(task.services.cores),
  };
  const asFile = new Set(words(task, "passAsFile"));
  for (const [name, value] of task.drv.env) {
    if (!asFile.has(name)) {
      env[textFromByteString(name)] = textFromByteString(value);
      continue;
    }
    const file = `.attr-${formatHash(hashBytes("sha256", bytesFromByteString(name)), "nix32")}`;
    await writeFile(join(buildDir, file), bytesFromByteString(value));
    env[`${textFromByteString(name)}Path`] = `${BUILD_TOP}/${file}`;
  }
  for (const name of ["NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP", "PWD"]) env[name] = BUILD_TOP;
  env["NIX_LOG_FD"] = "2";
  env["TERM"] = "xterm-256color";
  if (fixedOutput(task.drv)) env["NIX_OUTPUT_CHECKED"] = "1";
  return env;
}
