/**
 * What the sources of a machine are: each is asked once for the head of its Release, which says whose archive it is.
 * The answer is remembered in the cache directory, as an address hardly ever changes what it serves.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { mapConcurrently } from "#base";
import type { Location } from "../download.ts";
import type { HttpClient } from "../http.ts";
import { archiveName, releaseNames, releasePath } from "./archive-paths.ts";
import type { AptSource } from "./sources.ts";

export interface Identity {
  readonly archive: string;
  /** Suite and codename, under either of which the same files are found. */
  readonly suites: readonly string[];
}

export interface IdentifiedSource {
  readonly source: AptSource;
  readonly identity: Identity | undefined;
}

export interface IdentifyServices {
  readonly client: HttpClient;
  readonly cacheFile: string;
  readonly location: (uri: string, path: string) => Location;
}

/** Asks those sources that were not asked before. One that does not answer has no identity. */
export async function identifySources(
  sources: readonly AptSource[],
  services: IdentifyServices,
): Promise<readonly IdentifiedSource[]> {
  const remembered = readRemembered(services.cacheFile);
  const keys = sources.map((source) =>
    createHash("sha256").update(`${source.uri} ${source.suite}`).digest("hex"),
  );
  let isChanged = false;
  const result = await mapConcurrently(sources, { limit: 8 }, async (source, signal, index) => {
    const key = keys[index] as string;
    let identity = remembered.get(key);
    if (!identity) {
      // One source of many that cannot be reached must not stop the others.
      identity = await readIdentity(services, source, signal).catch(() => undefined);
      if (identity) {
        remembered.set(key, identity);
        isChanged = true;
      }
    }
    return { source, identity };
  });
  if (isChanged) writeRemembered(services.cacheFile, remembered);
  return result;
}

async function readIdentity(
  services: IdentifyServices,
  source: AptSource,
  signal: AbortSignal,
): Promise<Identity | undefined> {
  for (const name of releaseNames(source)) {
    const head = await readHead(
      services,
      services.location(source.uri, releasePath(source.suite, name)),
      signal,
    );
    const identity = head && identityOf(head, source);
    if (identity) return identity;
  }
  return undefined;
}

async function readHead(
  services: IdentifyServices,
  { url, routeFor }: Location,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (url.protocol === "file:") return readFileHead(url);
  const response = await services.client.get(url, {
    headers: { range: `bytes=0-${HEAD_BYTES - 1}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(2 * IDENTIFY_TIMEOUT_MS)]),
    routeFor: (address) => ({ ...routeFor(address), timeoutMs: IDENTIFY_TIMEOUT_MS }),
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
/** Every source is asked, also those that nobody needs now: one that does not answer must not hold up the rest. */
const IDENTIFY_TIMEOUT_MS = 10_000;

/** The first fields of a Release; the long lists of hashes come after them. */
const HEAD_BYTES = 4096;

/** A repository that does not say what it is has the name of the file that its source stands in. */
function identityOf(head: string, source: AptSource): Identity | undefined {
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, "mi").exec(head)?.[1]?.trim() ?? "";
  if (!/^(?:Date|SHA256|Codename|Suite|Origin): */im.test(head)) return undefined;
  const archive = archiveName(field("Origin"), field("Label")) ?? nameOfFile(source.place);
  if (archive === undefined) return undefined;
  return { archive, suites: [field("Suite"), field("Codename")].filter((name) => name !== "") };
}

/** `neurodebian` of `/etc/apt/sources.list.d/neurodebian.sources, source 1`. */
function nameOfFile(place: string): string | undefined {
  return /\/sources\.list\.d\/([a-z0-9][a-z0-9.+-]*)\.(?:list|sources)\b/.exec(place)?.[1];
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
