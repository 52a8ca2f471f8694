/**
 * What the evaluator needs of the world. The language declares it and knows no store, file system or network
 * beyond it; `src/build` supplies the real one, tests an in-memory one. Everything is synchronous: an
 * implementation that must wait does so through the blocking bridge.
 */
import type { ByteString } from "#base";
import type { Derivation, Hash, StorePath } from "#format";

export type FileKind = "regular" | "directory" | "symlink" | "unknown";

export interface EvalHost {
  /** `x86_64-linux`; undefined in pure evaluation. */
  readonly currentSystem: string | undefined;
  /** Always `/nix/store` in practice. Store paths are logical; the host maps them to real files. */
  readonly storeDir: string;
  readonly home: string | undefined;
  /** Entries of `NIX_PATH` and `-I`, in order. An empty prefix matches every name. */
  readonly searchPath: readonly { readonly prefix: string; readonly path: string }[];

  /** Throws CopseError `file-not-found`, `not-a-file`, `file-unreadable`. */
  readFile(path: ByteString): Uint8Array;
  /** Kinds by name, of a directory. Throws `file-not-found`, `not-a-directory`. */
  readDirectory(path: ByteString): ReadonlyMap<ByteString, FileKind>;
  /** Without following a final symlink; undefined where nothing is. */
  fileKind(path: ByteString): FileKind | undefined;
  readLink(path: ByteString): ByteString;
  /** Empty string where unset, as in Nix. */
  getEnv(name: ByteString): ByteString;
  /** Seconds since the epoch, one value for a whole evaluation. */
  currentTime(): number;

  /** Whether restricted evaluation may read a path. Without: whatever lies below the search path. */
  mayRead?(path: ByteString): boolean;

  /** Copies a file tree into the store, as `${./path}` and `builtins.path` do. */
  addPath(request: AddPathRequest): StorePath;
  /** `builtins.toFile`. */
  addText(request: { name: string; contents: ByteString; references: readonly StorePath[] }): StorePath;
  /** Writes the .drv file, or only remembers it in read-only mode. `path` is already computed and correct. */
  addDerivation(path: StorePath, derivation: Derivation): void;
  /** A derivation that the evaluation did not make itself. Throws `not-a-derivation`. */
  readDerivation(path: StorePath): Derivation;
  /** Makes these valid before their files are read: import from derivation. Drv outputs are built. */
  realise(wanted: readonly RealiseRequest[]): void;
  /** Of an output that has been realised. Throws `output-unknown`. */
  outputPath(drvPath: StorePath, output: string): StorePath;
  isValidPath(path: StorePath): boolean;
  /** For `exportReferencesGraph`-like needs of `builtins.storePath` and contexts with `allOutputs`. */
  closure(path: StorePath): readonly StorePath[];
  /** `builtins.fetchurl`, `fetchTarball`, `fetchGit`, `fetchTree`: the store path of what was fetched. */
  fetch(request: FetchRequest): StorePath;
  /** `builtins.trace`, warnings: a line for the user. */
  message(level: "trace" | "warning" | "note", text: ByteString): void;
}

export interface AddPathRequest {
  /** What this one refers to, the added one refers to as well: a part of it or all of it is copied. */
  readonly storeObject?: StorePath | undefined;
  readonly path: ByteString;
  readonly name: string;
  readonly method: "nar" | "flat";
  readonly filter?: ((path: ByteString, kind: FileKind) => boolean) | undefined;
  readonly expectedHash?: Hash | undefined;
}

export type RealiseRequest =
  | { readonly kind: "path"; readonly path: StorePath }
  | { readonly kind: "output"; readonly drvPath: StorePath; readonly output: string };

export interface FetchRequest {
  readonly method: "url" | "tarball" | "git" | "tree";
  readonly name: string;
  readonly args: Readonly<Record<string, string | number | boolean>>;
  readonly expectedHash?: Hash | undefined;
}
