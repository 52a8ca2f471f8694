/**
 * The signed Release of a suite and its package indexes: fetched, verified, and kept in the cache.
 *
 * From the configured mirrors in turn; the first that has what its signature promises serves. A Release
 * counts only when its signature, its name and its date are right. A mirror that suddenly has an older
 * Release than it had before is behind or is lying, and what it had before stays in force, as with apt.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { byteStringFromBytes, CopseError, isCopseError } from "#base";
import {
  type AptArchives,
  type AptBase,
  archiveName,
  type Downloader,
  freshnessRules,
  type Location,
  releasePath,
} from "#fetch";
import { parseHash } from "#format";
import type { Clock } from "#host";
import { encodeIndex, PackageIndex } from "./index-file.ts";
import { archiveKeyrings, openKeyring, verifyClearSigned, verifyDetached } from "./keyring.ts";
import { checkFreshness, parseRelease, type Release, type ReleaseFile } from "./release.ts";

/** What a resolution needs of the world. */
export interface DebianServices {
  readonly archives: AptArchives;
  readonly downloader: Downloader;
  readonly cacheDir: string;
  readonly clock: Clock;
  /** Indexes that were opened before, by hash. */
  readonly opened: Map<string, OpenedIndex>;
  /** Something the user should know though it stops nothing. */
  readonly notice: (text: string) => void;
  /** What is under way, for a progress line. */
  readonly progress: (event: ResolveProgress) => void;
}

export interface ResolveProgress {
  readonly activity: string;
  readonly bytes?: number;
  readonly totalBytes?: number | undefined;
}

/** A suite of an archive: `bookworm` of `debian`, `bookworm-security` of `debian-security`. */
export interface SuiteName {
  readonly archive: string;
  readonly suite: string;
}

export interface OpenedRelease extends SuiteName {
  readonly release: Release;
  /** Mirrors to ask for what the Release lists, the one it came from first. */
  readonly bases: readonly AptBase[];
}

const MAX_RELEASE_BYTES = 32 * 1024 * 1024;
const MAX_INDEX_BYTES = 2 * 1024 ** 3;

/** Throws what the last mirror failed with, and `apt-archive-unknown`. */
export async function openRelease(
  services: DebianServices,
  name: SuiteName,
  signal?: AbortSignal,
): Promise<OpenedRelease> {
  const bases = await services.archives.bases(name.archive, name.suite);
  let failure: unknown;
  for (const base of bases) {
    try {
      const release = await currentRelease(services, { ...name, base }, signal);
      return { ...name, release, bases: [base, ...bases.filter((other) => other !== base)] };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof CopseError)) throw error;
      // A mirror that cannot be reached says less than one that serves something wrong.
      if (failure === undefined || isUnreachable(failure)) failure = error;
    }
  }
  throw failure;
}

interface ReleaseRequest extends SuiteName {
  readonly base: AptBase;
}

async function currentRelease(
  services: DebianServices,
  request: ReleaseRequest,
  signal?: AbortSignal,
): Promise<Release> {
  const { suite, base } = request;
  const subject = `${request.archive}/${suite}`;
  const known = await rememberedRelease(services, request);
  let text: string;
  try {
    services.progress({ activity: `release of ${subject}` });
    text = await verifiedText(services, request, signal);
  } catch (error) {
    if (!known || !isUnreachable(error)) throw error;
    services.notice(`${subject}: the mirror cannot be reached, going by what it had when last asked`);
    text = known.text;
  }
  let release = parseRelease(text, subject);
  checkName(release, request);
  if (known && known.release.dateMs > release.dateMs) {
    services.notice(`${subject}: the mirror has an older Release than before, going by the newer one`);
    release = known.release;
  } else if (text !== known?.text) await writeAtomically(rememberedPath(services, request), text);
  const rules = freshnessRules(services.archives.apt.conf, base.source, release.label);
  checkFreshness(release, { rules, nowMs: services.clock.now(), subject });
  return release;
}

async function verifiedText(
  services: DebianServices,
  request: ReleaseRequest,
  signal?: AbortSignal,
): Promise<string> {
  const { base, suite } = request;
  const { apt } = services.archives;
  const read = (name: string) =>
    services.downloader.read({
      url: [services.archives.location(base.uri, releasePath(suite, name))],
      scratchDir: join(services.cacheDir, "tmp"),
      maxBytes: MAX_RELEASE_BYTES,
      signal,
    });
  const keyring = await openKeyring(apt, {
    signedBy: base.source.signedBy,
    // A keyring that a source names for its own suite need not have the keys of another.
    additionalKeyrings: base.isConfigured ? [] : archiveKeyrings,
  });
  const rules = freshnessRules(apt.conf, base.source, "");
  // Where dates are not to be checked (a dated archive), keys are judged at the time of the signature.
  const date = rules.checkDate ? new Date(services.clock.now()) : undefined;
  const check = { keyring, subject: `${request.archive}/${suite}`, date };
  const inRelease = base.source.options.inReleasePath ?? "InRelease";
  try {
    const bytes = await read(inRelease);
    return await verifyClearSigned(bytes.toString("utf8"), check);
  } catch (error) {
    if (!isNotFound(error) || base.source.options.inReleasePath !== undefined) throw error;
  }
  const [text, signature] = await Promise.all([read("Release"), read("Release.gpg")]);
  await verifyDetached(text, signature, check);
  return text.toString("utf8");
}

function checkName(release: Release, { archive, suite }: SuiteName): void {
  const actual = archiveName(release.origin, release.label);
  const isSuite = suite.endsWith("/") || suite === release.suite || suite === release.codename;
  if (actual === archive && isSuite) return;
  throw new CopseError(
    "release-wrong",
    `Release is of \`${actual ?? "?"}/${release.codename || release.suite}\` instead of \`${archive}/${suite}\``,
  );
}

// What was verified is remembered per mirror -------------------------------------------------------------

function rememberedPath(services: DebianServices, { base, suite }: ReleaseRequest): string {
  const key = createHash("sha256").update(`${base.uri} ${suite}`).digest("hex").slice(0, 32);
  return join(services.cacheDir, "debian", "releases", key);
}

async function rememberedRelease(
  services: DebianServices,
  request: ReleaseRequest,
): Promise<{ text: string; release: Release } | undefined> {
  try {
    const text = await readFile(rememberedPath(services, request), "utf8");
    const release = parseRelease(text, `${request.archive}/${request.suite}`);
    checkName(release, request);
    return { text, release };
  } catch {
    return undefined;
  }
}

// Indexes --------------------------------------------------------------------------------------------------

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

async function writeAtomically(path: string, contents: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

const unreachable = [
  "http-failed",
  "http-timeout",
  "download-status",
  "download-truncated",
  "file-not-found",
];

function isUnreachable(error: unknown): boolean {
  return unreachable.some((code) => isCopseError(error, code));
}

function isNotFound(error: unknown): boolean {
  return (
    isCopseError(error, "file-not-found") ||
    (isCopseError(error, "download-status") && / 40[34] /.test(error.message))
  );
}
