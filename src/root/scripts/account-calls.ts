/**
 * Accounts that packages make by `adduser`, `addgroup`, `useradd` or `groupadd` in their scripts. In a root they are
 * names with numbers: files there belong to nobody in particular, and no program changes to such a user.
 */
import type { ByteString } from "#base";
import type { ScriptWord } from "./shell/shell-values.ts";

export interface AccountRequest {
  readonly kind: "user" | "group";
  readonly name: ByteString;
  readonly id?: string;
  readonly group?: ByteString;
  readonly home?: ByteString;
  readonly shell?: ByteString;
  readonly description?: ByteString;
  /** Whether a group of the user's own name is made with it. */
  readonly hasOwnGroup?: boolean;
}

const MAKING = new Set(["adduser", "addgroup", "useradd", "groupadd"]);
/** Who is in which group, and passwords, matter to those who log in. */
const CHANGING = new Set([
  "usermod",
  "groupmod",
  "gpasswd",
  "chage",
  "passwd",
  "chfn",
  "chsh",
  "deluser",
  "delgroup",
  "userdel",
  "groupdel",
]);
const WITH_VALUE = new Set(
  "--home -d --home-dir --shell -s --gid -g --uid -u --gecos --comment -c --ingroup --firstuid --lastuid --conf -b --base-dir -G --groups -K --key -k --skel -p --password".split(
    " ",
  ),
);

export function isAccountCall(program: ByteString): boolean {
  return MAKING.has(program) || CHANGING.has(program);
}

/** What a call with known words makes; undefined for one that makes no account. */
export function parseAccountCall(call: readonly ScriptWord[]): AccountRequest | undefined {
  const program = (call[0] ?? "").replace(/^.*\//, "");
  if (!MAKING.has(program) || call.includes(undefined)) return undefined;
  const options = new Map<string, string>();
  const names: string[] = [];
  const words = call.slice(1) as ByteString[];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const joined = /^(--[a-z-]+)=(.*)$/s.exec(word);
    if (joined) options.set(joined[1]!, joined[2]!);
    else if (!word.startsWith("-")) names.push(word);
    else if (WITH_VALUE.has(word)) options.set(word, words[++at] ?? "");
    else options.set(word, "");
  }
  const [name, toGroup] = names;
  // `adduser USER GROUP` makes no account.
  if (name === undefined || toGroup !== undefined || !/^[a-z_][a-z0-9_.-]{0,31}$/i.test(name))
    return undefined;
  const pick = (...keys: string[]) =>
    keys.map((key) => options.get(key)).find((value) => value !== undefined);
  const isGroup = program.startsWith("add")
    ? program === "addgroup" || (options.has("--group") && !options.has("--system"))
    : program === "groupadd";
  const id = isGroup ? pick("--gid", "-g") : pick("--uid", "-u");
  if (isGroup) return { kind: "group", name, ...(id !== undefined && { id }) };
  const [group, home, shell, description] = [
    pick("--ingroup", "--gid", "-g"),
    pick("--home", "--home-dir", "-d"),
    pick("--shell", "-s"),
    pick("--gecos", "--comment", "-c"),
  ];
  return {
    kind: "user",
    name,
    hasOwnGroup: options.has("--group") || program === "useradd",
    ...(id !== undefined && { id }),
    ...(group !== undefined && { group }),
    ...(home !== undefined && { home }),
    ...(shell !== undefined && { shell }),
    ...(description !== undefined && { description }),
  };
}
