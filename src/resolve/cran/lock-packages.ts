/**
 * What was chosen, as the lock has it: with the hash and size of each source. An index of R's has no SHA-256, so what is newly
 * locked is fetched once and hashed, and kept for the build.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { CopseError, mapConcurrently } from "#base";
import { archivedPath, type DownloadProgress, StatusError } from "#fetch";
import { createHasher, formatHash, type Hash, hashesEqual, parseHash } from "#format";
import { formatRDemand } from "#format/r";
import type { RCandidate, SourceCandidate } from "./candidate.ts";
import type { LockedRPackage, LockedRSource } from "./lock/lock-schema.ts";
import type { ResolveROptions } from "./resolve-r.ts";

/** Each as the lock has it. Throws what fetching throws. */
export async function lockPackages(
  options: ResolveROptions,
  packages: readonly RCandidate[],
): Promise<LockedRPackage[]> {
  const { signal = new AbortController().signal } = options;
  const locked = new Map<RCandidate, LockedRPackage>();
  await mapConcurrently(packages, { limit: 8, signal }, async (one, aborted) => {
    locked.set(one, one.kind === "source" ? await lockSource(options, one, aborted) : binaryOf(one));
  });
  return packages.flatMap((one) => locked.get(one) ?? []);
}

function binaryOf({ name, version, debian }: RCandidate & { readonly kind: "debian" }): LockedRPackage {
  return { kind: "debian", name, version, debian };
}

async function lockSource(
  options: ResolveROptions,
  one: SourceCandidate,
  signal: AbortSignal,
): Promise<LockedRSource> {
  const { name, version, repository, file, needsCompilation } = one;
  const demands = [...new Set(one.demands.map(formatRDemand))];
  const bytes =
    one.sha256 !== undefined && one.size !== undefined
      ? { sha256: one.sha256, size: one.size }
      : await fetchSource(options, one, signal);
  return {
    kind: "source",
    ...{ name, version, repository, file, size: bytes.size, sha256: bytes.sha256, demands },
    compiled: needsCompilation,
  };
}

/** What nobody knows the hash of is fetched; what the index says of the bytes must hold. */
async function fetchSource(
  { services, snapshot }: ResolveROptions,
  { repository, file, md5, sha256, name }: SourceCandidate,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly size: number }> {
  const { downloader, progress } = services.debian;
  const repositories = services.repositories();
  const target = repositories.keptFile(repository, file);
  const expectedHash = sha256 ? parseHash(sha256, "sha256") : md5 ? parseHash(md5, "md5") : undefined;
  // A file that no index has a hash of may be another one by now.
  if (expectedHash === undefined || !(await hasHash(target, expectedHash))) {
    const bases = repositories.bases(repository, snapshot);
    const onProgress = ({ bytes, totalBytes }: DownloadProgress) =>
      progress({ activity: `source of ${name}`, bytes, totalBytes });
    const fetchFrom = (path: string) =>
      downloader.download({
        url: bases.map((base) => repositories.location(base, path)),
        ...{ target, signal, expectedHash, onProgress, maxBytes: MAX_SOURCE_BYTES },
      });
    await fetchFrom(file).catch(async (error) => {
      if (!(error instanceof StatusError) || error.hint !== undefined) throw error;
      // Since the index was read, the file may have been replaced; the index has its hash all the same.
      const archived = expectedHash && archivedPath(file);
      const found = archived && (await fetchFrom(archived).catch(() => undefined));
      if (!found) throw withoutFile(error, repository);
    });
  }
  const hash = await hashFile(target, "sha256");
  return { sha256: formatHash(hash, "base16"), size: (await stat(target)).size };
}

function withoutFile({ code, message }: StatusError, repository: string): CopseError {
  return new CopseError(code, message, {
    hint: `the index of ${repository} names it: \`copse lock --refresh\` asks for that again; or name another mirror`,
  });
}

const MAX_SOURCE_BYTES = 2 * 1024 ** 3;

async function hasHash(path: string, expected: Hash): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() === true && hashesEqual(await hashFile(path, expected.algorithm), expected);
}

async function hashFile(path: string, algorithm: Hash["algorithm"]): Promise<Hash> {
  const hasher = createHasher(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    hasher.update(chunk as Buffer);
  return hasher.digest();
}
