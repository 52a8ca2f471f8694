/**
 * The packages of all repositories that R's configuration names: each repository's PACKAGES, kept in the cache and asked for
 * again only as HTTP has it.
 *
 * Of one name, the highest version comes first, whichever repository has it, as for `available.packages()`; of equal
 * ones, that of the repository named first.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { CopseError, isCopseError, nearestNames } from "#base";
import { type CranRepositories, cranUnconfigured, type HttpCache, type Location } from "#fetch";
import { compareRVersions, parsePackagesIndex, type RIndexEntry } from "#format/r";
import { rKey, type SourceCandidate } from "./candidate.ts";

export interface CranIndexServices {
  readonly repositories: CranRepositories;
  readonly cache: HttpCache;
  readonly progress: (event: { readonly activity: string }) => void;
}

export class CranIndex {
  readonly #byKey = new Map<string, SourceCandidate[]>();

  constructor(entries: Iterable<SourceCandidate>) {
    for (const one of entries) {
      const key = rKey(one.name);
      const known = this.#byKey.get(key);
      if (known) known.push(one);
      else this.#byKey.set(key, [one]);
    }
    for (const all of this.#byKey.values()) all.sort((a, b) => compareRVersions(b.version, a.version));
  }

  /** The versions there are, the highest first. The name's exact spelling counts before one in other letters. */
  find(name: string): readonly SourceCandidate[] {
    const all = this.#byKey.get(rKey(name)) ?? [];
    const exact = all.filter((one) => one.name === name);
    return exact.length > 0 ? exact : all;
  }

  has(name: string): boolean {
    return this.#byKey.has(rKey(name));
  }

  names(): string[] {
    return [...new Set([...this.#byKey.values()].flatMap((all) => all.map(({ name }) => name)))].sort();
  }

  nearest(name: string): readonly string[] {
    return nearestNames(name, this.names());
  }
}

/** Two and a half times CRAN's, unpacked. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024;

/**
 * Throws `cran-unconfigured` where nothing is configured, `cran-snapshot-unconfigured`, `cran-index-missing`, and what
 * fetching and parsing throw.
 */
export async function openCranIndex(
  services: CranIndexServices,
  options: { readonly snapshot?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<CranIndex> {
  const { repositories } = services;
  if (repositories.names.length === 0 && options.snapshot === undefined)
    throw cranUnconfigured(repositories.configuration, "CRAN");
  const names = options.snapshot === undefined ? repositories.names : withCran(repositories.names);
  const all = await Promise.all(
    names.map((repository) => readRepository(services, { ...options, repository })),
  );
  return new CranIndex(all.flat());
}

/** A day of CRAN's can be asked for where only a dated server is configured. */
function withCran(names: readonly string[]): readonly string[] {
  return names.includes("CRAN") ? names : ["CRAN", ...names];
}

interface RepositoryRequest {
  readonly repository: string;
  readonly snapshot?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

async function readRepository(
  services: CranIndexServices,
  request: RepositoryRequest,
): Promise<SourceCandidate[]> {
  const { repository, snapshot } = request;
  const bases = services.repositories.bases(repository, snapshot);
  services.progress({ activity: `index of ${repository}` });
  let failure: unknown;
  for (const base of bases) {
    try {
      const found = await readIndex(services, base, request);
      if (found) return found.map((entry) => candidateOf(entry, repository));
      failure = new CopseError(
        "cran-index-missing",
        `Repository of R packages has no src/contrib/PACKAGES: \`${repository}\``,
        {
          hint: `its address is that of ${placeOf(services.repositories, repository)}`,
        },
      );
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!isCopseError(error)) throw error;
      failure = withWayOut(error, `${repository}, of ${placeOf(services.repositories, repository)}`);
    }
  }
  throw failure;
}

/** Whatever is wrong with an index: another mirror may have a whole one. */
function withWayOut(error: CopseError, repository: string): CopseError {
  if (error.hint !== undefined) return error;
  return new CopseError(error.code, error.message, {
    cause: error,
    hint: `this is the index of ${repository}: try again later, or name another mirror`,
  });
}

function placeOf(repositories: CranRepositories, repository: string): string {
  return (
    repositories.configuration.repositories.find(({ name }) => name === repository)?.place ??
    "the dated servers"
  );
}

async function readIndex(
  services: CranIndexServices,
  base: string,
  { repository, signal }: RepositoryRequest,
): Promise<readonly RIndexEntry[] | undefined> {
  for (const name of ["PACKAGES.gz", "PACKAGES"]) {
    const location = services.repositories.location(base, `src/contrib/${name}`);
    const entries = await readPage(services, location, { place: `${repository}/${name}`, signal });
    if (entries) return entries;
  }
  return undefined;
}

/** What the cache keeps are the entries as JSON. */
async function readPage(
  services: CranIndexServices,
  { url, routeFor }: Location,
  { place, signal }: { readonly place: string; readonly signal?: AbortSignal | undefined },
): Promise<readonly RIndexEntry[] | undefined> {
  if (url.protocol === "file:") {
    const bytes = await readFile(url).catch(() => undefined);
    return bytes && parseIndex(bytes, place);
  }
  return services.cache.read<readonly RIndexEntry[]>({
    ...{ url, routeFor, signal },
    form: "r-packages-2",
    maxBytes: MAX_INDEX_BYTES,
    reduce: ({ bytes }) => parseIndex(bytes, place),
    encode: (entries) => Buffer.from(JSON.stringify(entries)),
    decode: (bytes) => JSON.parse(bytes.toString("utf8")) as readonly RIndexEntry[],
  });
}

/** Throws `cran-index-invalid`, `r-dcf-invalid`. */
function parseIndex(bytes: Buffer, place: string): readonly RIndexEntry[] {
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = isCompressed ? unpack(bytes, place) : bytes;
  return [...parsePackagesIndex(text.toString("utf8"), place)];
}

function unpack(bytes: Buffer, place: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_INDEX_BYTES });
  } catch (cause) {
    throw new CopseError("cran-index-invalid", `Index of R packages does not unpack: \`${place}\``, {
      cause,
    });
  }
}

function candidateOf(entry: RIndexEntry, repository: string): SourceCandidate {
  return { kind: "source", ...entry, repository, file: `src/contrib/${entry.file}` };
}

/** Where the cache of indexes lies. */
export function cranCacheDirectory(cacheDir: string): string {
  return join(cacheDir, "cran", "indexes");
}
