/** Names and paths in an archive of Debian's kind: what a source's suite is in the file tree, and what is no path. */
import { CopseError } from "#base";
import type { AptSource } from "./sources.ts";

/** `dists/bookworm/InRelease`, or `suite/InRelease` where the suite is a path. */
export function releasePath(suite: string, name: string): string {
  if (!suite.endsWith("/")) return `dists/${suite}/${name}`;
  const directory = suite.replace(/^(\.?\/)+/, "");
  return `${directory}${name}`;
}

/** Names to try for a source's Release, in apt's order. */
export function releaseNames(source: AptSource): readonly string[] {
  return source.options.inReleasePath === undefined
    ? ["InRelease", "Release"]
    : [source.options.inReleasePath];
}

/** `debian` for Origin and Label Debian, `debian-security` for Label Debian-Security. */
export function archiveName(origin: string, label: string): string | undefined {
  const slug = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 64);
  const [first, second] = [slug(origin), slug(label)];
  // Backports stand in the main archive, under one roof with it.
  if (/^debian(-backports)?$/.test(first) && second === "debian-backports") return "debian";
  if (second === "" || second === first) return first || undefined;
  return first === "" || second.startsWith(`${first}-`) ? second : `${first}-${second}`;
}

/** Throws `archive-path`: a path from a lock or an index must not lead out of its archive. */
export function checkArchivePath(path: string): void {
  const isPlain = /^[\x21-\x7e]+$/.test(path) && !path.startsWith("/") && !/[\\?#]/.test(path);
  if (!isPlain || path.split("/").some((part) => part === "" || part === "." || part === ".."))
    throw new CopseError("archive-path", `Path is no path within an archive: \`${path.slice(0, 300)}\``);
}

/** A file below a base. Characters that mean something in URLs are escaped. Throws `apt-uri-unsupported`. */
export function archiveFileUrl(uri: string, path: string): URL {
  // Versions hold `~`, `+` and `%3a`-like escapes; a path of Release is taken as text.
  const escaped = path.split("/").map((part) => encodeURIComponent(part).replaceAll("%2B", "+"));
  return new URL(`${addressOf(uri).replace(/\/+$/, "")}/${escaped.join("/")}`);
}

/** `copy:` is `file:`. */
function addressOf(uri: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return uri;
  if (scheme === "file" || scheme === "copy")
    return `file://${uri.slice(scheme.length + 1).replace(/^\/+/, "/")}`;
  throw new CopseError(
    "apt-uri-unsupported",
    `Source is of a kind that copse cannot read: \`${scheme ?? uri}:\``,
    {
      hint: "http, https, file and copy sources can be used; add one of these for the same archive",
    },
  );
}
