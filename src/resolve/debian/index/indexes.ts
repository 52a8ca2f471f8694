/**
 * The package indexes that a Release lists: fetched by hash, verified, and kept in the form of `index-file.ts`.
 *
 * The cache names an index by the hash of its uncompressed text, whichever compression it came in; so does
 * the lock.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { byteStringFromBytes, CopseError } from "#base";
import { type AptBase, type Location, releasePath } from "#fetch";
import { parseHash } from "#format";
import type { Release, ReleaseFile } from "../archive/release.ts";
import { type DebianServices, type OpenedRelease, writeAtomically } from "../archive/repository.ts";
import { encodeIndex, PackageIndex } from "./index-file.ts";

/** Ten times that of Debian's unstable suite. */
const MAX_INDEX_BYTES = 768 * 1024 ** 2;

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
  // A repository without folders for suites need not list what it has.
  const { architectures: known } = release;
  if (known.length > 0 && !known.includes(choice.architecture))
    throw new CopseError("architecture-unknown", `${subject} has no packages for \`${choice.architecture}\``);
  const architectures = release.hasSeparateAll ? [choice.architecture, "all"] : [choice.architecture];
  const directories = choice.components.flatMap((component) => {
    if (release.components.length > 0 && !release.components.includes(lastPart(component)))
      throw new CopseError("component-unknown", `${subject} has no component \`${component}\``, {
        hint: `it has ${release.components.join(", ")}`,
      });
    return architectures.map((architecture) => `${component}/binary-${architecture}`);
  });
  if (opened.suite.endsWith("/")) directories.push("");
  return Promise.all(
    directories.map((directory) => openIndex(services, opened, { directory, signal: choice.signal })),
  );
}

/** Security archives of old listed `updates/main` for what is found below `main`. */
function lastPart(component: string): string {
  return component.slice(component.lastIndexOf("/") + 1);
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
type Suffix = (typeof compressions)[number];

async function openIndex(
  services: DebianServices,
  opened: OpenedRelease,
  options: { readonly directory: string; readonly signal: AbortSignal | undefined },
): Promise<OpenedIndex> {
  const { release, archive } = opened;
  const subject = [archive, opened.suite, options.directory].filter((part) => part !== "").join("/");
  const name = options.directory === "" ? "Packages" : `${options.directory}/Packages`;
  const { found, plain } = findIndex(release, { name, subject });
  const sha256 = plain?.sha256 ?? found.file.sha256;
  const cached = await openCachedIndex(services, archive, sha256);
  if (cached) return cached;
  const request = { file: found.file, suffix: found.suffix, plain, subject, signal: options.signal };
  const text = await fetchText(services, opened, request);
  const bytes = encodeIndex(byteStringFromBytes(text), subject);
  await writeAtomically(indexPath(services, sha256), bytes);
  const made = await openCachedIndex(services, archive, sha256);
  if (!made) throw new Error(`The index just made cannot be read: ${subject}`);
  return made;
}

interface ListedIndex {
  readonly found: { readonly suffix: Suffix; readonly file: ReleaseFile };
  /** The uncompressed file, which a Release may list though no mirror has it. */
  readonly plain: ReleaseFile | undefined;
}

function findIndex(release: Release, { name, subject }: { name: string; subject: string }): ListedIndex {
  for (const suffix of compressions) {
    const file = release.files.get(`${name}${suffix}`);
    if (!file) continue;
    const plain = release.files.get(name);
    const declared = Math.max(file.sizeBytes, plain?.sizeBytes ?? 0);
    if (declared <= MAX_INDEX_BYTES) return { found: { suffix, file }, plain };
    throw new CopseError(
      "index-invalid",
      `Index is said to have ${declared} bytes, too many: \`${subject}\``,
    );
  }
  throw new CopseError("release-invalid", `Release lists no such index: \`${subject}\``);
}

/** The indexes of source packages as text, kept by their hashes. Throws as `openIndexes` does. */
export async function readSources(
  services: DebianServices,
  opened: OpenedRelease,
  choice: { readonly components: readonly string[]; readonly signal?: AbortSignal | undefined },
): Promise<{ archive: string; text: Buffer; subject: string }[]> {
  const { archive, release, suite } = opened;
  const directories = suite.endsWith("/") ? [""] : choice.components.map((one) => `${one}/source/`);
  return Promise.all(
    directories.map(async (directory) => {
      const subject = `${archive}/${suite}/${directory}`.replace(/\/+$/, "");
      const { found, plain } = findIndex(release, { name: `${directory}Sources`, subject });
      const path = indexPath(services, `${plain?.sha256 ?? found.file.sha256}.sources`);
      const kept = await readFile(path).catch(() => undefined);
      if (kept) return { archive, text: kept, subject };
      const text = await fetchText(services, opened, { ...found, plain, subject, signal: choice.signal });
      await writeAtomically(path, text);
      return { archive, text, subject };
    }),
  );
}

interface TextRequest {
  readonly file: ReleaseFile;
  readonly suffix: Suffix;
  readonly plain: ReleaseFile | undefined;
  readonly subject: string;
  readonly signal: AbortSignal | undefined;
}

/** The uncompressed text, which is that of the hash that the Release has for it. */
async function fetchText(
  services: DebianServices,
  opened: OpenedRelease,
  request: TextRequest,
): Promise<Buffer> {
  const { plain, subject, suffix } = request;
  const compressed = await fetchIndex(services, opened, request);
  services.progress({ activity: `reading ${subject}` });
  const text = await decompress(compressed, {
    suffix,
    subject,
    maxBytes: plain?.sizeBytes ?? MAX_INDEX_BYTES,
  });
  if (!plain) return text;
  const actual = createHash("sha256").update(text).digest("hex");
  if (actual === plain.sha256) return text;
  throw new CopseError(
    "index-invalid",
    `Index unpacks to something else than the Release says: \`${subject}\``,
  );
}

async function fetchIndex(
  services: DebianServices,
  opened: OpenedRelease,
  options: Omit<TextRequest, "plain" | "suffix">,
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
export function indexLocations(
  services: DebianServices,
  opened: OpenedRelease & { base: AptBase },
  file: ReleaseFile,
): Location[] {
  const { base, suite, release } = opened;
  const { byHash } = base.source.options;
  const wanted = byHash ?? (services.archives.apt.conf.getBoolean("Acquire::By-Hash", true) ? "yes" : "no");
  const directory = file.path.includes("/") ? `${dirname(file.path)}/` : "";
  const paths = [
    ...(wanted === "force" || (wanted === "yes" && release.hasByHash)
      ? [`${directory}by-hash/SHA256/${file.sha256}`]
      : []),
    ...(wanted === "force" ? [] : [file.path]),
  ];
  return paths.map((path) => services.archives.location(base.uri, releasePath(suite, path)));
}

function indexPath(services: DebianServices, sha256: string): string {
  return join(services.cacheDir, "debian", "indexes", sha256);
}

interface DecompressOptions {
  readonly suffix: Suffix;
  readonly subject: string;
  readonly maxBytes: number;
}

async function decompress(bytes: Buffer, options: DecompressOptions): Promise<Buffer> {
  const { suffix, subject, maxBytes } = options;
  try {
    switch (suffix) {
      case "":
        return bytes;
      case ".gz":
        return await promisify(gunzip)(bytes, { maxOutputLength: Math.max(1, maxBytes) });
      case ".xz":
        return await unxz(bytes, maxBytes);
    }
  } catch (cause) {
    throw new CopseError(
      "index-invalid",
      `Index does not unpack to the ${maxBytes} bytes it may have: \`${subject}\``,
      { cause },
    );
  }
}

async function unxz(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const { XzReadableStream } = await loadXz();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = new XzReadableStream(new Blob([new Uint8Array(bytes)]).stream());
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// The package is CommonJS, and its types say otherwise: Node gives it as the default export.
async function loadXz(): Promise<typeof import("xz-decompress")> {
  const module: { readonly default?: unknown } = await import("xz-decompress");
  return (module.default ?? module) as typeof import("xz-decompress");
}
