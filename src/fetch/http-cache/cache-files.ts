/**
 * The files of a cache: one to an entry, written whole or not at all, by any number of processes at once.
 *
 * An entry is a line of JSON and, after it, its bytes. The time of the file is the moment at which the entry was last
 * known to hold, so that renewing it is one system call and rewrites nothing. Entries can hold pages of private
 * indexes: their files are their owner's alone. What a file has that is no entry is as if it were not there.
 */
import { hash, randomBytes } from "node:crypto";
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

export interface CacheEntry {
  readonly head: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
  readonly renewedAtMs: number;
}

export interface CacheFilesOptions {
  /** In bytes; the oldest entries go first. */
  readonly maxBytes?: number | undefined;
  readonly now?: (() => number) | undefined;
}

const NEWLINE = 0x0a;
const MAX_HEAD_BYTES = 8192;
const DEFAULT_MAX_BYTES = 2 * 1024 ** 3;
const DAY_MS = 86_400_000;

export class CacheFiles {
  readonly directory: string;
  readonly #maxBytes: number;
  readonly #now: () => number;
  #isPruned = false;

  constructor(directory: string, options: CacheFilesOptions = {}) {
    this.directory = directory;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#now = options.now ?? Date.now;
  }

  /** `kind` is a folder's name, with a number that changes with the form of what it holds. */
  path(kind: string, key: string): string {
    const name = hash("sha256", key, "hex");
    return join(this.directory, kind, name.slice(0, 2), name.slice(2));
  }

  read(path: string): CacheEntry | undefined {
    let file: number;
    try {
      file = openSync(path, "r");
    } catch {
      return undefined;
    }
    try {
      const { mtimeMs: renewedAtMs, size } = fstatSync(file);
      const contents = readWhole(file, size);
      const end = contents.subarray(0, MAX_HEAD_BYTES).indexOf(NEWLINE);
      const head: unknown = JSON.parse(contents.toString("utf8", 0, Math.max(end, 0)));
      if (typeof head !== "object" || head === null) return undefined;
      const { length } = head as { length?: unknown };
      const bytes = contents.subarray(end + 1);
      // After a crash of the machine a file may have its name and not all of its bytes.
      if (length !== bytes.length) return undefined;
      return { head: head as Record<string, unknown>, bytes, renewedAtMs };
    } catch {
      return undefined;
    } finally {
      closeSync(file);
    }
  }

  /** A cache that cannot be written to (a full disk, a folder of somebody else) is none: nothing is thrown. */
  write(path: string, head: Readonly<Record<string, unknown>>, bytes: Uint8Array): void {
    const partial = `${path}.${randomBytes(6).toString("hex")}.part`;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const line = `${JSON.stringify({ ...head, length: bytes.length })}\n`;
      writeFileSync(partial, Buffer.concat([Buffer.from(line), bytes]), { mode: 0o600 });
      this.#stamp(partial);
      renameSync(partial, path);
    } catch {
      try {
        rmSync(partial, { force: true });
      } catch {}
    }
    this.#prune();
  }

  /** Notes that an entry still holds. */
  renew(path: string): void {
    try {
      this.#stamp(path);
    } catch {}
  }

  #stamp(path: string): void {
    const seconds = this.#now() / 1000;
    utimesSync(path, seconds, seconds);
  }

  /** Once a day by whoever writes first: the oldest entries beyond the bound, and what crashed writers left. */
  #prune(): void {
    if (this.#isPruned) return;
    this.#isPruned = true;
    const stamp = join(this.directory, "pruned");
    try {
      const last = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (Math.abs(this.#now() - last) < DAY_MS) return;
      writeFileSync(stamp, "");
      this.#stamp(stamp);
      this.prune();
    } catch {}
  }

  prune(): void {
    const files = readdirSync(this.directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "pruned")
      .flatMap((entry) => {
        const path = join(entry.parentPath, entry.name);
        const info = statSync(path, { throwIfNoEntry: false });
        return info ? [{ path, size: info.size, time: info.mtimeMs }] : [];
      })
      .sort((a, b) => b.time - a.time);
    let total = 0;
    for (const { path, size, time } of files) {
      const isLeftOver = path.endsWith(".part") && this.#now() - time > DAY_MS;
      if (!isLeftOver) total += size;
      if (isLeftOver || total > this.#maxBytes) rmSync(path, { force: true });
    }
  }
}

/** As many bytes as the file had when it was opened: entries are never changed, but replaced. */
function readWhole(file: number, size: number): Buffer {
  const contents = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const read = readSync(file, contents, length, size - length, length);
    if (read === 0) break;
    length += read;
  }
  return contents.subarray(0, length);
}
