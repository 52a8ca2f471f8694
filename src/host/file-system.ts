/**
 * Files. The asynchronous part is what most of copse uses; the synchronous one is for the evaluator, which
 * cannot wait. Paths are absolute. What fails for a reason that a user can meet throws a CopseError with one
 * of the codes below, so that callers need not know errno names:
 *
 *     file-not-found   file-exists   not-a-directory   not-a-file   directory-not-empty   file-unreadable
 *     file-too-large
 */
import { CopseError } from "#base";

export type FileKind = "regular" | "directory" | "symlink" | "unknown";

export interface FileInfo {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** Permission bits only. */
  readonly mode: number;
  readonly mtimeMs: number;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** More is an error, `file-too-large`. */
  readonly maxBytes?: number | undefined;
}

export interface FileSystem {
  readFile(path: string, options?: ReadOptions): Promise<Uint8Array>;
  readText(path: string, options?: ReadOptions): Promise<string>;
  /** Pieces of a file, from byte `start` up to but without `end`. */
  readStream(
    path: string,
    options?: { readonly start?: number; readonly end?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<Uint8Array>;
  /**
   * Replaces the file as a whole: readers see the old contents or the new ones, never half of them.
   * With `exclusive`, an existing file is an error, `file-exists`.
   */
  writeFile(path: string, contents: Uint8Array | string, options?: WriteOptions): Promise<void>;
  appendFile(path: string, contents: Uint8Array | string): Promise<void>;

  /** Following links; undefined where nothing is. */
  stat(path: string): Promise<FileInfo | undefined>;
  /** Of a link itself. */
  linkStat(path: string): Promise<FileInfo | undefined>;
  /** In byte order of the names. */
  readDirectory(path: string): Promise<DirectoryEntry[]>;
  readLink(path: string): Promise<string>;
  /** All links followed. */
  realPath(path: string): Promise<string>;

  /** With parents; one that exists is no error. */
  makeDirectory(path: string, mode?: number): Promise<void>;
  makeLink(path: string, target: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Whole trees too. Nothing there is no error. */
  remove(path: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  /** A new, empty directory whose name begins with `prefix`. */
  makeTempDirectory(prefix: string): Promise<string>;

  readFileSync(path: string): Uint8Array;
  linkStatSync(path: string): FileInfo | undefined;
  statSync(path: string): FileInfo | undefined;
  readDirectorySync(path: string): DirectoryEntry[];
  readLinkSync(path: string): string;
}

export interface WriteOptions {
  /** Default 0o644, less the umask. */
  readonly mode?: number | undefined;
  readonly exclusive?: boolean | undefined;
}

const PROBLEMS: Readonly<Record<string, readonly [code: string, message: string]>> = {
  ENOENT: ["file-not-found", "No such file or directory"],
  EEXIST: ["file-exists", "File exists already"],
  ENOTDIR: ["not-a-directory", "Not a directory"],
  EISDIR: ["not-a-file", "Is a directory"],
  ENOTEMPTY: ["directory-not-empty", "Directory is not empty"],
  EACCES: ["file-unreadable", "Permission denied"],
  EPERM: ["file-unreadable", "Operation not permitted"],
  EROFS: ["file-unwritable", "File system is read-only"],
  ENOSPC: ["disk-full", "No space left on the device"],
  EDQUOT: ["disk-full", "Disk quota exceeded"],
  ELOOP: ["file-unreadable", "Too many symbolic links"],
  EINVAL: ["not-a-link", "Not a symbolic link"],
};

const HINTS: Readonly<Record<string, string>> = {
  "disk-full": "`copse gc` removes what nothing needs any more; $TMPDIR and $COPSE_STORE say where files go",
};

/** The CopseError for an errno name, or for an error that carries one; anything else comes back as it is. */
export function fileError(error: unknown, path: string): unknown {
  const errno = typeof error === "string" ? error : (error as NodeJS.ErrnoException | undefined)?.code;
  const problem = PROBLEMS[errno ?? ""];
  if (problem === undefined) return error;
  const cause = typeof error === "string" ? undefined : error;
  return new CopseError(problem[0], `${problem[1]}: \`${path}\``, { cause, hint: HINTS[problem[0]] });
}

export function fileTooLarge(path: string, maxBytes: number): CopseError {
  return new CopseError("file-too-large", `File has more than ${maxBytes} bytes: \`${path}\``);
}
