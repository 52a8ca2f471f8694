/**
 * The evaluator's world, for real: files, the environment, the store. Whatever it is asked is recorded, so that
 * the result can be used again while nothing that was read has changed.
 *
 * Paths below `/nix/store` are logical and are read where the store really lies.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import {
  type ByteString,
  byteStringFromBytes,
  byteStringFromText,
  bytesFromByteString,
  CopseError,
  textFromByteString,
} from "#base";
import type { ReadRecorder } from "#build/warm";
import { type Derivation, STORE_DIR, type StorePath, storePathBase } from "#format";
import type { AddPathRequest, EvalHost, FetchRequest, FileKind, RealiseRequest } from "#lang";
import { type Store, type TreeRequest, treePath } from "#store";
import { AccessRules, forbidUri, isAllowedUri } from "./access.ts";

/** What the evaluator must wait for: asked through the blocking bridge, from a thread of its own. */
export interface BlockingServices {
  realise(wanted: readonly RealiseRequest[]): void;
  fetch(request: FetchRequest): StorePath;
}

export interface EvalHostOptions {
  readonly store: Store;
  readonly recorder: ReadRecorder;
  readonly blocking: BlockingServices;
  readonly system: string | undefined;
  readonly searchPath: EvalHost["searchPath"];
  readonly variable: (name: string) => string;
  readonly message: EvalHost["message"];
  /** Paths of sources are computed, nothing is copied. */
  readonly readOnly: boolean;
  /** Of restricted evaluation: it sees the search path, the store and these addresses. */
  readonly restriction: { readonly allowedUris: readonly string[] } | undefined;
}

/** How many parts of a path, split at slashes, name a store object. */
const STORE_DEPTH = STORE_DIR.split("/").length + 1;

export function createEvalHost(options: EvalHostOptions): EvalHost {
  const { store, recorder } = options;
  let now: number | undefined;
  /** Of read-only evaluation: they stand nowhere but here. */
  const computed = new Map<StorePath, Derivation>();
  const onHostOnly = new Map<ByteString, boolean>();

  /** The real place of a logical path. Store objects are immutable: reading them needs no recording. */
  function locate(path: ByteString): {
    readonly bytes: ByteString;
    /** The same for Node: bytes where text would not do. */
    readonly real: Buffer | string;
    readonly inStore: boolean;
  } {
    const inStore = path.startsWith(`${STORE_DIR}/`) && !isOnHostOnly(path);
    const bytes = inStore ? byteStringFromText(store.realPath(path)) : path;
    return { bytes, real: isAscii(bytes) ? bytes : bytesFromByteString(bytes), inStore };
  }
  /**
   * What a store that lies elsewhere lacks may still be in the machine's own store directory, as for C++ Nix. Then it is a
   * file like any other.
   */
  function isOnHostOnly(path: ByteString): boolean {
    if (store.place.realStoreDir === STORE_DIR) return false;
    const top = path.split("/", STORE_DEPTH).join("/");
    let known = onHostOnly.get(top);
    if (known === undefined) {
      known =
        statOrNothing(store.realPath(text(top))) === undefined && statOrNothing(text(top)) !== undefined;
      onHostOnly.set(top, known);
    }
    return known;
  }
  /** What is not in the store cannot be built without writing it there. */
  function requireWritten(wanted: RealiseRequest): void {
    const path = wanted.kind === "output" ? wanted.drvPath : wanted.path;
    if (store.isValid(path)) return;
    throw new CopseError("store-path-not-valid", `path '${storePathBase(path)}' is not valid`, {
      hint: "read-only evaluation writes no derivations: --read-write-mode lets it build what it imports",
    });
  }
  const text = (path: ByteString): string => textFromByteString(path);
  const rules =
    options.restriction &&
    new AccessRules(
      options.searchPath.map(({ path }) => path).filter((path) => path.startsWith("/")),
      {
        fileKind: (path) => {
          const stats = statOrNothing(locate(path).real);
          return stats && kindOf(stats);
        },
        readLink: (path) => byteStringFromBytes(readlinkSync(locate(path).real, { encoding: "buffer" })),
      },
    );

  function checkUri(url: string): void {
    const { restriction } = options;
    if (!restriction || isAllowedUri(url, restriction.allowedUris)) return;
    const file = url.startsWith("/") ? url : /^file:\/\/(\/.*)$/.exec(url)?.[1];
    if (file === undefined || !rules?.mayRead(byteStringFromText(file))) forbidUri(url);
  }

  return {
    currentSystem: options.system,
    storeDir: STORE_DIR,
    home: options.variable("HOME") || undefined,
    searchPath: options.searchPath,

    readFile(path) {
      const { real, inStore } = locate(path);
      if (!inStore) recorder.file(text(path));
      return reading(path, () => readFileSync(real));
    },
    readDirectory(path) {
      const { real, inStore } = locate(path);
      if (!inStore) recorder.directory(text(path));
      const entries = reading(path, () => readdirSync(real, { withFileTypes: true, encoding: "buffer" }));
      const kinds = new Map(
        entries.map((entry) => [byteStringFromBytes(entry.name as unknown as Uint8Array), kindOf(entry)]),
      );
      if (!rules || inStore) return kinds;
      const visible = rules.visibleIn(path, kinds.keys());
      return new Map([...kinds].filter(([name]) => visible.has(name)));
    },
    fileKind(path) {
      if (path === STORE_DIR) return "directory";
      const { real, inStore } = locate(path);
      if (!inStore) recorder.fileKind(text(path));
      const stats = statOrNothing(real);
      return stats && kindOf(stats);
    },
    readLink(path) {
      const { real, inStore } = locate(path);
      if (!inStore) recorder.link(text(path));
      return reading(path, () => byteStringFromBytes(readlinkSync(real, { encoding: "buffer" })));
    },
    getEnv(name) {
      const value = options.variable(text(name));
      recorder.variable(text(name), value);
      return byteStringFromText(value);
    },
    currentTime() {
      recorder.uncacheable("the time");
      now ??= Math.floor(Date.now() / 1000);
      return now;
    },

    addPath(request: AddPathRequest) {
      const { path, filter, expectedHash } = request;
      const { bytes, inStore } = locate(path);
      if (!inStore) recorder.tree(text(path));
      const references = request.storeObject && store.queryInfo(request.storeObject)?.references;
      const tree: TreeRequest = {
        name: request.name,
        source: bytes,
        method: request.method,
        ...(references && { references }),
        ...(filter && { filter: filterOn(path, bytes, filter) }),
        ...(expectedHash && { expectedHash }),
      };
      return options.readOnly ? treePath(tree) : store.addTree(tree);
    },
    addText: (request) => store.addText(request),
    addDerivation(path: StorePath, derivation: Derivation) {
      if (options.readOnly) computed.set(path, derivation);
      else store.addDerivation(derivation, path);
    },
    readDerivation: (path) => computed.get(path) ?? store.readDerivation(path),
    realise(wanted) {
      if (options.readOnly) for (const path of wanted) requireWritten(path);
      store.flush();
      options.blocking.realise(wanted);
    },
    outputPath(drvPath, output) {
      const path = store.queryOutputs(drvPath).get(output);
      if (path !== undefined) return path;
      throw new CopseError("output-unknown", `derivation '${drvPath}' does not have output '${output}'`);
    },
    isValidPath: (path) => store.isValid(path),
    closure: (path) => store.closure([path]),
    ...(rules && { mayRead: (path: ByteString) => rules.mayRead(path) }),
    fetch(request) {
      const { url, path, type } = request.args;
      const source = type === "path" ? path : url;
      if (typeof source === "string") checkUri(source);
      if (type === "path") recorder.tree(String(path));
      else if (!request.expectedHash) recorder.uncacheable("a fetch without a hash");
      return options.blocking.fetch(request);
    },
    message: options.message,
  };
}

/** Filters see the path that the expression named, whatever the store's real place. */
function filterOn(
  logical: ByteString,
  real: ByteString,
  filter: NonNullable<AddPathRequest["filter"]>,
): NonNullable<AddPathRequest["filter"]> {
  return real === logical ? filter : (path, kind) => filter(logical + path.slice(real.length), kind);
}

function kindOf(entry: Pick<Stats, "isFile" | "isDirectory" | "isSymbolicLink">): FileKind {
  if (entry.isFile()) return "regular";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "unknown";
}

function statOrNothing(path: Buffer | string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

const READ_ERRORS: Readonly<Record<string, readonly [code: string, message: string]>> = {
  ENOENT: ["file-not-found", "Path does not exist"],
  ENOTDIR: ["not-a-directory", "Path is not a directory"],
  EISDIR: ["not-a-file", "Path is a directory, not a file"],
  EACCES: ["file-unreadable", "Path may not be read"],
  ELOOP: ["file-not-found", "Path leads through too many links"],
};

function reading<T>(path: ByteString, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const known = READ_ERRORS[(error as NodeJS.ErrnoException).code ?? ""];
    if (!known) throw error;
    throw new CopseError(known[0], `${known[1]}: \`${path}\``);
  }
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}
