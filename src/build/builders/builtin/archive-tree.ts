/**
 * A tar archive from outside as a tree of files, trusting nothing in it: no member leads out of the target, none is
 * written through a link (a parent must be a folder that this archive made), devices and pipes are refused.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { type ByteString, bytesFromByteString, CopseError } from "#base";
import { readTar, type TarEntry } from "#format";
import { decompress } from "#root";

export interface ArchiveRequest {
  readonly source: AsyncIterable<Uint8Array>;
  /** An empty folder. */
  readonly target: ByteString;
  readonly signal: AbortSignal;
}

const MAX_BYTES = 64 * 2 ** 30;
const MAX_MEMBERS = 4_000_000;
const WRITE_NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Throws CopseError `archive-member`, `archive-too-large`, `tar-invalid`, `decompression-failed`. */
export async function unpackArchive(request: ArchiveRequest): Promise<void> {
  const tree = new ArchiveTree(request.target);
  for await (const member of readTar(decompress(request.source, { signal: request.signal }))) {
    request.signal.throwIfAborted();
    await tree.write(member);
  }
}

class ArchiveTree {
  readonly #target: ByteString;
  #bytes = 0;
  #members = 0;

  constructor(target: ByteString) {
    this.#target = target;
  }

  async write(member: TarEntry): Promise<void> {
    if (++this.#members > MAX_MEMBERS) throw tooLarge("members");
    if (member.path === "") return;
    if (member.kind === "directory") {
      this.#makeFolder(member.path);
      return;
    }
    const native = this.#prepare(member.path);
    switch (member.kind) {
      case "file":
        await this.#writeFile(native, member);
        break;
      case "symlink":
        symlinkSync(bytesFromByteString(member.target), native);
        break;
      case "hardlink":
        this.#checkParents(member.target);
        linkSync(this.#native(member.target), native);
        break;
      default:
        throw new CopseError("archive-member", `Archive contains a ${member.kind}: \`${member.path}\``);
    }
  }

  async #writeFile(native: Buffer, member: TarEntry & { readonly kind: "file" }): Promise<void> {
    this.#bytes += member.sizeBytes;
    if (this.#bytes > MAX_BYTES) throw tooLarge("bytes");
    const fd = openSync(native, WRITE_NEW, 0o600);
    try {
      for await (const chunk of member.contents) {
        for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
      }
      fchmodSync(fd, (member.mode & 0o100) === 0 ? 0o644 : 0o755);
    } finally {
      closeSync(fd);
    }
  }

  #makeFolder(path: ByteString): void {
    const info = lstatSync(this.#native(path), { throwIfNoEntry: false });
    if (info?.isDirectory()) return;
    if (info) throw clash(path);
    this.#makeParents(path);
    mkdirSync(this.#native(path), 0o755);
  }

  /** A later member of a name replaces an earlier one, as tar has it. */
  #prepare(path: ByteString): Buffer {
    this.#makeParents(path);
    const native = this.#native(path);
    const info = lstatSync(native, { throwIfNoEntry: false });
    if (info?.isDirectory()) throw clash(path);
    if (info) unlinkSync(native);
    return native;
  }

  #makeParents(path: ByteString): void {
    const parts = path.split("/").slice(0, -1);
    parts.forEach((_, index) => {
      const parent = parts.slice(0, index + 1).join("/");
      const info = lstatSync(this.#native(parent), { throwIfNoEntry: false });
      if (!info) mkdirSync(this.#native(parent), 0o755);
      else if (!info.isDirectory()) throw clash(path);
    });
  }

  #checkParents(path: ByteString): void {
    const parts = path.split("/");
    parts.forEach((_, index) => {
      const info = lstatSync(this.#native(parts.slice(0, index + 1).join("/")), { throwIfNoEntry: false });
      const isLast = index === parts.length - 1;
      if (isLast ? info !== undefined && !info.isDirectory() : info?.isDirectory()) return;
      throw new CopseError("archive-member", `Archive contains a hard link to nothing in it: \`${path}\``);
    });
  }

  #native(path: ByteString): Buffer {
    return bytesFromByteString(`${this.#target}/${path}`);
  }
}

function clash(path: ByteString): CopseError {
  return new CopseError("archive-member", `Archive contains a path of two kinds: \`${path}\``);
}

function tooLarge(what: string): CopseError {
  return new CopseError("archive-too-large", `Archive unpacks to more ${what} than allowed`);
}
