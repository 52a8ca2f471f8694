/**
 * What restricted evaluation may see: what lies below the search path, and addresses that `allowed-uris` names. The way
 * there, from the root down, may be seen too, but of it only what leads there. A link counts as what it leads to, and
 * is not even followed from a place that may not be seen.
 */
import type { ByteString } from "#base";
import { CopseError } from "#base";
import type { FileKind } from "#lang";

export interface LinkReader {
  fileKind(path: ByteString): FileKind | undefined;
  readLink(path: ByteString): ByteString;
}

export class AccessRules {
  readonly #prefixes: readonly ByteString[];
  readonly #links: LinkReader;

  /** `prefixes`: absolute paths; what they lead to is allowed as well. */
  constructor(prefixes: readonly ByteString[], links: LinkReader) {
    this.#links = links;
    this.#prefixes = prefixes.flatMap((prefix) => [prefix, follow(prefix, links, () => true) ?? prefix]);
  }

  mayRead(path: ByteString): boolean {
    if (!this.#isShown(path)) return false;
    const target = follow(path, this.#links, (link) => this.#isShown(link));
    return target !== undefined && this.#isShown(target);
  }

  /** Those names of a folder that may be seen. */
  visibleIn(folder: ByteString, names: Iterable<ByteString>): Set<ByteString> {
    const target = follow(folder, this.#links, (link) => this.#isShown(link)) ?? folder;
    return new Set([...names].filter((name) => this.#isShown(`${target === "/" ? "" : target}/${name}`)));
  }

  #isShown(path: ByteString): boolean {
    return this.#prefixes.some((prefix) => isWithin(path, prefix) || isWithin(prefix, path));
  }
}

const MAX_LINKS = 1000;

/** Where a path leads; undefined where a link stands in a place that may not be looked at. */
function follow(
  path: ByteString,
  links: LinkReader,
  mayFollow: (link: ByteString) => boolean,
): ByteString | undefined {
  const todo = path.split("/").reverse();
  let resolved = "";
  let count = 0;
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      resolved = resolved.slice(0, Math.max(0, resolved.lastIndexOf("/")));
      continue;
    }
    const next = `${resolved}/${part}`;
    if (links.fileKind(next) !== "symlink") {
      resolved = next;
      continue;
    }
    if (++count > MAX_LINKS || !mayFollow(next)) return undefined;
    const target = links.readLink(next);
    if (target.startsWith("/")) resolved = "";
    todo.push(...target.split("/").reverse());
  }
  return resolved || "/";
}

function isWithin(path: ByteString, folder: ByteString): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** Whether one of the addresses is this one, or a folder of it, or only a scheme: `github:`. */
export function isAllowedUri(uri: string, allowed: readonly string[]): boolean {
  return allowed.some((prefix) => {
    if (uri === prefix) return true;
    if (prefix === "" || !uri.startsWith(prefix)) return false;
    return prefix.endsWith("/") || uri[prefix.length] === "/" || /^[a-z0-9+.-]+:$/i.test(prefix);
  });
}

/** @throws CopseError `restricted`. */
export function forbidUri(uri: string): never {
  throw new CopseError("restricted", `access to URI '${uri}' is forbidden in restricted mode`, {
    hint: "allow it by --allowed-uris",
  });
}
