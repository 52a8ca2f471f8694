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
  isOffline,
  releasePath,
  snapshotTime,
} from "#fetch";
import type { Clock } from "#host";
import type { OpenedIndex } from "../index/indexes.ts";
import { isDebianArchive } from "./archive-keys.ts";
import { basesOf, type SuiteName } from "./bases.ts";
import {
  archiveKeyrings,
  formerKeyrings,
  type Keyring,
  openKeyring,
  verifyClearSigned,
  verifyDetached,
} from "./keyring.ts";
import { checkFreshness, isoDate, parseRelease, type Release } from "./release.ts";

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

export interface OpenedRelease extends SuiteName {
  readonly release: Release;
  /** Mirrors to ask for what the Release lists, the one it came from first. */
  readonly bases: readonly AptBase[];
  /** Nobody's signature was checked, as the user wanted. */
  readonly isTrusted: boolean;
}

const MAX_RELEASE_BYTES = 32 * 1024 * 1024;

/** Throws what the last mirror failed with, and what `basesOf` throws. */
export async function openRelease(
  services: DebianServices,
  name: SuiteName,
  signal?: AbortSignal,
): Promise<OpenedRelease> {
  const bases = await basesOf(services, name);
  let failure: unknown;
  for (const base of bases) {
    try {
      const release = await currentRelease(services, { ...name, base }, signal);
      const isTrusted = base.source.options.trusted === true;
      return { ...name, release, bases: [base, ...bases.filter((other) => other !== base)], isTrusted };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof CopseError)) throw error;
      // A mirror that cannot be reached says less than one that serves something wrong.
      if (failure === undefined || isUnreachable(failure)) failure = error;
    }
  }
  const isDated = bases.some((base) => base.snapshot !== undefined);
  throw isNotFound(failure) && !isDated ? suiteUnknown(name, failure) : failure;
}

function unsigned(subject: string): CopseError {
  return new CopseError("release-unsigned", `Repository is not signed: \`${subject}\``, {
    hint: "apt's option [trusted=yes], in the machine's sources, takes what is in it without asking who made it",
  });
}

function suiteUnknown({ archive, suite, repository }: SuiteName, cause: unknown): CopseError {
  const hint =
    repository === undefined && isDebianArchive(archive)
      ? "Debian's suites are named bullseye, bookworm, trixie, forky and sid; what a mirror has of them is in its folder `dists`"
      : "the repository's page says what its suites are called; one without a folder `dists` is given as `./`";
  return new CopseError("suite-unknown", `No mirror has a suite of this name: \`${archive}/${suite}\``, {
    hint,
    cause,
  });
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
    if (!isOffline(error))
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
  if (base.snapshot !== undefined) checkDay(release, { snapshot: base.snapshot, subject });
  return release;
}

async function verifiedText(
  services: DebianServices,
  request: ReleaseRequest,
  signal?: AbortSignal,
): Promise<string> {
  const { base, suite } = request;
  const read = (name: string) =>
    services.downloader.read({
      url: [services.archives.location(base.uri, releasePath(suite, name))],
      scratchDir: join(services.cacheDir, "tmp"),
      maxBytes: MAX_RELEASE_BYTES,
      signal,
    });
  const subject = `${request.archive}/${suite}`;
  const inRelease = base.source.options.inReleasePath ?? "InRelease";
  const mayBeDetached = base.source.options.inReleasePath === undefined;
  if (base.source.options.trusted === true) {
    const text = await read(inRelease).catch((error: unknown) => {
      if (mayBeDetached && isNotFound(error)) return read("Release");
      throw error;
    });
    return withoutSignature(refusePage(text, subject).toString("utf8"));
  }
  const check = { keyring: await keyringFor(services, request), subject, date: keyDate(services, base) };
  try {
    const bytes = refusePage(await read(inRelease), subject);
    return await verifyClearSigned(bytes.toString("utf8"), check);
  } catch (error) {
    if (!isNotFound(error) || !mayBeDetached) throw error;
  }
  const [text, signature] = await Promise.all([
    read("Release"),
    read("Release.gpg").catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    }),
  ]);
  if (signature === undefined) throw unsigned(subject);
  await verifyDetached(refusePage(text, subject), signature, check);
  return text.toString("utf8");
}

function keyringFor(services: DebianServices, { archive, base }: ReleaseRequest): Promise<Keyring> {
  const isDebian = isDebianArchive(archive);
  const former = base.snapshot !== undefined && isDebian ? formerKeyrings : [];
  return openKeyring(services.archives.apt, {
    signedBy: base.source.signedBy,
    // A keyring that a source names for its own suite need not have the keys of another.
    additionalKeyrings: base.isConfigured ? [] : [...archiveKeyrings, ...former],
    withDebianKeys: isDebian && !base.isConfigured,
  });
}

/** Where dates are not to be checked (a dated archive), keys are judged at the time of the signature. */
function keyDate(services: DebianServices, base: AptBase): Date | undefined {
  const rules = freshnessRules(services.archives.apt.conf, base.source, "");
  return rules.checkDate ? new Date(services.clock.now()) : undefined;
}

/** A page where a Release was asked for: a captive portal, a proxy's login, a gateway's excuse. */
function refusePage(bytes: Buffer, subject: string): Buffer {
  if (!/^\s*<(?:!doctype|html|head|\?xml)/i.test(bytes.subarray(0, 200).toString("latin1"))) return bytes;
  throw new CopseError("download-html", `Mirror sent a web page instead of the Release of \`${subject}\``, {
    hint: "a login page of the network or of a proxy may stand in between, or the mirror's address is wrong",
  });
}

/** The text of a Release whose signature, if it has one, does not count. */
function withoutSignature(text: string): string {
  if (!text.startsWith("-----BEGIN PGP SIGNED MESSAGE-----")) return text;
  const start = text.search(/\r?\n\r?\n/);
  const end = text.indexOf("\n-----BEGIN PGP SIGNATURE-----");
  return text
    .slice(start, end < 0 ? undefined : end)
    .trimStart()
    .replace(/^- /gm, "");
}

function checkDay(release: Release, day: { readonly snapshot: string; readonly subject: string }): void {
  const latest = snapshotTime(day.snapshot) as number;
  if (release.dateMs <= latest) return;
  throw new CopseError(
    "release-wrong",
    `Dated archive has a Release of ${isoDate(release.dateMs)}, which is after ${day.snapshot}: \`${day.subject}\``,
  );
}

function checkName(release: Release, { archive, suite, repository }: SuiteName): void {
  const actual = archiveName(release.origin, release.label);
  const names = [release.suite, release.codename].filter((name) => name !== "");
  // A repository that an expression states is known by its key: it may call itself as it likes, or not at all.
  const isSuite = suite.endsWith("/") || names.includes(suite) || (repository && names.length === 0);
  if ((repository !== undefined || actual === archive) && isSuite) return;
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
  "offline",
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
