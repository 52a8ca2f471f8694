/**
 * The versions of a package that a repository has replaced. CRAN moves them to `src/contrib/Archive/NAME/`, and its index does not
 * name them; the folder's page, as a web server makes it, has a link to each.
 */
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { HttpCache, Location } from "#fetch";
import { compareRVersions, isRVersion, type RVersion } from "#format/r";

const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** The highest first; none where the server has no such folder, or does not show what is in it. */
export async function archivedVersions(
  {
    cache,
    name,
    signal,
  }: { readonly cache: HttpCache; readonly name: string; readonly signal?: AbortSignal | undefined },
  folder: Location,
): Promise<readonly RVersion[]> {
  const { url, routeFor } = folder;
  if (url.protocol === "file:") {
    const files = await readdir(fileURLToPath(url)).catch(() => []);
    return versionsOf(name, files);
  }
  const versions = await cache.read<readonly RVersion[]>({
    ...{ url, routeFor, signal },
    form: `r-archive-1-${name}`,
    maxBytes: MAX_PAGE_BYTES,
    isMissing: ({ status }) => status === 403,
    reduce: ({ bytes }) => versionsOf(name, linksIn(bytes.toString("utf8"))),
    encode: (found) => Buffer.from(JSON.stringify(found)),
    decode: (bytes) => JSON.parse(bytes.toString("utf8")) as readonly RVersion[],
  });
  return versions ?? [];
}

function linksIn(page: string): string[] {
  return Array.from(page.matchAll(/\shref\s*=\s*["']?([^"'\s>]{1,400})/gi), ([, link = ""]) =>
    link.slice(link.lastIndexOf("/") + 1).replaceAll("%2B", "+"),
  );
}

function versionsOf(name: string, files: readonly string[]): RVersion[] {
  const found = files.flatMap((file) => {
    if (!file.startsWith(`${name}_`) || !file.endsWith(".tar.gz")) return [];
    const version = file.slice(name.length + 1, -".tar.gz".length);
    return isRVersion(version) ? [version] : [];
  });
  return [...new Set(found)].sort((a, b) => compareRVersions(b, a));
}
