/**
 * Archives: what the lock calls `debian` or `debian-security`, found among apt's sources.
 *
 * A lock names no host. It names an archive by what the archive says of itself in its signed Release
 * (`Origin: Debian`, `Label: Debian-Security`), and the machine's sources say where such an archive is. So
 * every source of apt's is asked once for the head of its Release (`identities.ts`); sources with the same identity
 * are mirrors. Where copse's own configuration names an archive, apt's sources for it do not count.
 *
 * Beside the archives themselves there are two kinds of places that have their files: folders that `copse fetch`
 * has filled, which are asked first, and dated archives, which still have what mirrors have dropped.
 */
import { join } from "node:path";
import { CopseError } from "#base";
import type { Location } from "../download.ts";
import type { HttpClient, Route } from "../http.ts";
import { aptProxy, ProxyDetector } from "../proxy.ts";
import type { ConfiguredArchive, SourcesConfiguration } from "../sources/config-file.ts";
import { datedUris, laterDate } from "../sources/dated.ts";
import { archiveFileUrl, checkArchivePath } from "./archive-paths.ts";
import { parseAptBoolean } from "./conf.ts";
import type { AptConfiguration } from "./configuration.ts";
import { type IdentifiedSource, identifySources } from "./identities.ts";
import { type AptSource, plainSource } from "./sources.ts";

/** One address of an archive, with the source that tells how to treat it. */
export interface AptBase {
  readonly uri: string;
  readonly source: AptSource;
  /** Whether a source names this very suite, or the address is only known to serve the same archive. */
  readonly isConfigured: boolean;
  /** Of a dated archive: the date, such as `20240301T000000Z`. */
  readonly snapshot?: string | undefined;
}

export interface AptArchivesOptions {
  readonly apt: AptConfiguration;
  readonly sources: SourcesConfiguration;
  readonly client: HttpClient;
  readonly cacheDir: string;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export class AptArchives {
  readonly apt: AptConfiguration;
  readonly sources: SourcesConfiguration;
  readonly #client: HttpClient;
  readonly #cacheFile: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #proxies = new ProxyDetector();
  #identified: Promise<readonly IdentifiedSource[]> | undefined;

  constructor(options: AptArchivesOptions) {
    this.apt = options.apt;
    this.sources = options.sources;
    this.#client = options.client;
    this.#env = options.env ?? process.env;
    this.#cacheFile = join(options.cacheDir, "apt", "archives.json");
  }

  /** Where an archive is, in the order of the sources. Throws `apt-archive-unknown`. */
  async bases(archive: string, suite?: string): Promise<readonly AptBase[]> {
    const own = this.sources.archives.get(archive);
    if (own) return own.uris.map((uri) => configuredBase(uri, own));
    const all = await this.#identify();
    const known = all.filter(({ identity }) => identity?.archive === archive);
    const bases = known.map(({ source, identity }): AptBase => {
      const isConfigured =
        suite !== undefined && (source.suite === suite || identity?.suites.includes(suite) === true);
      return { uri: source.uri, source, isConfigured };
    });
    const ordered = [
      ...bases.filter((base) => base.isConfigured),
      ...bases.filter((base) => !base.isConfigured),
    ];
    const distinct = ordered.filter(
      (base, index) => ordered.findIndex((other) => other.uri === base.uri) === index,
    );
    if (distinct.length === 0) throw this.#unknownArchive(archive, all);
    return distinct;
  }

  /** Dated archives, as they were at a date such as `20240301T000000Z`; empty where none is configured. */
  datedBases(archive: string, snapshot: string): readonly AptBase[] {
    return datedUris({ archive, snapshot, sources: this.sources, conf: this.apt.conf }).map((uri) => {
      const options = { ...plainSource.options, checkDate: false, checkValidUntil: false };
      const source = { ...plainSource, uri, options, place: "the dated archives of the configuration" };
      return { uri, source, isConfigured: false, snapshot };
    });
  }

  /**
   * Places of a file of an archive: what `apt:<archive>/<path>` means on this machine. One after the other, so that
   * no source is asked what it is while a kept file serves. `snapshot` is a date at which the archive had the file.
   * Throws `apt-archive-unknown` where nothing at all is configured.
   */
  async *locate(archive: string, path: string, snapshot?: string): AsyncGenerator<Location> {
    checkArchivePath(path);
    const { mirrors } = this.sources;
    for (const mirror of mirrors) yield this.location(`${mirror}/${archive}`, path);
    // A dated archive sees an update some hours after it is dated; what was replaced stays for longer than that.
    const dates = snapshot === undefined ? [] : [laterDate(snapshot), snapshot];
    const dated = dates.flatMap((date) => this.datedBases(archive, date));
    let bases: readonly AptBase[] = [];
    try {
      bases = await this.bases(archive);
    } catch (error) {
      if (mirrors.length + dated.length === 0 || !(error instanceof CopseError)) throw error;
    }
    for (const { uri } of [...bases, ...dated]) yield this.location(uri, path);
  }

  /** The locator for `apt:` URLs: `apt:<archive>/<path>`, `apt:<archive>@<date>/<path>`. */
  readonly locator = (url: string): AsyncIterable<Location> => {
    const match = /^apt:([a-z0-9][a-z0-9.+-]*)(?:@(\d{8}T\d{6}Z))?\/(.+)$/.exec(url);
    if (!match)
      throw new CopseError(
        "url-unsupported",
        `URL does not name an archive and a path: \`${url.slice(0, 300)}\``,
      );
    return this.locate(match[1] as string, match[3] as string, match[2]);
  };

  /** A file below a base. Characters that mean something in URLs are escaped; `file:` bases are directories. */
  location(uri: string, path: string): Location {
    return { url: archiveFileUrl(uri, path), routeFor: (address) => this.routeFor(address) };
  }

  /** How apt's configuration says to reach a host. */
  routeFor(url: URL): Route {
    const { conf } = this.apt;
    const kind = url.protocol === "https:" ? "https" : "http";
    const get = (name: string) =>
      conf.get(`Acquire::${kind}::${name}::${url.hostname}`) ?? conf.get(`Acquire::${kind}::${name}`);
    const flag = (name: string) => parseAptBoolean(get(name), true);
    return {
      proxy: aptProxy(url, { conf, env: this.#env, detect: this.#proxies.detect }),
      login: this.apt.login(url),
      userAgent: get("User-Agent") || undefined,
      timeoutMs: conf.getNumber(`Acquire::${kind}::Timeout`, 30) * 1000,
      tls:
        kind === "http"
          ? undefined
          : {
              caFile: get("CAInfo") || undefined,
              certificateFile: get("SSLCert") || undefined,
              keyFile: get("SSLKey") || undefined,
              verifyPeer: flag("Verify-Peer"),
              verifyHost: flag("Verify-Host"),
            },
    };
  }

  #identify(): Promise<readonly IdentifiedSource[]> {
    this.#identified ??= identifySources(this.apt.sources, {
      client: this.#client,
      cacheFile: this.#cacheFile,
      location: (uri, path) => this.location(uri, path),
    });
    return this.#identified;
  }

  #unknownArchive(archive: string, all: readonly IdentifiedSource[]): CopseError {
    const names = [...new Set(all.flatMap(({ identity }) => (identity ? [identity.archive] : [])))].sort();
    const silent = all.filter(({ identity }) => !identity).map(({ source }) => source.place);
    const example = `${archive} = ["https://MIRROR/${archive}"]`;
    const hints = [
      ...(names.length > 0 ? [`apt's sources have: ${names.join(", ")}`] : []),
      ...(silent.length > 0 ? [`these could not be asked: ${[...new Set(silent)].join(", ")}`] : []),
      `write where the archive is into ${this.sources.files[0] ?? "config.toml"}, below [sources]: ${example}`,
    ];
    return new CopseError("apt-archive-unknown", `No source is configured for the archive \`${archive}\``, {
      hint: hints.join("; "),
    });
  }
}

function configuredBase(uri: string, archive: ConfiguredArchive): AptBase {
  const { place, signedBy, isTrusted } = archive;
  const source: AptSource = {
    ...plainSource,
    ...{ uri, place },
    signedBy: signedBy.map((path) => ({ kind: "keyring", path })),
    options: { ...plainSource.options, trusted: isTrusted || undefined },
  };
  return { uri, source, isConfigured: signedBy.length > 0 };
}
