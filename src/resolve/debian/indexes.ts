/**
 * The package indexes that a Release lists: fetched by hash, verified, and kept in the form of `index-file.ts`.
 *
 * The cache names an index by the hash of its uncompressed text, whichever compression it came in; so does
 * the lock.
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { byteStringFromBytes, CopseError } from "#base";
import { type AptBase, type Location, releasePath } from "#fetch";
import { parseHash } from "#format";
import { encodeIndex, PackageIndex } from "./index-file.ts";
import type { ReleaseFile } from "./release.ts";
import { type DebianServices, type OpenedRelease, writeAtomically } from "./repository.ts";

const MAX_INDEX_BYTES = 2 * 1024 ** 3;

export interface IndexChoice {
  readonly components: readonly string[];
  /** In Debian's words. */
  readonly architecture: string;
}

/** An index by the hash of its uncompressed text, under which it is cached and the lock names it. */
export interface OpenedIndex {
  readonly archive: string;
  readonly sha256: string;
  readonly index: PackageIndex;
}

/** Throws `component-unknown`, `architecture-unknown` and what fetching throws. */
export async function openIndexes(
  services: DebianServices,
  opened: OpenedRelease,
  choice: IndexChoice & { readonly signal?: AbortSignal | undefined },
): Promise<OpenedIndex[]> {
  const { release } = opened;
  const subject = `${opened.archive}/${opened.suite}`;
  if (!release.architectures.includes(choice.architecture))
    throw new CopseError("architecture-unknown", `${subject} has no packages for \`${choice.architecture}\``);
  const architectures = release.hasSeparateAll ? [choice.architecture, "all"] : [choice.architecture];
  const directories = choice.components.flatMap((component) => {
    if (!release.components.includes(component))
      throw new CopseError("component-unknown", `${subject} has no component \`${component}\``, {
        hint: `it has ${release.components.join(", ")}`,
      });
    return architectures.map((architecture) => `${component}/binary-${architecture}`);
  });
  return Promise.all(
    directories.map((directory) => openIndex(services, opened, { directory, signal: choice.signal })),
  );
}

/** An index that was made on this machine before. */
export async function openCachedIndex(
  services: DebianServices,
  archive: string,
  sha256: string,
): Promise<OpenedIndex | undefined> {
  const key = `${archive} ${sha256}`;
  const opened = services.opened.get(key);
  if (opened) return opened;
  const bytes = await readFile(indexPath(services, sha256)).catch(() => undefined);
  const index = bytes && PackageIndex.open(bytes);
  if (index) services.opened.set(key, { archive, sha256, index });
  return services.opened.get(key);
}

// gzip comes first, as Node reads it natively, in a quarter of the time that xz takes.
const compressions = [".gz", ".xz", ""] as const;

async function openIndex(
  services: DebianServices,
  opened: OpenedRelease,
  options: { readonly directory: string; readonly signal: AbortSignal | undefined },
): Promise<OpenedIndex> {
  const { release, archive } = opened;
  const subject = `${archive}/${opened.suite}/${options.directory}`;
  const listed = compressions.map((suffix) => ({
    suffix,
    file: release.files.get(`${options.directory}/Packages${suffix}`),
  }));
  const found = listed.find(({ file }) => file !== undefined);
  if (!found?.file) throw new CopseError("release-invalid", `Release lists no package index: \`${subject}\``);
  const plain = release.files.get(`${options.directory}/Packages`);
  const sha256 = plain?.sha256 ?? found.file.sha256;
  const cached = await openCachedIndex(services, archive, sha256);
  if (cached) return cached;
  const compressed = await fetchIndex(services, opened, {
    file: found.file,
    subject,
    signal: options.signal,
  });
  services.progress({ activity: `reading ${subject}` });
  const text = await decompress(compressed, found.suffix, plain?.sizeBytes ?? MAX_INDEX_BYTES);
  const bytes = encodeIndex(byteStringFromBytes(text), subject);
  await writeAtomically(indexPath(services, sha256), bytes);
  const made = await openCachedIndex(services, archive, sha256);
  if (!made) throw new Error(`The index just made cannot be read: ${subject}`);
  return made;
}

async function fetchIndex(
  services: DebianServices,
  opened: OpenedRelease,
  options: { readonly file: ReleaseFile; readonly subject: string; readonly signal: AbortSignal | undefined },
): Promise<Buffer> {
  const { file, subject, signal } = options;
  return services.downloader.read({
    url: opened.bases.flatMap((base) => indexLocations(services, { ...opened, base }, file)),
    scratchDir: join(services.cacheDir, "tmp"),
    sizeBytes: file.sizeBytes,
    maxBytes: file.sizeBytes,
    expectedHash: parseHash(file.sha256, "sha256"),
    onProgress: ({ bytes, totalBytes }) =>
      services.progress({ activity: `index of ${subject}`, bytes, totalBytes }),
    signal,
  });
}

/** By hash first: a mirror in the middle of an update still has the index that its old Release names. */
function indexLocations(
  services: DebianServices,
  opened: OpenedRelease & { base: AptBase },
  file: ReleaseFile,
): Location[] {
  const { base, suite, release } = opened;
  const { byHash } = base.source.options;
  const wanted = byHash ?? (services.archives.apt.conf.getBoolean("Acquire::By-Hash", true) ? "yes" : "no");
  const directory = dirname(file.path);
  const paths = [
    ...(wanted === "force" || (wanted === "yes" && release.hasByHash)
      ? [`${directory}/by-hash/SHA256/${file.sha256}`]
      : []),
    ...(wanted === "force" ? [] : [file.path]),
  ];
  return paths.map((path) => services.archives.location(base.uri, releasePath(suite, path)));
}

function indexPath(services: DebianServices, sha256: string): string {
  return join(services.cacheDir, "debian", "indexes", sha256);
}

async function decompress(
  bytes: Buffer,
  suffix: (typeof compressions)[number],
  maxBytes: number,
): Promise<Buffer> {
  switch (suffix) {
    case "":
      return bytes;
    case ".gz":
      return promisify(gunzip)(bytes, { maxOutputLength: Math.max(1, maxBytes) }).catch((cause: unknown) => {
        throw new CopseError(
          "index-invalid",
          `Index does not unpack to the ${maxBytes} bytes it should have`,
          { cause },
        );
      });
    case ".xz":
      return unxz(bytes, maxBytes);
  }
}

async function unxz(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const { XzReadableStream } = await loadXz();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = new XzReadableStream(new Blob([new Uint8Array(bytes)]).stream());
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes)
      throw new CopseError(
        "index-invalid",
        `Index unpacks to more than the ${maxBytes} bytes it should have`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// The package is CommonJS, and its types say otherwise: Node gives it as the default export.
async function loadXz(): Promise<typeof import("xz-decompress")> {
  const module: { readonly default?: unknown } = await import("xz-decompress");
  return (module.default ?? module) as typeof import("xz-decompress");
}
