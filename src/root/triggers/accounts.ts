/**
 * `/etc/passwd` and `/etc/group`: base-passwd's masters, then what packages declare in `sysusers.d(5)` or make by
 * `adduser` in their scripts. There is no `/etc/shadow`: nobody logs in to a root, and the accounts of its users
 * are the host's.
 */
import type { RootContext } from "../compose/root-context.ts";
import type { AccountRequest } from "../scripts/account-calls.ts";

const FIRST_SYSTEM_ID = 999;
/** The id of `nogroup`, in which `adduser --system` puts users. */
const NO_GROUP = "65534";

export function addAccounts(root: RootContext): void {
  const { delta, tree } = root;
  const passwd = tree.readFile("/usr/share/base-passwd/passwd.master")?.toString("latin1");
  const group = tree.readFile("/usr/share/base-passwd/group.master")?.toString("latin1");
  if (passwd === undefined || group === undefined) return;
  const accounts = new Accounts(passwd, group);
  for (const name of tree.list("/usr/lib/sysusers.d")) {
    const text = tree.readFile(`/usr/lib/sysusers.d/${name}`)?.toString("latin1") ?? "";
    for (const line of text.split("\n")) accounts.declare(splitFields(line));
  }
  for (const request of root.findings.accounts) accounts.add(request);
  delta.file("/etc/passwd", accounts.passwdText());
  delta.file("/etc/group", accounts.groupText());
}

class Accounts {
  readonly #users: string[];
  readonly #groups: string[];

  constructor(passwd: string, group: string) {
    this.#users = linesOf(passwd);
    this.#groups = linesOf(group);
  }

  /** One line of sysusers.d: type, name, id, description, home, shell. */
  declare([type, name, id, description, home, shell]: readonly (string | undefined)[]): void {
    if (name === undefined || !/^[a-z_][a-z0-9_-]{0,30}$/.test(name)) return;
    if (type === "g") this.#addGroup(name, id);
    if (type !== "u" && type !== "u!") return;
    if (this.#users.some((line) => line.startsWith(`${name}:`))) return;
    const [uid, gid] = (id ?? "-").split(":");
    const group = gid ?? this.#addGroup(name, uid);
    const number = numberOr(uid, () => freeId(this.#users));
    const [gecos, directory, program] = [
      present(description, ""),
      present(home, "/"),
      present(shell, "/usr/sbin/nologin"),
    ];
    this.#users.push(`${name}:!*:${number}:${this.#groupId(group)}:${gecos}:${directory}:${program}`);
  }

  /** What a script asks `adduser` or `addgroup` for. */
  add(request: AccountRequest): void {
    const { name, id = "-" } = request;
    if (request.kind === "group") {
      this.#addGroup(name, id);
      return;
    }
    const group = request.group ?? (request.hasOwnGroup ? this.#addGroup(name, id) : NO_GROUP);
    const { description = "-", home = "/nonexistent", shell = "-" } = request;
    this.declare(["u", name, `${id}:${group}`, description, home, shell]);
  }

  passwdText(): string {
    return `${this.#users.join("\n")}\n`;
  }

  groupText(): string {
    return `${this.#groups.join("\n")}\n`;
  }

  #addGroup(name: string, id: string | undefined): string {
    const exists = this.#groups.some((line) => line.startsWith(`${name}:`));
    if (!exists) this.#groups.push(`${name}:x:${numberOr(id, () => freeId(this.#groups))}:`);
    return name;
  }

  #groupId(group: string): string {
    if (/^[0-9]+$/.test(group)) return group;
    return this.#groups.find((line) => line.startsWith(`${group}:`))?.split(":")[2] ?? "65534";
  }
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Words, of which those in quotes may hold blanks. */
function splitFields(line: string): string[] {
  if (line.startsWith("#")) return [];
  return [...line.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** Ids that nobody chose are given from 999 downwards, in the order of the files. */
function freeId(lines: readonly string[]): number {
  const taken = new Set(lines.map((line) => Number(line.split(":")[2])));
  let id = FIRST_SYSTEM_ID;
  while (taken.has(id)) id--;
  return id;
}

function numberOr(text: string | undefined, otherwise: () => number): number {
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : otherwise();
}

function present(text: string | undefined, otherwise: string): string {
  return text === undefined || text === "-" ? otherwise : text.replaceAll(":", "");
}
