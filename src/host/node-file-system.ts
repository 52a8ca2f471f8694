/** The real file system. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as fsp from "node:fs/promises";
import { join } from "node:path";
import {
  type DirectoryEntry,
  type FileInfo,
  type FileKind,
  type FileSystem,
  fileError,
  fileTooLarge,
  type ReadOptions,
  type WriteOptions,
} from "./file-system.ts";

export const nodeFileSystem: FileSystem = {
  readFile,
  readText: async (path, options) => Buffer.from(await readFile(path, options)).toString("utf8"),
  readStream,
  writeFile,
  appendFile: (path, contents) => mapped(path, fsp.appendFile(path, contents)),
  stat: (path) => statOrNothing(path, fsp.stat(path)),
  linkStat: (path) => statOrNothing(path, fsp.lstat(path)),
  readDirectory: async (path) => toEntries(await mapped(path, fsp.readdir(path, { withFileTypes: true }))),
  readLink: (path) => mapped(path, fsp.readlink(path)),
  realPath: (path) => mapped(path, fsp.realpath(path)),
  makeDirectory: async (path, mode = 0o777) => {
    await mapped(path, fsp.mkdir(path, { recursive: true, mode }));
  },
  makeLink: (path, target) => mapped(path, fsp.symlink(target, path)),
  rename: (from, to) => mapped(from, fsp.rename(from, to)),
  remove: async (path) => {
    await makeRemovable(path);
    await mapped(path, fsp.rm(path, { recursive: true, force: true }));
  },
  setMode: (path, mode) => mapped(path, fsp.chmod(path, mode)),
  makeTempDirectory: (prefix) => mapped(prefix, fsp.mkdtemp(prefix)),

  readFileSync: (path) => mappedSync(path, (): Uint8Array => fs.readFileSync(path)),
  linkStatSync: (path) => statSync(path, fs.lstatSync),
  statSync: (path) => statSync(path, fs.statSync),
  readDirectorySync: (path) =>
    mappedSync(path, () => toEntries(fs.readdirSync(path, { withFileTypes: true }))),
  readLinkSync: (path) => mappedSync(path, () => fs.readlinkSync(path)),
};

async function readFile(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
  const { signal, maxBytes } = options;
  if (maxBytes !== undefined) {
    const { size } = await mapped(path, fsp.stat(path));
    if (size > maxBytes) throw fileTooLarge(path, maxBytes);
  }
  const bytes = await mapped(path, fsp.readFile(path, signal ? { signal } : {}));
  // Files in /proc say that they are empty, and files can grow.
  if (maxBytes !== undefined && bytes.length > maxBytes) throw fileTooLarge(path, maxBytes);
  return bytes;
}

async function* readStream(
  path: string,
  options: { readonly start?: number; readonly end?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Uint8Array> {
  const { start = 0, end, signal } = options;
  if (end !== undefined && end <= start) return;
  const stream = fs.createReadStream(path, {
    start,
    highWaterMark: 1 << 18,
    ...(end !== undefined && { end: end - 1 }),
    ...(signal && { signal }),
  });
  try {
    yield* stream;
  } catch (error) {
    throw signal?.aborted ? signal.reason : fileError(error, path);
  }
}

async function writeFile(
  path: string,
  contents: Uint8Array | string,
  options: WriteOptions = {},
): Promise<void> {
  const { mode = 0o644, exclusive = false } = options;
  const temporary = `${path}.tmp-${randomBytes(6).toString("hex")}`;
  try {
    await mapped(path, fsp.writeFile(temporary, contents, { mode, flag: "wx" }));
    // A rename replaces; a link refuses to.
    await mapped(path, exclusive ? fsp.link(temporary, path) : fsp.rename(temporary, path));
  } finally {
    await fsp.rm(temporary, { force: true });
  }
}

// The contents of a directory can only be removed where it is writable; store paths are not.
async function makeRemovable(path: string): Promise<void> {
  const info = await statOrNothing(path, fsp.lstat(path));
  if (info?.kind !== "directory") return;
  if ((info.mode & 0o700) !== 0o700) await mapped(path, fsp.chmod(path, 0o700));
  for (const entry of await fsp.readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeRemovable(join(path, entry.name));
  }
}

function statSync(
  path: string,
  read: (path: string, options: { throwIfNoEntry: false }) => fs.Stats | undefined,
): FileInfo | undefined {
  try {
    const info = read(path, { throwIfNoEntry: false });
    return info && toInfo(info);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw fileError(error, path);
  }
}

async function statOrNothing(path: string, info: Promise<fs.Stats>): Promise<FileInfo | undefined> {
  try {
    return toInfo(await info);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw fileError(error, path);
  }
}

function toInfo(info: fs.Stats): FileInfo {
  return {
    kind: toKind(info),
    sizeBytes: info.size,
    mode: info.mode & 0o7777,
    mtimeMs: info.mtimeMs,
  };
}

function toKind(entry: fs.Stats | fs.Dirent): FileKind {
  if (entry.isFile()) return "regular";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "unknown";
}

function toEntries(entries: fs.Dirent[]): DirectoryEntry[] {
  return entries
    .map((entry) => ({ name: entry.name, kind: toKind(entry) }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

async function mapped<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw fileError(error, path);
  }
}

function mappedSync<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileError(error, path);
  }
}
