/**
 * All that a solver asks of the outside about Python packages: a project's files, and the metadata of one.
 *
 * Every question is asked once in a run: its answer, or the promise of it, is kept.
 */
import { join } from "node:path";
import {
  HttpCache,
  HttpClient,
  loadPipConfiguration,
  loadSourcesConfiguration,
  openAptFiles,
  type PipConfiguration,
  type PipEnvironment,
  wantsOffline,
} from "#fetch";
import { type CoreMetadata, type FilesOfVersion, groupByVersion, type NormalizedName } from "#format/python";
import { type Clock, nodeClock } from "#host";
import {
  askMirrors,
  IndexList,
  type IndexOverrides,
  indexAddresses,
  type SimpleIndex,
} from "./index-list.ts";
import type { Listing } from "./listing-text.ts";
import { MetadataReader, type SdistMetadata } from "./metadata-reader.ts";
import { PageReader, type ReadOptions } from "./page-reader.ts";
import { type PipPreferences, readPipPreferences } from "./pip-preferences/preferences.ts";
import type { ProjectFile } from "./project-file.ts";

type FileVersions = readonly FilesOfVersion<ProjectFile>[];

export interface PythonIndex {
  readonly pip: PipConfiguration;
  /** What pip's configuration says of versions. Throws as `readPipPreferences` does. */
  preferences(signal?: AbortSignal): Promise<PipPreferences>;
  /** The files of a project, of the first index that has it; undefined where none has. */
  files(project: NormalizedName, signal?: AbortSignal): Promise<readonly ProjectFile[] | undefined>;
  /** The same by version, oldest first. The files of a version are made when they are asked for. */
  versions(project: NormalizedName, signal?: AbortSignal): Promise<FileVersions | undefined>;
  metadata(file: ProjectFile, signal?: AbortSignal): Promise<CoreMetadata>;
  /** Of a file whose index does not say it: it is read for that, as a whole where there is no hash. */
  hashed(
    file: ProjectFile,
    signal?: AbortSignal,
  ): Promise<{ readonly sha256: string; readonly size: number }>;
  close(): void;
}

export interface OpenPythonIndexOptions {
  readonly env: PipEnvironment;
  readonly cacheDir: string;
  readonly overrides?: IndexOverrides | undefined;
  /** Nothing is asked of the network. Default: as the environment says. */
  readonly offline?: boolean | undefined;
  /** Pages are asked for again even where the server allows to use what is there. */
  readonly refresh?: boolean | undefined;
  readonly sdists: SdistMetadata;
  /** For what the user should know and nothing fails for. */
  readonly notice?: ((text: string) => void) | undefined;
  /** Stands for `/` where the machine's configuration is read. */
  readonly root?: string | undefined;
  /** Where paths of the environment begin. */
  readonly directory?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Between attempts at a server that has trouble. */
  readonly backoffMs?: number | undefined;
}

/** As many as a server allows for without refusing, and more than which gained nothing. */
const SOCKETS_PER_HOST = 32;

/** Throws what pip's configuration throws; the network is not asked yet. */
export function openPythonIndex(options: OpenPythonIndexOptions): PythonIndex {
  const services = openIndexServices(options);
  const { pip, cache, pages, list, client } = services;
  const reader = new MetadataReader({
    pip,
    cache,
    filesDir: join(cache.files.directory, "files"),
    sdists: options.sdists,
  });
  const files = new Map<NormalizedName, Promise<readonly ProjectFile[] | undefined>>();
  const listings = new Map<NormalizedName, Promise<readonly FileVersions[] | undefined>>();
  const versions = new Map<NormalizedName, Promise<FileVersions | undefined>>();
  const metadata = new Map<string, Promise<CoreMetadata>>();
  const isMerging = options.overrides?.strategy === "merge";
  const listingsOf = (project: NormalizedName, signal?: AbortSignal) =>
    once(listings, project, () => readListings({ list, pages, project, isMerging, signal }));
  const { env, directory = process.cwd(), clock = nodeClock } = options;
  return {
    pip,
    preferences: (signal) => readPipPreferences({ pip, cache, env, directory, signal, nowMs: clock.now() }),
    files: (project, signal) =>
      once(files, project, async () => (await listingsOf(project, signal))?.flatMap(filesOf)),
    versions: (project, signal) =>
      once(versions, project, async () => merge(await listingsOf(project, signal), project)),
    metadata: (file, signal) => once(metadata, `${file.url} ${file.sha256}`, () => reader.read(file, signal)),
    hashed: (file, signal) => reader.hashed(file, signal),
    close: () => client.close(),
  };
}

export interface IndexServices {
  readonly pip: PipConfiguration;
  readonly cache: HttpCache;
  readonly pages: PageReader;
  readonly list: IndexList;
  readonly client: HttpClient;
  /** Folders that `copse fetch` has filled. */
  readonly mirrors: readonly string[];
}

export function openIndexServices(options: Omit<OpenPythonIndexOptions, "sdists">): IndexServices {
  const { env, cacheDir, root } = options;
  const isOffline = options.offline ?? wantsOffline(env);
  const sources = loadSourcesConfiguration(openAptFiles(root), env);
  const overrides: IndexOverrides = { main: sources.archives.get("pypi")?.uris, ...options.overrides };
  const pip = loadPipConfiguration({
    env,
    cacheDir,
    root,
    directory: options.directory,
    addresses: indexAddresses(overrides),
    otherDefault: async () => {
      if (isOffline) return undefined;
      const { debianDefaultIndex } = await import("./debian-default-index.ts");
      return debianDefaultIndex(options);
    },
  });
  for (const place of pip.missingLinks)
    options.notice?.(`pip's setting find-links names a place that does not exist: ${place}`);
  const client = new HttpClient({ socketsPerHost: SOCKETS_PER_HOST, offline: isOffline });
  const cache = new HttpCache({
    directory: join(cacheDir, "python"),
    client,
    clock: options.clock,
    refresh: options.refresh,
    retries: pip.options.retries,
    backoffMs: options.backoffMs,
  });
  return {
    pip,
    cache,
    pages: new PageReader({ pip, cache }),
    list: new IndexList(pip, overrides),
    client,
    mirrors: sources.mirrors,
  };
}

interface ListRequest extends ReadOptions {
  readonly list: IndexList;
  readonly pages: PageReader;
  readonly project: NormalizedName;
  readonly isMerging: boolean;
}

/** Of links first, and of each index that counts. */
async function readListings({
  list,
  pages,
  project,
  isMerging,
  ...options
}: ListRequest): Promise<readonly FileVersions[] | undefined> {
  const { indexes, withLinks } = await list.choose(project);
  const linked = withLinks ? await pages.linked(project, options) : [];
  const found: FileVersions[] = linked.length > 0 ? [groupByVersion(linked, project)] : [];
  let isKnown = linked.length > 0;
  const ask = (index: SimpleIndex) => askMirrors(index, (one) => pages.project(one, project, options));
  const answers = isMerging ? await Promise.all(indexes.map(ask)) : undefined;
  for (const [at, index] of indexes.entries()) {
    const listing = answers ? answers[at] : await ask(index);
    isKnown ||= listing !== undefined;
    if (!listing || listing.length === 0) continue;
    found.push(ofIndex(listing, index));
    if (!isMerging) break;
  }
  return isKnown ? found : undefined;
}

function filesOf(versions: FileVersions): ProjectFile[] {
  return versions.flatMap(({ files }) => files);
}

function merge(
  listings: readonly FileVersions[] | undefined,
  project: NormalizedName,
): FileVersions | undefined {
  const [first = [], ...others] = listings ?? [];
  if (others.length > 0) return groupByVersion(listings!.flatMap(filesOf), project);
  return listings && first;
}

function ofIndex(listing: Listing, { name }: SimpleIndex): FileVersions {
  return name === undefined ? listing : listing.map((one) => new VersionOfIndex(one, name));
}

class VersionOfIndex implements FilesOfVersion<ProjectFile> {
  readonly #listed: Listing[number];
  readonly #index: string;
  #files: readonly ProjectFile[] | undefined;

  constructor(listed: Listing[number], index: string) {
    this.#listed = listed;
    this.#index = index;
  }

  get text(): string {
    return this.#listed.text;
  }

  get files(): readonly ProjectFile[] {
    this.#files ??= this.#listed.files.map((file) => ({ ...file, index: this.#index }));
    return this.#files;
  }
}

/** What fails is forgotten, so that it can be asked again. */
function once<K, V>(answers: Map<K, Promise<V>>, key: K, ask: () => Promise<V>): Promise<V> {
  let answer = answers.get(key);
  if (!answer) {
    answer = ask();
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
  }
  return answer;
}
