/**
 * Writes the members of a package archive as a tree of files, trusting none of them.
 *
 * The target is a fresh directory and everything in it was made by this writer, so what exists is known without
 * asking the file system: a member's parents must be directories that are known here, hence nothing is ever
 * written through a link. Owners, setuid bits, devices and times are dropped or refused, as the store knows
 * only files (0444 or 0555), directories and links, all with the time 1.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { type ByteString, CopseError } from "#base";
import type { TarEntry } from "#format";
import { fsPath } from "../byte-path.ts";
import { canonicalMemberPath, isMergedDirectory } from "./deb-member-path.ts";

export interface TreeLimits {
  readonly maxBytes: number;
  readonly maxMembers: number;
}

export const DEFAULT_TREE_LIMITS: TreeLimits = { maxBytes: 64 * 2 ** 30, maxMembers: 4_000_000 };

type MemberKind = "file" | "directory" | "symlink";

/** The only time that exists in a store, in seconds. */
const STORE_TIME = 1;
const WRITE_NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export class PackageTreeWriter {
  readonly #target: ByteString;
  readonly #limits: TreeLimits;
  readonly #known = new Map<ByteString, MemberKind>([["", "directory"]]);
  #bytes = 0;
  #members = 0;

  /** `target` is an existing, empty directory. */
  constructor(target: ByteString, limits: TreeLimits = DEFAULT_TREE_LIMITS) {
    this.#target = target;
    this.#limits = limits;
  }

  /** Writes one member. Throws "deb-member-…" where it is not what a package may contain. */
  async write(member: TarEntry): Promise<void> {
    if (++this.#members > this.#limits.maxMembers) {
      throw new CopseError("deb-too-large", `Package has too many members: \`${this.#members}\``);
    }
    const path = canonicalMemberPath(member.path);
    switch (member.kind) {
      case "directory":
        this.#makeDirectory(path);
        return;
      case "file":
        await this.#writeFile(path, member);
        return;
      case "symlink":
        this.#writeLink(path, member.target);
        return;
      case "hardlink":
        this.#writeHardLink(path, canonicalMemberPath(member.target));
        return;
      default:
        throw new CopseError("deb-member-kind", `Package contains a ${member.kind}: \`${member.path}\``);
    }
  }

  /** Directories get their mode and time last, as every name made in them changes it. */
  finish(): void {
    for (const [path, kind] of this.#known) {
      if (kind !== "directory") continue;
      // When they were made the umask took its part.
      chmodSync(this.#real(path), 0o755);
      utimesSync(this.#real(path), STORE_TIME, STORE_TIME);
    }
  }

  #makeDirectory(path: ByteString): void {
    const known = this.#known.get(path);
    if (known === "directory") return;
    // dpkg keeps a link to a directory where a later member is that directory; within one package that
    // happens in none of bookworm's, and following it here would mean writing through a link.
    if (known !== undefined) throw this.#clash(path);
    this.#makeParents(path);
    mkdirSync(this.#real(path), 0o755);
    this.#known.set(path, "directory");
  }

  #makeParents(path: ByteString): void {
    const slash = path.lastIndexOf("/");
    const parent = slash < 0 ? "" : path.slice(0, slash);
    const known = this.#known.get(parent);
    if (known === "directory") return;
    if (known !== undefined) throw this.#clash(path);
    this.#makeDirectory(parent);
  }

  async #writeFile(path: ByteString, member: TarEntry & { readonly kind: "file" }): Promise<void> {
    this.#bytes += member.sizeBytes;
    if (this.#bytes > this.#limits.maxBytes) {
      throw new CopseError("deb-too-large", `Package unpacks to more bytes than allowed: \`${this.#bytes}\``);
    }
    this.#prepare(path);
    const mode = (member.mode & 0o111) === 0 ? 0o444 : 0o555;
    const file = openSync(this.#real(path), WRITE_NEW, mode);
    try {
      for await (const chunk of member.contents) writeAll(file, chunk);
      fchmodSync(file, mode);
      futimesSync(file, STORE_TIME, STORE_TIME);
    } finally {
      closeSync(file);
    }
    this.#known.set(path, "file");
  }

  #writeLink(path: ByteString, linkTarget: ByteString): void {
    // Trixie's base-files ships the links `bin -> usr/bin` themselves: here these names are one.
    if (isMergedDirectory(path)) {
      this.#makeDirectory(path);
      return;
    }
    if (linkTarget === "" || linkTarget.length > 4095 || linkTarget.includes("\0")) {
      throw new CopseError("deb-member-link", `Package contains a link without a valid target: \`${path}\``);
    }
    // `/lib/x -> /usr/lib/x` for hosts that have not merged: the same name twice.
    if (linkTarget.startsWith("/") && samePath(linkTarget, path)) return;
    this.#prepare(path);
    const real = this.#real(path);
    symlinkSync(fsPath(linkTarget), real);
    lutimesSync(real, STORE_TIME, STORE_TIME);
    this.#known.set(path, "symlink");
  }

  #writeHardLink(path: ByteString, existing: ByteString): void {
    const kind = this.#known.get(existing);
    if (kind !== "file" && kind !== "symlink") {
      throw new CopseError("deb-member-link", `Package contains a hard link to nothing in it: \`${path}\``);
    }
    if (path === existing) return;
    if (kind === "symlink") {
      const target = readlinkSync(this.#real(existing), { encoding: "latin1" });
      this.#writeLink(path, target);
      return;
    }
    this.#prepare(path);
    linkSync(this.#real(existing), this.#real(path));
    this.#known.set(path, "file");
  }

  /** Room for a file or link: parents made, an earlier member of the same name gone, as tar has it. */
  #prepare(path: ByteString): void {
    const known = this.#known.get(path);
    if (known === "directory") throw this.#clash(path);
    if (known !== undefined) unlinkSync(this.#real(path));
    else this.#makeParents(path);
  }

  #real(path: ByteString): string | Buffer {
    return fsPath(path === "" ? this.#target : `${this.#target}/${path}`);
  }

  #clash(path: ByteString): CopseError {
    return new CopseError("deb-member-clash", `Package contains a path of two kinds: \`${path}\``);
  }
}

function samePath(absolute: ByteString, path: ByteString): boolean {
  return !absolute.split("/").includes("..") && canonicalMemberPath(absolute.replace(/^\/+/, "")) === path;
}

function writeAll(file: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) offset += writeSync(file, bytes, offset, bytes.length - offset);
}
