/**
 * A tree of files that is written once, from what is not trusted: everything in it was made here, so what exists is
 * known without asking the file system, and nothing is ever written through a link, as there are none.
 *
 * Files have the store's modes and times from the start: a large package has ten thousand, and each call that must not
 * be made for them afterwards counts.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  writeSync,
} from "node:fs";
import { type ByteString, byteStringFromText, CopseError } from "#base";
import { fsPath } from "../byte-path.ts";
import { shown } from "./wheel-layout.ts";

/** 0 means "unset" to some programs. */
const MTIME_SECONDS = 1;
const ALL_MAY_READ = 0o555;
const WRITE_NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export class FreshTree {
  readonly #target: ByteString;
  readonly #known = new Map<string, "file" | "folder">([["", "folder"]]);
  /** Whether files have the modes that they are made with; another umask takes some of them away. */
  readonly #keepsModes: boolean;

  /** `target` is an existing, empty directory that this process has made. */
  constructor(target: ByteString) {
    this.#target = target;
    this.#keepsModes = (lstatSync(fsPath(target)).mode & ALL_MAY_READ) === ALL_MAY_READ;
  }

  /** @throws CopseError `wheel-path-twice`. */
  makeFolder(path: string): void {
    const known = this.#known.get(path);
    if (known === "folder") return;
    if (known === "file") throw clash(path);
    this.makeFolder(parentOf(path));
    mkdirSync(this.#real(path), 0o755);
    this.#known.set(path, "folder");
  }

  /** @throws CopseError `wheel-path-twice`. */
  openFile(path: string, options: { readonly isExecutable: boolean }): FreshFile {
    if (this.#known.has(path)) throw clash(path);
    this.makeFolder(parentOf(path));
    this.#known.set(path, "file");
    const mode = options.isExecutable ? 0o555 : 0o444;
    const fd = openSync(this.#real(path), WRITE_NEW, mode);
    return new FreshFile(fd, this.#keepsModes ? undefined : mode);
  }

  #real(path: string): string | Buffer {
    return fsPath(`${this.#target}/${byteStringFromText(path)}`);
  }
}

class FreshFile implements Disposable {
  readonly #fd: number;
  readonly #mode: number | undefined;

  /** `mode` is given where the file does not have it yet. */
  constructor(fd: number, mode: number | undefined) {
    this.#fd = fd;
    this.#mode = mode;
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
  }

  [Symbol.dispose](): void {
    try {
      if (this.#mode !== undefined) fchmodSync(this.#fd, this.#mode);
      futimesSync(this.#fd, MTIME_SECONDS, MTIME_SECONDS);
    } finally {
      closeSync(this.#fd);
    }
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

function clash(path: string): CopseError {
  return new CopseError("wheel-path-twice", `Wheel has a path twice: \`${shown(path)}\``);
}
