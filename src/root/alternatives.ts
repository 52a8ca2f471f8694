/**
 * `update-alternatives`: several packages offer one name, a link in `/etc/alternatives` chooses.
 *
 *     update-alternatives --install <link> <name> <path> <priority> [--slave <link> <name> <path>]...
 *
 * `<link>` is the public name and points at `/etc/alternatives/<name>`, which points at `<path>`. The highest
 * priority wins; slaves (manual pages mostly) go with their master. update-alternatives(1).
 */
import type { ByteString } from "#base";
import { canonicalAbsolutePath } from "./deb-member-path.ts";
import type { ScriptCall } from "./maintainer-script.ts";

export interface AlternativeLink {
  readonly link: ByteString;
  readonly name: ByteString;
  readonly path: ByteString;
}

export interface Alternative extends AlternativeLink {
  readonly priority: number;
  readonly slaves: readonly AlternativeLink[];
}

/** What a call installs; undefined where it installs nothing or a word of it is unknown. */
export function parseAlternativeCall(call: ScriptCall): Alternative | undefined {
  const start = call.indexOf("--install");
  if (start < 0) return undefined;
  const [link, name, path, priority] = call.slice(start + 1);
  const master = alternativeLink(link, name, path);
  if (!master || priority === undefined || !/^-?[0-9]+$/.test(priority)) return undefined;
  const slaves: AlternativeLink[] = [];
  for (let at = start + 5; at < call.length; at++) {
    if (call[at] !== "--slave") continue;
    const slave = alternativeLink(call[at + 1], call[at + 2], call[at + 3]);
    if (slave) slaves.push(slave);
  }
  return { ...master, priority: Number(priority), slaves };
}

/**
 * The links to make: for each name the alternative of highest priority whose file exists, at equal priority the
 * one that came first.
 */
export function chooseAlternatives(
  alternatives: readonly Alternative[],
  exists: (path: ByteString) => boolean,
): ReadonlyMap<ByteString, ByteString> {
  const chosen = new Map<ByteString, Alternative>();
  for (const alternative of alternatives) {
    if (!exists(alternative.path)) continue;
    const best = chosen.get(alternative.name);
    if (!best || alternative.priority > best.priority) chosen.set(alternative.name, alternative);
  }
  const links = new Map<ByteString, ByteString>();
  for (const alternative of chosen.values()) {
    for (const { link, name, path } of [alternative, ...alternative.slaves]) {
      if (!exists(path)) continue;
      links.set(link, `/etc/alternatives/${name}`);
      links.set(`/etc/alternatives/${name}`, path);
    }
  }
  return links;
}

function alternativeLink(
  link: ByteString | undefined,
  name: ByteString | undefined,
  path: ByteString | undefined,
): AlternativeLink | undefined {
  if (!link?.startsWith("/") || !path?.startsWith("/")) return undefined;
  if (!name || name.includes("/") || name === "." || name === "..") return undefined;
  if (link.includes("/../") || path.includes("/../")) return undefined;
  return { link: canonicalAbsolutePath(link), name, path: canonicalAbsolutePath(path) };
}
