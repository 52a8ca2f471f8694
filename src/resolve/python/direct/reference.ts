/**
 * What stands behind the `@` of a requirement:
 *
 *     https://host/lab-1.0-py3-none-any.whl#sha256=…      a wheel, an sdist, or an archive of sources
 *     git+https://host/lab.git@v2#subdirectory=python     a commit of a repository
 *     git+file:../lab                                     the same, in a folder beside the project's
 *
 * The fragment is pip's: `sha256`, `subdirectory`, and `egg`, which says the name once more. A login has no place in it,
 * since the requirement stands in the lock.
 */
import { CopseError } from "#base";
import { parseGitAddress } from "#fetch/git";

export type DirectReference = {
  /** As it is written. */
  readonly url: string;
  /** Below what it leads to: where the project is. */
  readonly subdirectory: string | undefined;
  readonly isLocal: boolean;
} & (
  | {
      readonly kind: "git";
      readonly repository: string;
      /** Branch, tag or commit; undefined for the default branch. */
      readonly revision: string | undefined;
    }
  | {
      readonly kind: "file";
      /** Without fragment. */
      readonly address: string;
      /** The file's name, fit for any folder. */
      readonly file: string;
      readonly sha256: string | undefined;
    }
);

const SUFFIX = /\.(?:whl|tar\.gz|tgz|zip|tar\.bz2|tar\.xz)$/i;

/** `folder` is where relative paths begin. Throws `python-url-…`, `git-address`, `git-login`. */
export function parseDirectReference(url: string, folder: string): DirectReference {
  const [address = "", fragment = ""] = splitOnce(url, "#");
  const parts = new URLSearchParams(fragment);
  const subdirectory = checkSubdirectory(parts.get("subdirectory") ?? undefined, url);
  const vcs = /^([a-z]+)\+/.exec(address)?.[1];
  if (vcs === "git") return { ...gitReference(address.slice(4), folder), url, subdirectory };
  if (vcs !== undefined)
    throw new CopseError(
      "python-url-scheme",
      `Of version control systems, packages can be taken from git alone: \`${url.slice(0, 300)}\``,
    );
  return { ...fileReference(address, fragment), url, subdirectory };
}

function gitReference(text: string, folder: string) {
  const isRelative = /^file:(?!\/)/.test(text);
  const whole = isRelative ? `file://${folder}/${text.slice("file:".length)}` : text;
  // The revision stands behind the last `@` of the path; one before that is ssh's user.
  const [, before = "", path = "", revision] =
    /^([a-z][a-z0-9+.-]*:\/\/[^/]*)(\/.*?)(?:@([^@]*))?$/is.exec(whole) ?? [];
  const { url, isLocal } = parseGitAddress(before === "" ? whole : `${before}${path}`);
  return {
    kind: "git" as const,
    repository: url,
    revision: revision === undefined || revision === "" ? undefined : decode(revision),
    isLocal,
  };
}

function fileReference(address: string, fragment: string) {
  const url = URL.parse(address);
  if (!url || !/^(?:https?|file):$/.test(url.protocol))
    throw new CopseError(
      "python-url-scheme",
      `This is no address that a package can be fetched from: \`${address.slice(0, 300)}\``,
      { hint: "write https://… of a wheel or an sdist, or git+https://… of a repository" },
    );
  if (url.username !== "" || url.password !== "") {
    url.username = "";
    url.password = "";
    throw new CopseError("python-url-login", `Address of a package has a login in it: \`${url.href}\``, {
      hint: "what stands in it would be in the lock: put the login into ~/.netrc",
    });
  }
  const isLocal = url.protocol === "file:";
  if (isLocal && url.host !== "")
    throw new CopseError("python-url-scheme", `A file of this machine has no host: \`${url.href}\``);
  const name = decode(url.pathname.replace(/\/+$/, "").split("/").at(-1) ?? "");
  const file = name
    .replace(/[^A-Za-z0-9._+!-]+/g, "-")
    .replace(/^[^A-Za-z0-9_]+/, "")
    .slice(-240);
  if (!SUFFIX.test(file))
    throw new CopseError(
      "python-url-file",
      `Address does not end in the name of a package's file: \`${url.href.slice(0, 300)}\``,
      {
        hint: "names end in .whl, .tar.gz, .zip, .tar.bz2 or .tar.xz; a repository is written git+https://…",
      },
    );
  return { kind: "file" as const, address: url.href, file, sha256: hashIn(fragment, address), isLocal };
}

/** A hash that is stated is never passed over. */
function hashIn(fragment: string, address: string): string | undefined {
  let sha256: string | undefined;
  for (const [name, value] of new URLSearchParams(fragment)) {
    if (!/^(?:md5|sha1|sha224|sha256|sha384|sha512|blake2.*)$/.test(name)) continue;
    if (name !== "sha256" || !/^[0-9a-f]{64}$/i.test(value))
      throw new CopseError(
        "python-url-hash",
        `Hash of a package's address is none that can be checked: \`${address.slice(0, 300)}#${name}=${value.slice(0, 80)}\``,
        { hint: "write #sha256= and its 64 digits, or nothing: the lock then has the hash of what came" },
      );
    sha256 = value.toLowerCase();
  }
  return sha256;
}

function checkSubdirectory(stated: string | undefined, url: string): string | undefined {
  if (stated === undefined) return undefined;
  const parts = stated.split("/").filter((part) => part !== "" && part !== ".");
  if (stated.startsWith("/") || parts.includes("..") || /[\x00-\x1f\\]/.test(stated))
    throw new CopseError(
      "python-url-subdirectory",
      `Subdirectory leads out of what the address leads to: \`${url.slice(0, 300)}\``,
    );
  return parts.length === 0 ? undefined : parts.join("/");
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
