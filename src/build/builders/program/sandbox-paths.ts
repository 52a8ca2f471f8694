/** The setting `sandbox-paths`: what an administrator shows of the machine to all builds in the sandbox. */
import { CopseError } from "#base";
import type { HostPath } from "#sandbox";

/** `PATH`, `PATH=SOURCE`, and either with a question mark where the source may be missing. */
export function parseSandboxPaths(words: readonly string[]): HostPath[] {
  return words.map((word) => {
    const optional = word.endsWith("?");
    const text = optional ? word.slice(0, -1) : word;
    const equals = text.indexOf("=");
    const target = equals < 0 ? text : text.slice(0, equals);
    return { target: checkSandboxPath(target), source: equals < 0 ? text : text.slice(equals + 1), optional };
  });
}

/** The path without superfluous parts. Throws CopseError `sandbox-path` where it leaves the sandbox. */
function checkSandboxPath(target: string): string {
  const refuse = (problem: string) => new CopseError("sandbox-path", `${problem} '${target}'`);
  const parts = target.split("/").filter((part) => part !== "");
  if (!target.startsWith("/") || parts.length === 0)
    throw refuse("sandbox path to bind mount in the chroot is not an absolute path:");
  const last = target.split("/").at(-1);
  if (last === "." || last === "..")
    throw refuse("sandbox path to bind mount in the chroot has an invalid filename:");
  const kept: string[] = [];
  for (const part of parts) {
    if (part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.pop() === undefined) throw refuse("sandbox path escapes the chroot:");
  }
  if (kept.length === 0) throw refuse("sandbox path escapes the chroot:");
  return `/${kept.join("/")}`;
}
