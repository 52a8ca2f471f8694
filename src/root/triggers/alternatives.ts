/**
 * `update-alternatives`: several packages offer one name, a link in `/etc/alternatives` chooses.
 *
 *     update-alternatives --install <link> <name> <path> <priority> [--slave <link> <name> <path>]...
 *
 * `<link>` is the public name and points at `/etc/alternatives/<name>`, which points at `<path>`. The highest
 * priority wins; slaves (manual pages mostly) go with their master. update-alternatives(1).
 */
import type { ByteString } from "#base";
import type { ScriptWord } from "../scripts/shell/shell-values.ts";
import { canonicalAbsolutePath } from "../unpacking/deb-member-path.ts";

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
export function parseAlternativeCall(call: readonly ScriptWord[]): Alternative | undefined {
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

/**
 * What update-alternatives keeps in `/var/lib/dpkg/alternatives/<name>`, so that it and its callers find in a root
 * what they would find on any Debian: the link, its slaves by name, then each alternative with its priority and a
 * line for each slave.
 */
export function alternativeBooks(
  alternatives: readonly Alternative[],
  exists: (path: ByteString) => boolean,
): ReadonlyMap<ByteString, ByteString> {
  const groups = new Map<ByteString, Map<ByteString, Alternative>>();
  for (const alternative of alternatives) {
    if (!exists(alternative.path)) continue;
    const group = groups.get(alternative.name) ?? new Map<ByteString, Alternative>();
    groups.set(alternative.name, group);
    group.set(alternative.path, alternative);
  }
  return new Map([...groups].map(([name, group]) => [name, bookOf([...group.values()])]));
}

function bookOf(group: readonly Alternative[]): ByteString {
  const slaves = new Map<ByteString, ByteString>();
  for (const { slaves: own } of group) for (const { link, name } of own) slaves.set(name, link);
  const names = [...slaves.keys()].sort();
  const lines = ["auto", group.at(-1)?.link ?? ""];
  for (const name of names) lines.push(name, slaves.get(name)!);
  lines.push("");
  for (const { path, priority, slaves: own } of [...group].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    lines.push(path, String(priority));
    for (const name of names) lines.push(own.find((slave) => slave.name === name)?.path ?? "");
  }
  return `${lines.join("\n")}\n\n`;
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
