/**
 * Older versions as candidates: what a repository has replaced, for a request that the current versions do not satisfy. Most often
 * that is a package whose newest version needs a newer R than the suite has.
 *
 * An index does not tell what an archived version demands, so its source is fetched and its DESCRIPTION read: from the
 * newest version down that all claims accept, until one can be used with this R. How many are looked at has a bound.
 */
import { stat } from "node:fs/promises";
import { isCopseError } from "#base";
import type { CranRepositories, Downloader, HttpCache, Location } from "#fetch";
import { formatHash } from "#format";
import { basePackages, type RVersion, satisfiesRDemand } from "#format/r";
import { rKey, type SourceCandidate } from "../candidate.ts";
import type { ClaimedName } from "../solve/solve.ts";
import { readSourceDescription } from "./description.ts";
import { archivedVersions } from "./listing.ts";

export interface OlderVersionsOptions {
  readonly repositories: CranRepositories;
  readonly downloader: Downloader;
  readonly cache: HttpCache;
  readonly snapshot: string | undefined;
  /** R's. */
  readonly version: RVersion;
  readonly progress: (event: { readonly activity: string }) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Sources that one request has fetched to be read. */
const MAX_LOOKS = 60;
const MAX_SOURCE_BYTES = 2 * 1024 ** 3;

export class OlderVersions {
  readonly #options: OlderVersionsOptions;
  readonly #found = new Map<string, SourceCandidate[]>();
  /** Versions that were looked at, or that the index has anyway: `lme4 1.1-31`. */
  readonly #seen = new Set<string>();
  #looks = 0;

  constructor(options: OlderVersionsOptions) {
    this.#options = options;
  }

  /** Those of a name that were found so far, the highest first. */
  of(name: string): readonly SourceCandidate[] {
    return this.#found.get(rKey(name)) ?? [];
  }

  /** Looks for one more candidate among the names; false where there is none. `current` is what the index has of a name. */
  async findOne(
    wanted: readonly ClaimedName[],
    current: (name: string) => readonly SourceCandidate[],
  ): Promise<boolean> {
    for (const one of wanted) {
      const known = current(one.name);
      for (const { name, version } of known) this.#seen.add(`${name} ${version}`);
      const found = await this.#findOf(one, known);
      if (!found) continue;
      this.#found.set(rKey(one.name), [...this.of(one.name), found]);
      return true;
    }
    return false;
  }

  async #findOf(
    { name: claimed, claims }: ClaimedName,
    known: readonly SourceCandidate[],
  ): Promise<SourceCandidate | undefined> {
    const name = known[0]?.name ?? claimed;
    for (const repository of this.#repositories(known))
      for (const base of this.#options.repositories.bases(repository, this.#options.snapshot)) {
        const versions = await this.#versions(base, name, claims);
        for (const version of versions) {
          if (this.#seen.has(`${name} ${version}`)) continue;
          if (!claims.every(({ demand }) => satisfiesRDemand(version, demand))) continue;
          if (this.#looks >= MAX_LOOKS) return undefined;
          this.#looks++;
          this.#seen.add(`${name} ${version}`);
          const found = await this.#read(repository, { name, version });
          if (found && this.#isForThisR(found)) return found;
        }
      }
    return undefined;
  }

  /** The repository that has the name; where none has it any more, all of them may once have had it. */
  #repositories(known: readonly SourceCandidate[]): readonly string[] {
    const names = [...new Set(known.map(({ repository }) => repository))];
    return names.length > 0 ? names : this.#options.repositories.names;
  }

  /** What the folder lists, and what is demanded exactly, as not every server lists its folders. */
  async #versions(base: string, name: string, claims: ClaimedName["claims"]): Promise<readonly RVersion[]> {
    const { repositories, cache, signal } = this.#options;
    const folder = repositories.folder(base, `src/contrib/Archive/${name}`);
    const listed = await archivedVersions({ cache, name, signal }, folder);
    const exact = claims.flatMap(({ demand: { condition } }) =>
      condition?.relation === "==" ? [condition.version] : [],
    );
    return listed.length > 0 ? listed : exact;
  }

  async #read(
    repository: string,
    { name, version }: { readonly name: string; readonly version: RVersion },
  ): Promise<SourceCandidate | undefined> {
    const { repositories, downloader, snapshot, progress, signal } = this.#options;
    progress({ activity: `source of ${name} ${version}` });
    const file = `src/contrib/Archive/${name}/${name}_${version}.tar.gz`;
    const target = repositories.keptFile(repository, file);
    const url = repositories
      .bases(repository, snapshot)
      .map((base): Location => repositories.location(base, file));
    let sha256: string;
    try {
      const { hash } = await downloader.download({ url, target, maxBytes: MAX_SOURCE_BYTES, signal });
      sha256 = formatHash(hash, "base16");
    } catch (error) {
      if (isCopseError(error, "download-status") || isCopseError(error, "file-not-found")) return undefined;
      throw error;
    }
    const record = await readSourceDescription(target, name);
    if (record.name !== name || record.version !== version) return undefined;
    const { size } = await stat(target);
    return { kind: "source", ...record, repository, file, sha256, size };
  }

  #isForThisR({ demands }: SourceCandidate): boolean {
    return demands.every(
      (demand) =>
        !(demand.name === "R" || basePackages.has(demand.name)) ||
        satisfiesRDemand(this.#options.version, demand),
    );
  }
}
