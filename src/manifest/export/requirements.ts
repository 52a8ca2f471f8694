/**
 * requirements.txt with hashes, as `pip install --require-hashes -r` and uv read it: every package with its one file's SHA-256.
 *
 * It has no markers, since an answer of the lock is for one Python and one system. Without a folder, packages come from the index that
 * pip is configured for and from those of copse.toml; with one, from there alone.
 */
import { posix } from "node:path";
import type { ExportedPackage } from "./locked-file.ts";

export interface RequirementsOptions {
  /** Addresses of the indexes of copse.toml, by name. */
  readonly indexes: ReadonlyMap<string, string>;
  readonly platform: { readonly python: string; readonly system: string };
}

export function formatRequirements(
  packages: readonly ExportedPackage[],
  { indexes, platform }: RequirementsOptions,
): string {
  const sorted = [...packages].sort((a, b) => (a.locked.name < b.locked.name ? -1 : 1));
  const lines = [`# From copse.lock, for Python ${platform.python} on ${platform.system}.`];
  const folders = sorted.flatMap(({ place }) =>
    place.path === undefined ? [] : [posix.dirname(place.path)],
  );
  if (folders.length > 0)
    lines.push("--no-index", ...[...new Set(folders)].map((folder) => `--find-links ${folder}`));
  else {
    const used = new Set(sorted.map(({ locked }) => locked.index));
    for (const [name, url] of indexes) if (used.has(name)) lines.push(`--extra-index-url ${url}`);
  }
  for (const { locked, place, isDirect } of sorted) {
    const what =
      isDirect && place.url !== undefined
        ? `${locked.name} @ ${place.url}`
        : `${locked.name}==${locked.version}`;
    lines.push(`${what} \\`, `    --hash=sha256:${locked.sha256}`);
  }
  return `${lines.join("\n")}\n`;
}
