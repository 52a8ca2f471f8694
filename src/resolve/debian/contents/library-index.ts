/**
 * Which Debian packages have a shared library: `libGL.so.1` is in libgl1.
 *
 * An archive lists all files of all its packages in `Contents-ARCHITECTURE.gz`, a line each: a path, blanks, and the
 * packages that have it as `section/name`, with commas between. It is fetched by the hash that the signed Release
 * has, and read as it comes; what is kept is a small table of the libraries in the folders where the dynamic linker
 * looks.
 */
import { createReadStream } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { CopseError } from "#base";
import { debianArchitecture } from "#fetch";
import { parseHash } from "#format";
import type { ReleaseFile } from "../archive/release.ts";
import {
  type DebianServices,
  type OpenedRelease,
  openRelease,
  writeAtomically,
} from "../archive/repository.ts";
import { indexLocations } from "../index/indexes.ts";
import { wantedSuites } from "../index/suite-indexes.ts";
import type { DebianSource } from "../source.ts";

/** Packages by the base name of a library. */
export type LibraryIndex = ReadonlyMap<string, readonly string[]>;

const MAX_CONTENTS_BYTES = 2 ** 30;
/** A line of a real one has at most some thousand characters; unpacked without end, a file is a bomb. */
const MAX_UNPACKED_BYTES = 8 * 2 ** 30;

/**
 * Where the linker looks without being told, and where alternatives lead it: those of BLAS have folders of their own.
 */
const LIBRARY_LINE =
  /^(?:usr\/)?lib\/(?:[a-z0-9_]+-linux-gnu[a-z0-9_]*\/)?(?:blas\/|lapack\/|openblas-pthread\/)?([^/\s]+\.so(?:\.[^/\s]+)?)\s+(\S+)$/;

/** Of all suites and components of a source. Throws what opening a Release and fetching throw. */
export async function openLibraryIndexes(
  services: DebianServices,
  source: DebianSource,
  signal?: AbortSignal,
): Promise<LibraryIndex> {
  const architecture = debianArchitecture(source.system);
  const all = new Map<string, string[]>();
  for (const wanted of wantedSuites(source)) {
    const opened = await openRelease(services, wanted, signal);
    for (const component of wanted.components) {
      const file = contentsOf(opened, component, architecture);
      // Repositories of a few packages rarely have one.
      if (!file) continue;
      for (const [library, packages] of await openOne(services, opened, { file, signal }))
        all.set(library, [...new Set([...(all.get(library) ?? []), ...packages])]);
    }
  }
  return all;
}

/** Older archives have one for all components together. */
function contentsOf(
  { release }: OpenedRelease,
  component: string,
  architecture: string,
): ReleaseFile | undefined {
  const name = `Contents-${architecture}.gz`;
  return release.files.get(`${component}/${name}`) ?? release.files.get(name);
}

async function openOne(
  services: DebianServices,
  opened: OpenedRelease,
  { file, signal }: { readonly file: ReleaseFile; readonly signal: AbortSignal | undefined },
): Promise<LibraryIndex> {
  const kept = join(services.cacheDir, "debian", "libraries", file.sha256);
  const text = await readFile(kept, "utf8").catch(() => undefined);
  if (text !== undefined) return parseTable(text);
  const subject = `${opened.archive}/${opened.suite}/${file.path}`;
  const scratchDir = join(services.cacheDir, "tmp");
  const target = join(scratchDir, `contents-${process.pid}-${file.sha256}`);
  await mkdir(scratchDir, { recursive: true });
  try {
    await services.downloader.download({
      url: opened.bases.flatMap((base) => indexLocations(services, { ...opened, base }, file)),
      target,
      sizeBytes: file.sizeBytes,
      maxBytes: MAX_CONTENTS_BYTES,
      expectedHash: parseHash(file.sha256, "sha256"),
      onProgress: ({ bytes, totalBytes }) =>
        services.progress({
          activity: `list of files of ${opened.archive}/${opened.suite}`,
          bytes,
          totalBytes,
        }),
      signal,
    });
    services.progress({ activity: `reading ${subject}` });
    const libraries = await readContents(target, subject);
    await writeAtomically(kept, formatTable(libraries));
    return libraries;
  } finally {
    await rm(target, { force: true });
  }
}

async function readContents(path: string, subject: string): Promise<LibraryIndex> {
  const libraries = new Map<string, string[]>();
  const unpacked = createReadStream(path, { highWaterMark: 1 << 18 }).pipe(
    createGunzip({ chunkSize: 1 << 18 }),
  );
  let bytes = 0;
  unpacked.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_UNPACKED_BYTES) unpacked.destroy(new Error("more than any archive has"));
  });
  try {
    for await (const line of createInterface({ input: unpacked, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (!line.includes(".so")) continue;
      const found = LIBRARY_LINE.exec(line);
      if (!found) continue;
      const [, library = "", places = ""] = found;
      const packages = places.split(",").map((place) => place.slice(place.lastIndexOf("/") + 1));
      libraries.set(library, [...(libraries.get(library) ?? []), ...packages.filter(isRuntime)]);
    }
  } catch (cause) {
    throw new CopseError("index-invalid", `List of files cannot be read: \`${subject}\``, { cause });
  }
  return libraries;
}

/** What development and debugging need, and libraries for other machines, run nothing here. */
function isRuntime(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9+.-]*$/.test(name) &&
    !/-(?:dev|dbg|dbgsym|udeb|cross)$|^lib\w+-[a-z0-9]+-cross$/.test(name)
  );
}

function formatTable(libraries: LibraryIndex): string {
  return [...libraries]
    .filter(([, packages]) => packages.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([library, packages]) => `${library} ${[...new Set(packages)].sort().join(",")}\n`)
    .join("");
}

function parseTable(text: string): LibraryIndex {
  return new Map(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line): [string, string[]] => {
        const [library = "", packages = ""] = line.split(" ");
        return [library, packages.split(",")];
      }),
  );
}

/**
 * Of several packages that have a library, the one that is called after it: `libgomp1` for `libgomp.so.1`. Else the
 * shortest name, which is that of no variant.
 */
export function packageOfLibrary(library: string, packages: readonly string[]): string | undefined {
  const [, stem = "", major = ""] = /^(.+?)\.so(?:\.([0-9]+))?/.exec(library) ?? [];
  const wanted = stem.toLowerCase().replaceAll("_", "-");
  const named = [`${wanted}${major}`, `${wanted}-${major}`, wanted];
  const rank = (name: string): number => {
    // Since the times of 64 bits, libraries have `t64` behind their name.
    const at = named.indexOf(name.replace(/t64$/, ""));
    return at < 0 ? named.length : at;
  };
  return packages.toSorted((a, b) => rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1))[0];
}
