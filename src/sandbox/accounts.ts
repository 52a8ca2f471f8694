/**
 * The tables /etc/passwd and /etc/group as they are seen inside: the root's own, with the entry of whoever
 * is there before it. Name lookup takes the first match, so entries of that name or number are dropped.
 * enter.sh does the same in shell, for launchers that run without copse.
 */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { findProgram } from "./host-programs.ts";

/** `table` with `entry` (a line) as its first, and without what `entry` shadows. */
export function mergeAccounts(table: string, entry: string): string {
  const [name, , id] = entry.trimEnd().split(":");
  const others = table.split("\n").filter((line) => {
    const [otherName, , otherId] = line.split(":");
    return line !== "" && otherName !== name && otherId !== id;
  });
  return [entry.trimEnd(), ...others, ""].join("\n");
}

export interface AccountTables {
  readonly passwd: string;
  readonly group: string;
}

/**
 * The tables for the user who runs this process. Their shell becomes the root's bash or sh if the root has
 * not the one that the host says: terminals and tmux start what stands there.
 */
export function accountTables(viewDir: string, env: Readonly<Record<string, string>>): AccountTables {
  const user = currentUser(env);
  const shell = ["/bin/bash", "/bin/sh"];
  const known = [user.shell, ...shell].find((path) => path && findProgram(path, "", viewDir)) ?? "/bin/sh";
  const passwd = `${user.name}:x:${user.uid}:${user.gid}::${user.home}:${known}`;
  return {
    passwd: mergeAccounts(readTable(join(viewDir, "etc/passwd")), passwd),
    group: mergeAccounts(
      readTable(join(viewDir, "etc/group")),
      `${groupName(user.gid, user.name)}:x:${user.gid}:`,
    ),
  };
}

function currentUser(env: Readonly<Record<string, string>>) {
  try {
    const { username, uid, gid, homedir, shell } = userInfo();
    return { name: username, uid, gid, home: homedir, shell: shell ?? "" };
  } catch {
    // No entry anywhere: an arbitrary uid, as containers get it.
    const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
    return { name: env["USER"] || `user${uid}`, uid, gid, home: env["HOME"] || "/", shell: "" };
  }
}

function groupName(gid: number, fallback: string): string {
  const line = readTable("/etc/group").match(new RegExp(`^([^:\n]+):[^:\n]*:${gid}:`, "m"));
  return line?.[1] ?? fallback;
}

function readTable(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
