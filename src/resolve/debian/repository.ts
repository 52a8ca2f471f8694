/**
 * The signed Release of a suite: fetched, verified, and remembered.
 *
 * From the configured mirrors in turn; the first that has what its signature promises serves. A Release
 * counts only when its signature, its name and its date are right. A mirror that suddenly has an older
 * Release than it had before is behind or is lying, and what it had before stays in force, as with apt.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CopseError, isCopseError } from "#base";
import {
  type AptArchives,
  type AptBase,
  archiveName,
  type Downloader,
  freshnessRules,
  releasePath,
} from "#fetch";
import type { Clock } from "#host";
import type { OpenedIndex } from "./indexes.ts";
import { archiveKeyrings, openKeyring, verifyClearSigned, verifyDetached } from "./keyring.ts";
import { checkFreshness, parseRelease, type Release } from "./release.ts";

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

/** Never half a file in the cache, whoever reads it meanwhile. */
export async function writeAtomically(path: string, contents: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, contents);
  await rename(temporary, path);
}
