/**
 * Where R packages come from on this machine: R's own configuration, and copse's before it.
 *
 * In this order, each adding to those before it and replacing what has the same name:
 *
 *     $CRAN                                  an address, as container images with R set it
 *     $R_REPOSITORIES                        R's table of repositories
 *     $R_PROFILE, or Rprofile.site           of the machine
 *     $R_PROFILE_USER, ./.Rprofile, or ~/.Rprofile
 *     config.toml, [sources] cran = "…"      copse's own
 *
 * A name of R's (`CRAN`, `BioCsoft`) is what the lock has for a repository. `$RENV_CONFIG_REPOS_OVERRIDE` stands for CRAN
 * where it is set, as it does for renv.
 */
import { join } from "node:path";
import type { AptFiles } from "../apt/files.ts";
import { checkUri, type SourcesConfiguration } from "../sources/config-file.ts";
import { readProfile } from "./r-profile.ts";
import { readRepositoriesFile } from "./repositories-file.ts";

export interface CranRepository {
  readonly name: string;
  /** One, or mirrors of each other; without a slash at the end. */
  readonly uris: readonly string[];
  /** What says so. */
  readonly place: string;
}

export interface CranConfiguration {
  /** In the order in which they are asked. */
  readonly repositories: readonly CranRepository[];
  /** Profiles that set repositories in a way that is not understood. */
  readonly unclear: readonly string[];
  /** Files that were looked for: for messages. */
  readonly searched: readonly string[];
}

export interface LoadCranOptions {
  readonly files: AptFiles;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sources: SourcesConfiguration;
  /** Where `.Rprofile` is looked for first. */
  readonly cwd: string;
}

const SITE_PROFILES = [
  "/etc/R/Rprofile.site",
  "/usr/local/lib/R/etc/Rprofile.site",
  "/usr/lib64/R/etc/Rprofile.site",
];

/** Throws `config-invalid` for an address that is none. */
export function loadCranConfiguration(options: LoadCranOptions): CranConfiguration {
  const { env, sources } = options;
  const reading = new Reading(options);
  reading.add(env["CRAN"], "$CRAN");
  reading.table(env["R_REPOSITORIES"]);
  const home = env["R_HOME"];
  const siteProfiles = env["R_PROFILE"]
    ? [env["R_PROFILE"]]
    : [...(home ? [join(home, "etc/Rprofile.site")] : []), ...SITE_PROFILES];
  reading.firstProfile(siteProfiles);
  const ofHome = env["HOME"] ? [join(env["HOME"], ".Rprofile")] : [];
  reading.firstProfile(
    env["R_PROFILE_USER"] ? [env["R_PROFILE_USER"]] : [join(options.cwd, ".Rprofile"), ...ofHome],
  );
  reading.add(env["RENV_CONFIG_REPOS_OVERRIDE"], "$RENV_CONFIG_REPOS_OVERRIDE");
  const own = sources.archives.get("cran");
  const repositories = reading.repositories().filter(({ name }) => !own || name !== "CRAN");
  return {
    repositories: [...(own ? [{ name: "CRAN", uris: own.uris, place: own.place }] : []), ...repositories],
    unclear: reading.unclear,
    searched: [...(sources.files[0] === undefined ? [] : [sources.files[0]]), ...reading.searched],
  };
}

class Reading {
  readonly unclear: string[] = [];
  readonly searched: string[] = [];
  readonly #options: LoadCranOptions;
  #repos = new Map<string, string>();
  readonly #places = new Map<string, string>();

  constructor(options: LoadCranOptions) {
    this.#options = options;
  }

  add(uri: string | undefined, place: string): void {
    if (uri) this.#merge(new Map([...this.#repos, ["CRAN", uri]]), place);
  }

  table(path: string | undefined): void {
    const text = path && path !== "NULL" ? this.#read(path) : undefined;
    if (text !== undefined)
      this.#merge(new Map([...this.#repos, ...readRepositoriesFile(text)]), path as string);
  }

  /** Only the first profile that is there is run by R, and read here. */
  firstProfile(paths: readonly string[]): void {
    for (const path of paths) {
      const code = this.#read(path);
      if (code === undefined) continue;
      const { repos, isUnclear } = readProfile({ code, env: this.#options.env, before: this.#repos });
      this.#merge(new Map(repos), path);
      if (isUnclear) this.unclear.push(path);
      return;
    }
  }

  /** `@CRAN@` is what R has before anybody has said anything. */
  repositories(): CranRepository[] {
    return [...this.#repos]
      .filter(([, uri]) => uri !== "" && !uri.startsWith("@"))
      .map(([name, uri]) => {
        const place = this.#places.get(name) ?? "";
        return { name, uris: [checkUri(uri, place)], place };
      });
  }

  #merge(repos: Map<string, string>, place: string): void {
    for (const [name, uri] of repos) if (this.#repos.get(name) !== uri) this.#places.set(name, place);
    this.#repos = repos;
  }

  #read(path: string): string | undefined {
    this.searched.push(path);
    return this.#options.files.read(path)?.toString("utf8");
  }
}
