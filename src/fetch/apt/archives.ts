/**
 * Archives: what the lock calls `debian` or `debian-security`, found among apt's sources.
 *
 * A lock names no host. It names an archive by what the archive says of itself in its signed Release
 * (`Origin: Debian`, `Label: Debian-Security`), and the machine's sources say where such an archive is. So
 * every configured source is asked once for the head of its Release; the answer is remembered in the cache
 * directory, as an address hardly ever changes what it serves. Sources with the same identity are mirrors.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CopseError, mapConcurrently } from "#base";
import type { Location } from "../download.ts";
import type { HttpClient, Route } from "../http.ts";
import { aptProxy, ProxyDetector } from "../proxy.ts";
import { parseAptBoolean } from "./conf.ts";
import type { AptConfiguration } from "./configuration.ts";
import type { AptSource } from "./sources.ts";

/** One address of an archive, with the source that tells how to treat it. */
export interface AptBase {
  readonly uri: string;
  readonly source: AptSource;
  /** Whether a source names this very suite, or the address is only known to serve the same archive. */
  readonly isConfigured: boolean;
}

export interface AptArchivesOptions {
  readonly apt: AptConfiguration;
  readonly client: HttpClient;
  readonly cacheDir: string;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

interface Identity {
  readonly archive: string;
  /** Suite and codename, under either of which the same files are found. */
  readonly suites: readonly string[];
}

interface IdentifiedSource {
  readonly source: AptSource;
  readonly identity: Identity | undefined;
}

export class AptArchives {
  readonly apt: AptConfiguration;
  readonly #client: HttpClient;
  readonly #cacheFile: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #proxies = new ProxyDetector();
  #identified: Promise<readonly IdentifiedSource[]> | undefined;

  constructor(options: AptArchivesOptions) {
    this.apt = options.apt;
    this.#client = options.client;
    this.#env = options.env ?? process.env;
    this.#cacheFile = join(options.cacheDir, "apt", "archives.json");
  }

  /** Where an archive is, in the order of the sources. Throws `apt-archive-unknown`. */
  async bases(archive: string, suite?: string): Promise<readonly AptBase[]> {
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
    if (distinct.length === 0) throw unknownArchive(archive, all);
    return distinct;
  }

  /** Locations of a file in an archive: what `apt:<archive>/<path>` means on this machine. */
  async locate(archive: string, path: string): Promise<readonly Location[]> {
    checkArchivePath(path);
    const bases = await this.bases(archive);
    return bases.map((base) => this.location(base.uri, path));
  }

  /** The locator for `apt:` URLs. */
  readonly locator = async (url: string): Promise<readonly Location[]> => {
    const match = /^apt:([a-z0-9][a-z0-9.+-]*)\/(.+)$/.exec(url);
    if (!match)
      throw new CopseError(
        "url-unsupported",
        `URL does not name an archive and a path: \`${url.slice(0, 300)}\``,
      );
    return this.locate(match[1] as string, match[2] as string);
  };

  /** A file below a base. Characters that mean something in URLs are escaped; `file:` bases are directories. */
  location(uri: string, path: string): Location {
    const base = addressOf(uri);
    // Versions hold `~`, `+` and `%3a`-like escapes; a path of Release is taken as text.
    const escaped = path.split("/").map((part) => encodeURIComponent(part).replaceAll("%2B", "+"));
    const url = new URL(`${base.replace(/\/+$/, "")}/${escaped.join("/")}`);
    return { url, routeFor: (address) => this.routeFor(address) };
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
    this.#identified ??= this.#identifyAll();
    return this.#identified;
  }

  async #identifyAll(): Promise<readonly IdentifiedSource[]> {
    const { sources } = this.apt;
    const remembered = readRemembered(this.#cacheFile);
    const keys = sources.map((source) =>
      createHash("sha256").update(`${source.uri} ${source.suite}`).digest("hex"),
    );
    let isChanged = false;
    const result = await mapConcurrently(sources, { limit: 8 }, async (source, signal, index) => {
      const key = keys[index] as string;
      let identity = remembered.get(key);
      if (!identity) {
        // One source of many that cannot be reached must not stop the others.
        identity = await this.#readIdentity(source, signal).catch(() => undefined);
        if (identity) {
          remembered.set(key, identity);
          isChanged = true;
        }
      }
      return { source, identity };
    });
    if (isChanged) writeRemembered(this.#cacheFile, remembered);
    return result;
  }

  async #readIdentity(source: AptSource, signal: AbortSignal): Promise<Identity | undefined> {
    for (const name of releaseNames(source)) {
      const head = await this.#readHead(this.location(source.uri, releasePath(source.suite, name)), signal);
      const identity = head && identityOf(head);
      if (identity) return identity;
    }
    return undefined;
  }

  async #readHead({ url, routeFor }: Location, signal: AbortSignal): Promise<string | undefined> {
    if (url.protocol === "file:") return readFileHead(url);
    const response = await this.#client.get(url, {
      headers: { range: `bytes=0-${HEAD_BYTES - 1}` },
      signal,
      routeFor,
    });
    try {
      if (response.status !== 200 && response.status !== 206) return undefined;
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= HEAD_BYTES) break;
      }
      return Buffer.concat(chunks).toString("utf8").slice(0, HEAD_BYTES);
    } finally {
      response.body.destroy();
    }
  }
}

/** The first fields of a Release; the long lists of hashes come after them. */
const HEAD_BYTES = 4096;

/** `dists/bookworm/InRelease`, or `suite/InRelease` where the suite is a path. */
export function releasePath(suite: string, name: string): string {
  if (!suite.endsWith("/")) return `dists/${suite}/${name}`;
  const directory = suite.replace(/^(\.?\/)+/, "");
  return `${directory}${name}`;
}

/** Names to try for a source's Release, in apt's order. */
export function releaseNames(source: AptSource): readonly string[] {
  return source.options.inReleasePath === undefined
    ? ["InRelease", "Release"]
    : [source.options.inReleasePath];
}

/** `debian` for Origin and Label Debian, `debian-security` for Label Debian-Security. */
export function archiveName(origin: string, label: string): string | undefined {
  const slug = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 64);
  const [first, second] = [slug(origin), slug(label)];
  if (second === "" || second === first) return first || undefined;
  // Backports stand in the main archive, under one roof with it.
  if (first === "debian" && second === "debian-backports") return first;
  return first === "" || second.startsWith(`${first}-`) ? second : `${first}-${second}`;
}

function identityOf(head: string): Identity | undefined {
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, "mi").exec(head)?.[1]?.trim() ?? "";
  const archive = archiveName(field("Origin"), field("Label"));
  if (archive === undefined) return undefined;
  return { archive, suites: [field("Suite"), field("Codename")].filter((name) => name !== "") };
}

/** Throws `archive-path`: a path from a lock or an index must not lead out of its archive. */
export function checkArchivePath(path: string): void {
  const isPlain = /^[\x21-\x7e]+$/.test(path) && !path.startsWith("/") && !/[\\?#]/.test(path);
  if (!isPlain || path.split("/").some((part) => part === "" || part === "." || part === ".."))
    throw new CopseError("archive-path", `Path is no path within an archive: \`${path.slice(0, 300)}\``);
}

function addressOf(uri: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return uri;
  if (scheme === "file" || scheme === "copy")
    return `file://${uri.slice(scheme.length + 1).replace(/^\/+/, "/")}`;
  throw new CopseError(
    "apt-uri-unsupported",
    `Source is of a kind that copse cannot read: \`${scheme ?? uri}:\``,
    {
      hint: "http, https, file and copy sources can be used; add one of these for the same archive",
    },
  );
}

function unknownArchive(archive: string, all: readonly IdentifiedSource[]): CopseError {
  const names = [...new Set(all.flatMap(({ identity }) => (identity ? [identity.archive] : [])))].sort();
  const silent = all.filter(({ identity }) => !identity).map(({ source }) => source.place);
  const hints = [
    names.length > 0 ? `apt's sources have: ${names.join(", ")}` : "apt has no sources that could be read",
    ...(silent.length > 0 ? [`these could not be asked: ${[...new Set(silent)].join(", ")}`] : []),
    `add a source for it to apt, or to [sources] in copse.toml`,
  ];
  return new CopseError("apt-archive-unknown", `No source is configured for the archive \`${archive}\``, {
    hint: hints.join("; "),
  });
}

async function readFileHead(url: URL): Promise<string | undefined> {
  try {
    await using file = await open(url);
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    return undefined;
  }
}

function readRemembered(path: string): Map<string, Identity> {
  const result = new Map<string, Identity>();
  try {
    const data: unknown = JSON.parse(readFileSync(path, "utf8"));
    for (const [key, value] of Object.entries(data as Record<string, unknown>)) {
      const { archive, suites } = value as { archive?: unknown; suites?: unknown };
      if (typeof archive !== "string" || !Array.isArray(suites)) continue;
      result.set(key, { archive, suites: suites.filter((name) => typeof name === "string") });
    }
  } catch {
    // A cache that is not there or not readable is an empty one.
  }
  return result;
}

function writeRemembered(path: string, identities: ReadonlyMap<string, Identity>): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(Object.fromEntries(identities), undefined, 1)}\n`);
  renameSync(temporary, path);
}
