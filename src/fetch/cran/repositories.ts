/**
 * Repositories of R packages, and the places of their files.
 *
 * A repository is a folder with `src/contrib/PACKAGES` and the source packages beside it. CRAN moves what was replaced to
 * `src/contrib/Archive/NAME/`, so a locked version stays to be had from any full mirror. Dated servers have a repository
 * as it was on a day; where they are says `[sources.snapshots]` of copse's configuration, under the name `cran`:
 *
 *     [sources.snapshots]
 *     cran = "https://dated.example/cran/@SNAPSHOTDATE@"
 *
 * A file is named `cran:REPOSITORY/src/contrib/FILE`, or `cran:REPOSITORY@2024-03-01/src/contrib/FILE`.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { CopseError } from "#base";
import { archiveFileUrl, checkArchivePath } from "../apt/archive-paths.ts";
import { authorities } from "../authorities.ts";
import type { Location } from "../download.ts";
import type { Route } from "../http.ts";
import { type NetrcEntry, netrcLogin, userNetrc } from "../netrc.ts";
import { environmentProxy } from "../proxy.ts";
import { SNAPSHOT_DATE_MARK, SNAPSHOT_MARK, type SourcesConfiguration } from "../sources/config-file.ts";
import type { CranConfiguration } from "./configuration.ts";

export interface CranRepositoriesOptions {
  readonly configuration: CranConfiguration;
  readonly sources: SourcesConfiguration;
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class CranRepositories {
  readonly configuration: CranConfiguration;
  readonly #options: CranRepositoriesOptions;
  #netrc: readonly NetrcEntry[] | undefined;

  constructor(options: CranRepositoriesOptions) {
    this.configuration = options.configuration;
    this.#options = options;
  }

  /** Names, in the order in which they are asked. */
  get names(): readonly string[] {
    return this.configuration.repositories.map(({ name }) => name);
  }

  /**
   * Addresses of a repository: of a day where one is said, else as it is now. Throws `cran-unconfigured`, and
   * `cran-snapshot-unconfigured` where no dated server is known.
   */
  bases(repository: string, snapshot?: string): readonly string[] {
    if (snapshot !== undefined && repository === "CRAN") {
      const dated = this.#dated(snapshot);
      if (dated.length > 0) return dated;
      throw new CopseError(
        "cran-snapshot-unconfigured",
        `No dated server of CRAN is configured, for \`${snapshot}\``,
        {
          hint: `write one into ${this.#options.sources.files[0] ?? "config.toml"}, below [sources.snapshots]: cran = "https://DATED-SERVER/${SNAPSHOT_DATE_MARK}"`,
        },
      );
    }
    const found = this.configuration.repositories.find(({ name }) => name === repository);
    if (!found) throw cranUnconfigured(this.configuration, repository);
    return found.uris;
  }

  /** Places of a file. Throws `cran-unconfigured` where nothing at all is known of the repository. */
  *locate(repository: string, path: string, snapshot?: string): Generator<Location> {
    checkArchivePath(path);
    const { mirrors } = this.#options.sources;
    for (const mirror of mirrors) yield this.location(`${mirror}/${repository}`, path);
    const kept = this.keptFile(repository, path);
    const isKept = existsSync(kept);
    if (isKept) yield { url: pathToFileURL(kept), routeFor: () => ({}) };
    const dated = snapshot === undefined ? [] : this.#dated(snapshot);
    for (const uri of dated) yield this.location(uri, path);
    let bases: readonly string[] = [];
    try {
      bases = this.bases(repository);
    } catch (error) {
      if (mirrors.length + dated.length === 0 && !isKept) throw error;
      if (!(error instanceof CopseError)) throw error;
    }
    for (const uri of bases) yield this.location(uri, path);
    const archived = archivedPath(path);
    if (archived !== undefined) for (const uri of bases) yield this.location(uri, archived);
  }

  /** The locator for `cran:` URLs. */
  readonly locator = (url: string): Iterable<Location> => {
    const match = /^cran:([A-Za-z][A-Za-z0-9._-]{0,99})(?:@(\d{4}-\d\d-\d\d))?\/(.+)$/.exec(url);
    if (!match)
      throw new CopseError(
        "url-unsupported",
        `URL does not name a repository and a path: \`${url.slice(0, 300)}\``,
      );
    return this.locate(match[1] as string, match[3] as string, match[2]);
  };

  location(uri: string, path: string): Location {
    return { url: archiveFileUrl(uri, path), routeFor: this.#routeFor };
  }

  /**
   * As R's own downloads by libcurl: proxies of the environment, the machine's authorities or those of a variable, and who to
   * log in as from netrc, where the address itself does not say.
   */
  readonly #routeFor = (url: URL): Route => {
    const { env } = this.#options;
    this.#netrc ??= userNetrc(env);
    return {
      proxy: environmentProxy(url, env),
      login: url.username === "" ? netrcLogin(this.#netrc, url.hostname) : undefined,
      tls: url.protocol === "https:" ? authorities([env["CURL_CA_BUNDLE"], env["SSL_CERT_FILE"]]) : undefined,
    };
  };

  /** A folder's page: its address ends with a slash. */
  folder(uri: string, path: string): Location {
    const { url, routeFor } = this.location(uri, path);
    return { url: new URL(`${url.href}/`), routeFor };
  }

  /** Where a file is kept that had to be read to be locked: its hash stands in no index. */
  keptFile(repository: string, path: string): string {
    return join(this.#options.cacheDir, "cran", "files", repository, basename(path));
  }

  #dated(snapshot: string): readonly string[] {
    return (this.#options.sources.snapshots.get("cran") ?? []).map((uri) =>
      uri
        .replaceAll(SNAPSHOT_DATE_MARK, snapshot)
        .replaceAll(SNAPSHOT_MARK, `${snapshot.replaceAll("-", "")}T000000Z`),
    );
  }
}

/** `src/contrib/foo_1.0.tar.gz` is moved to `src/contrib/Archive/foo/foo_1.0.tar.gz`. */
export function archivedPath(path: string): string | undefined {
  const file = basename(path);
  const name = /^([A-Za-z][A-Za-z0-9.]*)_/.exec(file)?.[1];
  return path.startsWith("src/contrib/") && name !== undefined
    ? `src/contrib/Archive/${name}/${file}`
    : undefined;
}

/** What a machine says that knows no such repository: where it looked, and what to write. */
export function cranUnconfigured(configuration: CranConfiguration, repository: string): CopseError {
  const { repositories, unclear, searched } = configuration;
  const names = repositories.map(({ name }) => name).join(", ");
  const hints = [
    ...(names === "" ? [] : [`R's configuration has: ${names}`]),
    ...(unclear.length === 0
      ? []
      : [`what these set is not understood, as they are read and not run: ${unclear.join(", ")}`]),
    `set one as for R, with options(repos = c(${repository} = "https://MIRROR")) in ~/.Rprofile${
      repository === "CRAN"
        ? `, or below [sources] of ${searched[0] ?? "config.toml"}: cran = "https://MIRROR"`
        : ""
    }`,
  ];
  return new CopseError(
    "cran-unconfigured",
    `No repository of R packages is configured by the name \`${repository}\``,
    {
      hint: hints.join("; "),
    },
  );
}
