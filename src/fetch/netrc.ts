/**
 * netrc: who to log in as at a host, in a file of the user's own. `machine NAME login NAME password WORD`, or `default`
 * instead of a machine, for all others. What is read here goes to its host alone, and into no message and no store.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CopseError } from "#base";

export interface NetrcEntry {
  /** Undefined: for hosts that no other entry names. */
  readonly machine: string | undefined;
  readonly login: string;
  readonly password: string;
}

export function parseNetrc(text: string): NetrcEntry[] {
  const entries: { machine: string | undefined; login: string; password: string }[] = [];
  const tokens = text.replace(/^\s*#.*$/gm, "").match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  const values = tokens.map((token) =>
    token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, "$1") : token,
  );
  for (let i = 0; i < values.length; i++) {
    const keyword = values[i];
    if (keyword === "default") entries.push({ machine: undefined, login: "", password: "" });
    else if (keyword === "machine") entries.push({ machine: values[++i] ?? "", login: "", password: "" });
    else if (keyword === "login" || keyword === "password") {
      const entry = entries.at(-1);
      const value = values[++i] ?? "";
      if (entry) entry[keyword] = value;
    } else if (keyword === "account" || keyword === "macdef") i++;
  }
  return entries;
}

/** `login:password` for a host. */
export function netrcLogin(entries: readonly NetrcEntry[], host: string): string | undefined {
  const found =
    entries.find(({ machine }) => machine?.toLowerCase() === host.toLowerCase()) ??
    entries.find(({ machine }) => machine === undefined);
  return found && `${found.login}:${found.password}`;
}

/** No file is no entries. Throws CopseError `netrc-unreadable`. */
export function readNetrc(file: string): NetrcEntry[] {
  try {
    return parseNetrc(readFileSync(file, "utf8"));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Nix's own default lies in a folder that most users cannot look into.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return [];
    throw new CopseError("netrc-unreadable", `Logins cannot be read: \`${file}\``, { cause });
  }
}

/** Of `$NETRC`, else `~/.netrc` or `~/_netrc`. Throws as `readNetrc` does. */
export function userNetrc(env: Readonly<Record<string, string | undefined>>): NetrcEntry[] {
  const home = env["HOME"] ?? homedir();
  const named = env["NETRC"]?.replace(/^~(?=\/|$)/, home);
  const file = (named ? [named] : [join(home, ".netrc"), join(home, "_netrc")]).find((path) =>
    existsSync(path),
  );
  return file === undefined ? [] : readNetrc(file);
}
