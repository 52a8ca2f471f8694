/**
 * pip's default index for a machine without pip: Debian has pip as a package, so it is read from there.
 *
 * The package comes from the archive that apt is configured for, by its signed index, and is fetched and read, not installed.
 * What was read is kept in the cache directory: an address that pip is built with changes with pip alone.
 */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CopseError } from "#base";
import { indexInSource, type PipEnvironment } from "#fetch";
import { parseHash } from "#format";
import { readDebFile } from "../../debian/deb-file.ts";
import { openCurrent } from "../../debian/index/suite-indexes.ts";
import { fileUrls } from "../../debian/resolve-debian.ts";
import { openDebianServices } from "../../debian/services.ts";
import { PackageUniverse } from "../../debian/solve/universe.ts";

export interface DebianDefaultIndexOptions {
  readonly env: PipEnvironment;
  readonly cacheDir: string;
  /** Stands for `/` where apt's configuration is read. */
  readonly root?: string | undefined;
  readonly notice?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Its pip is as good as any other's: the address has never changed. */
const SUITE = "bookworm";
const PACKAGE = "python3-pip";
const MODULE = "usr/lib/python3/dist-packages/pip/_internal/models/index.py";
const MAX_MODULE_BYTES = 1024 * 1024;

/** Undefined where the package has no address in it. Throws what apt's configuration and fetching throw. */
export async function debianDefaultIndex(options: DebianDefaultIndexOptions): Promise<string | undefined> {
  const kept = join(options.cacheDir, "python", "default-index-of-debian");
  const before = readKept(kept);
  if (before !== undefined) return before;
  const url = indexInSource(await readModule(options));
  if (url !== undefined) keep(kept, url);
  return url;
}

async function readModule(options: DebianDefaultIndexOptions): Promise<string | undefined> {
  const { env, cacheDir, root, notice, signal } = options;
  const services = openDebianServices({ env, cacheDir, root });
  mkdirSync(cacheDir, { recursive: true });
  const folder = mkdtempSync(join(cacheDir, "pip-"));
  try {
    // The package is the same on every machine; its own architecture's index is likely to be in the cache.
    const source = { suite: SUITE, system: process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux" };
    const { releases, indexes } = await openCurrent(services, source, { signal });
    const found = new PackageUniverse({ sources: indexes }).candidates(PACKAGE)[0];
    if (!found) return undefined;
    notice?.(`no pip is installed: reading which index it asks from Debian's package ${PACKAGE}`);
    const debPath = join(folder, "pip.deb");
    await services.downloader.download({
      url: fileUrls({}, releases)(found)[0] as string,
      target: debPath,
      expectedHash: parseHash(found.sha256, "sha256"),
      sizeBytes: found.sizeBytes,
      signal,
    });
    const module = await readDebFile({ debPath, path: MODULE, maxBytes: MAX_MODULE_BYTES });
    return module?.toString("utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
    services.close();
  }
}

function readKept(file: string): string | undefined {
  try {
    return URL.parse(readFileSync(file, "utf8").trim())?.href;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return undefined;
    throw new CopseError("cache-unreadable", `Cache cannot be read: \`${file}\``, { cause: error });
  }
}

/** A cache that cannot be written costs time, and nothing else. */
function keep(file: string, url: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, `${url}\n`);
    renameSync(`${file}.${process.pid}`, file);
  } catch {}
}
