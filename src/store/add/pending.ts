/**
 * Small files that evaluation has made and nobody has read yet. One evaluation makes hundreds; most are valid
 * already from the last time. So they are kept in memory and looked up together, and what is missing is
 * written and registered in one transaction.
 */
import { closeSync, openSync, renameSync, unlinkSync } from "node:fs";
import { bytesFromByteString } from "#base";
import {
  createHasher,
  type Derivation,
  encodeNar,
  formatDerivation,
  hashBytes,
  type StorePath,
} from "#format";
import { fileError } from "#host";
import { derivationOutputs, derivationReferences } from "../derivation-file.ts";
import { type PathInfo, textContentAddress } from "../path-info.ts";
import type { StoreContext } from "../store-context.ts";
import { finishFile, writeFully } from "../trees/canonical-entries.ts";
import { moveIntoPlace } from "../trees/place-tree.ts";

export type PendingFile =
  | {
      readonly kind: "text";
      readonly path: StorePath;
      readonly contents: Buffer;
      readonly references: readonly StorePath[];
    }
  | { readonly kind: "derivation"; readonly path: StorePath; readonly derivation: Derivation };

/** Flushed by itself beyond this, so that generated text does not pile up. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_FILES = 50_000;

export class PendingFiles {
  readonly #context: StoreContext;
  readonly #files = new Map<StorePath, PendingFile>();
  #bytes = 0;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  get isEmpty(): boolean {
    return this.#files.size === 0;
  }

  get(path: StorePath): PendingFile | undefined {
    return this.#files.get(path);
  }

  add(file: PendingFile): void {
    if (this.#files.has(file.path)) return;
    this.#files.set(file.path, file);
    this.#bytes += file.kind === "text" ? file.contents.length : 0;
    if (this.#bytes > MAX_BYTES || this.#files.size > MAX_FILES) this.flush();
  }

  flush(): void {
    if (this.#files.size === 0) return;
    const { db } = this.#context;
    if (this.#missing().length > 0) this.#context.protect(...this.#files.keys());
    // Asked again: what is kept from collectors only now may have been collected in between.
    const missing = this.#missing();
    const infos = missing.map((file) => this.#write(file));
    db.registerPaths(infos, (path) => {
      const file = this.#files.get(path);
      return file?.kind === "derivation" ? derivationOutputs(file.derivation) : new Map();
    });
    this.#files.clear();
    this.#bytes = 0;
  }

  #missing(): PendingFile[] {
    const valid = this.#context.db.validOf([...this.#files.keys()]);
    return [...this.#files.values()].filter((file) => !valid.has(file.path));
  }

  #write(file: PendingFile): PathInfo {
    const contents =
      file.kind === "text" ? file.contents : bytesFromByteString(formatDerivation(file.derivation));
    const references =
      file.kind === "text" ? [...new Set(file.references)].sort() : derivationReferences(file.derivation);
    const real = this.#context.realPath(file.path);
    try {
      writeTextFile(this.#context.tempPath(), real, contents);
    } catch (error) {
      throw fileError(error, real);
    }
    return {
      path: file.path,
      ...describeNar(contents),
      references,
      registrationTime: this.#context.nowSeconds(),
      ca: textContentAddress(hashBytes("sha256", contents)),
      ultimate: false,
    };
  }
}

// No lock is needed: whoever else writes this path at the same time writes the same bytes, and a rename is
// all or nothing.
function writeTextFile(temporary: string, real: string, contents: Buffer): void {
  const fd = openSync(temporary, "wx", 0o600);
  try {
    writeFully(fd, contents);
    finishFile(fd, false);
  } finally {
    closeSync(fd);
  }
  try {
    renameSync(temporary, real);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EISDIR") {
      unlinkSync(temporary);
      throw error;
    }
    moveIntoPlace(temporary, real);
  }
}

function describeNar(contents: Buffer): Pick<PathInfo, "narHash" | "narSize"> {
  const hasher = createHasher("sha256");
  let narSize = 0;
  const file = { kind: "file", executable: false, sizeBytes: contents.length } as const;
  for (const chunk of encodeNar({ ...file, contents: () => [contents] })) {
    hasher.update(chunk);
    narSize += chunk.length;
  }
  return { narHash: hasher.digest(), narSize };
}
