/** The bash of the machine, for shells on the host. */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { CopseError } from "#base";

const USUAL_FOLDERS = "/bin:/usr/bin:/usr/local/bin:/run/current-system/sw/bin";

/** @throws CopseError `bash-missing`. */
export function findBash(path: string | undefined): string {
  for (const folder of `${path ?? ""}:${USUAL_FOLDERS}`.split(":")) {
    if (!folder.startsWith("/")) continue;
    const file = join(folder, "bash");
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next folder may have one.
    }
  }
  throw new CopseError("bash-missing", "There is no bash on this machine", {
    hint: "name a shell in NIX_BUILD_SHELL",
  });
}
