/** A file system in memory, for tests: directories, files and links, with modes that nobody enforces. */
import {
  type DirectoryEntry,
  type FileInfo,
  type FileSystem,
  fileError,
  fileTooLarge,
  type ReadOptions,
  type WriteOptions,
} from "./file-system.ts";

type Node =
  | { readonly kind: "directory"; readonly entries: Map<string, Node>; mode: number }
  | { readonly kind: "regular"; readonly bytes: Uint8Array; mode: number }
  | { readonly kind: "symlink"; readonly target: string; mode: number };
type Directory = Extract<Node, { kind: "directory" }>;

const MAX_LINKS = 40;

export class MemoryFileSystem implements FileSystem {
  readonly #root: Directory = directory();
  #tempCount = 0;

  /** Files by path; directories come into being by themselves. */
  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, contents] of Object.entries(files)) {
      this.#makeDirectory(parent(path));
      this.#put(path, regular(contents, 0o644));
    }
  }

  async readFile(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted();
    const bytes = this.readFileSync(path);
    if (options.maxBytes !== undefined && bytes.length > options.maxBytes) {
      throw fileTooLarge(path, options.maxBytes);
    }
    return bytes;
  }

  async readText(path: string, options?: ReadOptions): Promise<string> {
    return Buffer.from(await this.readFile(path, options)).toString("utf8");
  }

  async *readStream(
    path: string,
    options: { readonly start?: number; readonly end?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Uint8Array> {
    const bytes = (await this.readFile(path, options)).subarray(options.start ?? 0, options.end);
    // In pieces, so that consumers meet their boundaries.
    for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  }

  async writeFile(path: string, contents: Uint8Array | string, options: WriteOptions = {}): Promise<void> {
    const existing = this.#entry(path);
    if (options.exclusive && existing) throw fileError("EEXIST", path);
    if (existing?.kind === "directory") throw fileError("EISDIR", path);
    this.#put(path, regular(contents, options.mode ?? 0o644));
  }

  async appendFile(path: string, contents: Uint8Array | string): Promise<void> {
    const target = this.#resolve(path);
    const old = target === undefined ? new Uint8Array() : this.readFileSync(path);
    this.#put(path, regular(Buffer.concat([old, Buffer.from(contents as string)]), target?.mode ?? 0o644));
  }

  stat = async (path: string) => this.statSync(path);
  linkStat = async (path: string) => this.linkStatSync(path);
  readDirectory = async (path: string) => this.readDirectorySync(path);
  readLink = async (path: string) => this.readLinkSync(path);

  async realPath(path: string): Promise<string> {
    const found = this.#walk(path, true);
    if (found?.node === undefined) throw fileError("ENOENT", path);
    return found.path;
  }

  async makeDirectory(path: string): Promise<void> {
    this.#makeDirectory(path);
  }

  async makeLink(path: string, target: string): Promise<void> {
    if (this.#entry(path)) throw fileError("EEXIST", path);
    this.#put(path, { kind: "symlink", target, mode: 0o777 });
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.#entry(from);
    if (node === undefined) throw fileError("ENOENT", from);
    const target = this.#entry(to);
    if (target?.kind === "directory") {
      if (node.kind !== "directory") throw fileError("EISDIR", from);
      if (target.entries.size > 0) throw fileError("ENOTEMPTY", from);
    } else if (target !== undefined && node.kind === "directory") {
      throw fileError("ENOTDIR", from);
    }
    this.#put(to, node);
    this.#directory(parent(from)).entries.delete(base(from));
  }

  async remove(path: string): Promise<void> {
    if (this.#entry(path) !== undefined) this.#directory(parent(path)).entries.delete(base(path));
  }

  async setMode(path: string, mode: number): Promise<void> {
    const node = this.#resolve(path);
    if (node === undefined) throw fileError("ENOENT", path);
    node.mode = mode;
  }

  async makeTempDirectory(prefix: string): Promise<string> {
    const path = `${prefix}${String(this.#tempCount++).padStart(6, "0")}`;
    this.#put(path, directory());
    return path;
  }

  readFileSync(path: string): Uint8Array {
    const node = this.#resolve(path);
    if (node === undefined) throw fileError("ENOENT", path);
    if (node.kind !== "regular") throw fileError("EISDIR", path);
    return node.bytes;
  }

  linkStatSync(path: string): FileInfo | undefined {
    return info(this.#walk(path, false)?.node);
  }

  statSync(path: string): FileInfo | undefined {
    return info(this.#resolve(path));
  }

  readDirectorySync(path: string): DirectoryEntry[] {
    return [...this.#directory(path).entries]
      .map(([name, node]) => ({ name, kind: node.kind }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }

  readLinkSync(path: string): string {
    const node = this.#entry(path);
    if (node === undefined) throw fileError("ENOENT", path);
    if (node.kind !== "symlink") throw fileError("EINVAL", path);
    return node.target;
  }

  #resolve(path: string): Node | undefined {
    return this.#walk(path, true)?.node;
  }

  /** The entry itself, which may be a link. Its directory must exist. */
  #entry(path: string): Node | undefined {
    return path === "/" ? this.#root : this.#directory(parent(path)).entries.get(base(path));
  }

  #directory(path: string): Directory {
    const node = this.#resolve(path);
    if (node === undefined) throw fileError("ENOENT", path);
    if (node.kind !== "directory") throw fileError("ENOTDIR", path);
    return node;
  }

  #put(path: string, node: Node): void {
    this.#directory(parent(path)).entries.set(base(path), node);
  }

  #makeDirectory(path: string): void {
    let at = "";
    for (const name of parts(path)) {
      at += `/${name}`;
      const node = this.#resolve(at);
      if (node === undefined) this.#put(at, directory());
      else if (node.kind !== "directory") throw fileError("ENOTDIR", path);
    }
  }

  /** Where a path leads, and what is there. Undefined where a directory on the way is missing. */
  #walk(path: string, followLast: boolean, links = 0): { path: string; node: Node | undefined } | undefined {
    if (links > MAX_LINKS) throw fileError("ELOOP", path);
    let node: Node | undefined = this.#root;
    let at = "";
    const names = parts(path);
    for (const [index, name] of names.entries()) {
      if (node?.kind !== "directory") return undefined;
      if (name === "..")
        return this.#walk([parent(at || "/"), ...names.slice(index + 1)].join("/"), followLast, links);
      node = node.entries.get(name);
      const isLast = index === names.length - 1;
      if (node?.kind === "symlink" && (!isLast || followLast)) {
        const target = node.target.startsWith("/") ? node.target : `${at}/${node.target}`;
        return this.#walk([target, ...names.slice(index + 1)].join("/"), followLast, links + 1);
      }
      at += `/${name}`;
    }
    return { path: at || "/", node };
  }
}

function directory(): Directory {
  return { kind: "directory", entries: new Map(), mode: 0o755 };
}

function regular(contents: Uint8Array | string, mode: number): Node {
  return { kind: "regular", bytes: Uint8Array.from(Buffer.from(contents as string)), mode };
}

function info(node: Node | undefined): FileInfo | undefined {
  if (node === undefined) return undefined;
  const sizeBytes = node.kind === "regular" ? node.bytes.length : 0;
  return { kind: node.kind, sizeBytes, mode: node.mode, mtimeMs: 0 };
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function parent(path: string): string {
  return `/${parts(path).slice(0, -1).join("/")}`;
}

function base(path: string): string {
  return parts(path).at(-1) ?? "";
}
