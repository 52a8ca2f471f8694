/**
 * The few programs of the host that the sandbox is made with: util-linux's, which stand partly in /usr/sbin,
 * where a user's PATH does not look.
 */
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import { CopseError } from "#base";

/** Directories in which a host keeps its system programs. */
export const hostToolPath = "/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin";

/** The absolute path of a program of the host. CopseError "sandbox-tool-missing". */
export function findHostProgram(name: string): string {
  const found = findProgram(name, hostToolPath);
  if (found !== undefined) return found;
  throw new CopseError("sandbox-tool-missing", `This machine lacks a program of util-linux: \`${name}\``, {
    hint: "install the packages `util-linux` and `mount`",
  });
}

/** As execvp looks a name up; `rootDir` is where the path's directories are looked for. */
export function findProgram(name: string, path: string, rootDir = ""): string | undefined {
  if (name.includes("/")) return isExecutable(rootDir + name) ? name : undefined;
  for (const directory of path.split(":")) {
    const candidate = join(directory === "" ? "." : directory, name);
    if (isExecutable(rootDir + candidate)) return candidate;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
