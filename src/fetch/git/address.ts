/**
 * Addresses of git repositories, as far as copse hands them to git: `https://…`, `ssh://user@host/…`, `file:///…`, `http://…`.
 *
 * git takes more for an address than a URL (`ext::command`, options, `host:path`), and some of that runs programs; so an
 * address is parsed before git sees it. A login in it would end up in locks and logs, and is refused; the bare user of ssh
 * is none.
 */
import { CopseError } from "#base";

export interface GitAddress {
  /** What git is given, and what tells one repository from another. */
  readonly url: string;
  /** Whether it is on this machine. */
  readonly isLocal: boolean;
}

const SCHEMES = new Set(["https:", "http:", "ssh:", "file:"]);

/** Throws `git-address`, `git-login`. */
export function parseGitAddress(text: string): GitAddress {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? URL.parse(text) : null;
  if (!url || !SCHEMES.has(url.protocol) || /[\s\x00-\x1f]/.test(text))
    throw new CopseError("git-address", `This is no address of a git repository: \`${text.slice(0, 300)}\``, {
      hint: scpHint(text) ?? "write https://HOST/PATH, ssh://git@HOST/PATH, or of a folder /PATH or ./PATH",
    });
  const isLocal = url.protocol === "file:";
  if (url.password !== "" || (url.username !== "" && url.protocol !== "ssh:")) {
    url.username = "";
    url.password = "";
    throw new CopseError("git-login", `Address of a git repository has a login in it: \`${url.href}\``, {
      hint: "what stands in it would be in the lock: leave the login to git's credential helper, ~/.netrc or ssh",
    });
  }
  if (isLocal ? url.host !== "" : url.hostname === "" || url.hostname.startsWith("-"))
    throw new CopseError("git-address", `This is no address of a git repository: \`${text.slice(0, 300)}\``);
  url.hash = "";
  return { url: url.href.replace(/\/+$/, ""), isLocal };
}

/** `git@host:path`, which only programs that ask ssh understand. */
function scpHint(text: string): string | undefined {
  const [, host, path] = /^([A-Za-z0-9._-]+@[A-Za-z0-9.-]+):([^/].*)$/.exec(text) ?? [];
  return host === undefined ? undefined : `write ssh://${host}/${path}`;
}

/** What a submodule's address means, that may be relative to its repository's. */
export function submoduleAddress(stated: string, of: GitAddress): GitAddress {
  const isRelative = stated.startsWith("./") || stated.startsWith("../");
  const address = parseGitAddress(isRelative ? new URL(stated, `${of.url}/`).href : stated);
  if (address.isLocal && !of.isLocal)
    throw new CopseError(
      "git-address",
      `Repository has a submodule that is a folder of this machine: \`${stated.slice(0, 300)}\``,
    );
  return address;
}
