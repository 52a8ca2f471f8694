/**
 * The metadata of single files: read once, for as little as the server lets it be had, and kept.
 *
 * Of a wheel: the file that the index serves beside it (PEP 658), else the end of the wheel by range requests, else the
 * wheel as a whole, on disk. Of an sdist: its PKG-INFO where that can be relied on (PEP 643), else what a build of it says.
 * What an index declares by hash is checked; name and version must be those of the file's name. A file that has a hash can
 * never change, so its metadata is kept for good; the key has the host in it, so that what one index claims about a
 * file is not believed of another.
 */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CopseError } from "#base";
import {
  Downloader,
  fileHasSha256,
  type HttpCache,
  isOffline,
  offlineError,
  type PipConfiguration,
  StatusError,
  sha256OfFile,
  showUrl,
} from "#fetch";
import { parseHash } from "#format";
import {
  type CoreMetadata,
  compareVersions,
  parseCoreMetadata,
  parseSdistName,
  parseWheelName,
} from "#format/python";
import { reduceMetadata } from "./metadata-text.ts";
import { fileKind, type ProjectFile } from "./project-file.ts";
import { RangeSource } from "./range-source.ts";
import { isReliable, readPkgInfo } from "./sdist-pkg-info.ts";
import { wheelMetadata, wheelMetadataOfFile } from "./wheel-metadata.ts";

/** What must be built to be known: supplied by whoever can build. */
export interface SdistMetadata {
  metadataOf(
    sdist: { readonly file: ProjectFile; readonly bytesPath: string },
    signal?: AbortSignal,
  ): Promise<CoreMetadata>;
}

export interface MetadataReaderOptions {
  readonly pip: PipConfiguration;
  readonly cache: HttpCache;
  /** Files that had to be fetched as a whole. */
  readonly filesDir: string;
  readonly sdists: SdistMetadata;
}

const FORM = "metadata-1";
const MAX_METADATA_BYTES = 32 * 1024 * 1024;
const MAX_FILE_BYTES = 8 * 1024 ** 3;

export class MetadataReader {
  readonly #pip: PipConfiguration;
  readonly #cache: HttpCache;
  readonly #filesDir: string;
  readonly #sdists: SdistMetadata;
  readonly #downloader: Downloader;

  constructor({ pip, cache, filesDir, sdists }: MetadataReaderOptions) {
    this.#pip = pip;
    this.#cache = cache;
    this.#filesDir = filesDir;
    this.#sdists = sdists;
    this.#downloader = new Downloader({ client: cache.client, retries: pip.options.retries });
  }

  async read(file: ProjectFile, signal?: AbortSignal): Promise<CoreMetadata> {
    const path = this.#cache.files.path(FORM, cacheKey(file));
    const kept = file.sha256 === undefined ? undefined : this.#cache.files.read(path);
    if (kept) return parseCoreMetadata(kept.bytes);
    const bytes = await this.#told(file, signal);
    if (bytes === undefined) {
      // A build's answer is the builder's to keep, and its errors to explain: both depend on more than this file.
      const bytesPath = await this.#whole(file, signal).catch((error) =>
        Promise.reject(explain(error, file)),
      );
      return checkIdentity(await this.#sdists.metadataOf({ file, bytesPath }, signal), file);
    }
    try {
      const metadata = checkIdentity(parseCoreMetadata(bytes), file);
      if (file.sha256 !== undefined) this.#cache.files.write(path, {}, bytes);
      return metadata;
    } catch (error) {
      throw explain(error, file);
    }
  }

  /** A file's hash and size, where the index does not say them: by reading as much of it as that takes. */
  async hashed(
    file: ProjectFile,
    signal?: AbortSignal,
  ): Promise<{ readonly sha256: string; readonly size: number }> {
    try {
      const { sha256 } = file;
      const size = file.size ?? (sha256 === undefined ? undefined : await this.#size(file, signal));
      if (sha256 !== undefined && size !== undefined) return { sha256, size };
      const path = await this.#whole(file, signal);
      return { sha256: sha256 ?? (await sha256OfFile(path)), size: (await stat(path)).size };
    } catch (error) {
      throw explain(error, file);
    }
  }

  async #size(file: ProjectFile, signal: AbortSignal | undefined): Promise<number | undefined> {
    const url = new URL(file.url);
    if (url.protocol === "file:") return (await stat(url)).size;
    this.#refuseOffline(file);
    return (await RangeSource.open(this.#cache, { url, routeFor: this.#pip.routes.routeFor, signal }))?.size;
  }

  /** The metadata as the file tells it; undefined for an sdist that must be built. */
  async #told(file: ProjectFile, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
    try {
      return await (fileKind(file.file) === "wheel"
        ? this.#ofWheel(file, signal)
        : this.#ofSdist(file, signal));
    } catch (error) {
      throw explain(error, file);
    }
  }

  async #ofWheel(file: ProjectFile, signal: AbortSignal | undefined): Promise<Buffer> {
    const url = new URL(file.url);
    if (url.protocol === "file:")
      return reduceMetadata(await wheelMetadataOfFile(await this.#whole(file, signal), file.file));
    if (file.metadata) {
      const beside = await this.#beside(file, file.metadata.sha256, signal);
      // Promised and not there: the wheel itself has it.
      if (beside) return beside;
    }
    this.#refuseOffline(file);
    const { routeFor } = this.#pip.routes;
    const source = await RangeSource.open(this.#cache, { url, routeFor, size: file.size, signal });
    if (source) return reduceMetadata(await wheelMetadata(source, file.file));
    return reduceMetadata(await wheelMetadataOfFile(await this.#whole(file, signal), file.file));
  }

  /** PEP 658: `<url>.metadata`. The hash is that of the whole page, so it is checked before the page is cut down. */
  #beside(
    file: ProjectFile,
    sha256: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Buffer | undefined> {
    const url = new URL(file.url);
    url.pathname += ".metadata";
    return this.#cache.read({
      url,
      routeFor: this.#pip.routes.routeFor,
      form: `beside-1-${sha256 ?? ""}`,
      maxBytes: MAX_METADATA_BYTES,
      reduce: ({ bytes }) => {
        const actual = createHash("sha256").update(bytes).digest("hex");
        if (sha256 !== undefined && actual !== sha256)
          throw new CopseError(
            "metadata-hash",
            `Metadata does not have the hash that the index declares (expected ${sha256}, got ${actual}): \`${showUrl(url)}\``,
            {
              hint: "the index is in the middle of an update, or something on the way changes files: try again later, or name another index",
            },
          );
        return reduceMetadata(bytes);
      },
      encode: (bytes) => bytes,
      decode: (bytes) => bytes,
      signal,
    });
  }

  async #ofSdist(file: ProjectFile, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
    const contents = await readPkgInfo(await this.#whole(file, signal));
    if (!contents) return undefined;
    const bytes = reduceMetadata(contents);
    return isReliable(parseCoreMetadata(bytes)) ? bytes : undefined;
  }

  /** The file on this machine's disk. One with a hash is fetched once. */
  async #whole(file: ProjectFile, signal: AbortSignal | undefined): Promise<string> {
    const { sha256, size } = file;
    const url = new URL(file.url);
    const folder = sha256 ?? createHash("sha256").update(file.url).digest("hex");
    const target = join(this.#filesDir, folder.slice(0, 2), folder.slice(2), file.file);
    if (url.protocol === "file:") return fileURLToPath(url);
    if (sha256 !== undefined && (await fileHasSha256(target, sha256))) return target;
    this.#refuseOffline(file);
    const { routeFor } = this.#pip.routes;
    await this.#downloader.download({
      url: [{ url, routeFor }],
      target,
      expectedHash: sha256 === undefined ? undefined : parseHash(sha256, "sha256"),
      sizeBytes: size,
      maxBytes: MAX_FILE_BYTES,
      signal,
    });
    return target;
  }

  #refuseOffline(file: ProjectFile): void {
    if (!this.#cache.isOffline) return;
    throw offlineError("Metadata", file.file);
  }
}

/** By what stands before an address' path: the hosts of files are few. */
const origins = new Map<string, string>();

function originOf(url: string): string {
  const host = url.slice(0, url.indexOf("/", url.indexOf("//") + 2));
  let origin = origins.get(host);
  if (origin === undefined) {
    origin = URL.parse(url)?.origin ?? "";
    if (origins.size < 1000) origins.set(host, origin);
  }
  return origin;
}

function cacheKey(file: ProjectFile): string {
  return JSON.stringify([originOf(file.url), file.sha256, file.metadata?.sha256]);
}

/** What a file says of itself must be what its name says, or anything could be installed under any name. */
function checkIdentity(metadata: CoreMetadata, file: ProjectFile): CoreMetadata {
  const named =
    fileKind(file.file) === "wheel" ? parseWheelName(file.file) : parseSdistName(file.file, metadata.name);
  if (named && named.name === metadata.name && compareVersions(named.version, metadata.version) === 0)
    return metadata;
  throw new CopseError(
    "metadata-mismatch",
    `Metadata is of another package (${metadata.name} ${metadata.version.text}) than the file's name says: \`${file.file}\``,
    { hint: "the file was built wrongly: exclude this version, or take another index" },
  );
}

function explain(error: unknown, file: ProjectFile): unknown {
  if (!(error instanceof CopseError) || isOffline(error) || error.code === "metadata-mismatch") return error;
  if (
    !(error instanceof StatusError) &&
    !/^(?:http|download|index|answer|zip|wheel|metadata|python|sdist|tar)-|^hash-mismatch$/.test(error.code)
  )
    return error;
  const where = file.index === undefined ? "" : ` of the index ${file.index}`;
  const reason = error.message.replace(/: `[^`]*`$/, "");
  return new CopseError(
    error.code,
    `Metadata${where} cannot be read (${reason.slice(0, 1).toLowerCase()}${reason.slice(1)}): \`${showUrl(new URL(file.url))}\``,
    { cause: error, hint: error.hint ?? "exclude this version, or take another index" },
  );
}
