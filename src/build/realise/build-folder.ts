/**
 * The folders of one build: `work`, on the store's own file system, from which outputs are moved into place, and
 * `build`, where the builder stands. Both are made when they are first asked for: most of what copse builds by itself
 * needs neither.
 *
 * `build` is what `--keep-failed` keeps, where it is: what the builder printed about it stays true.
 */

import { mkdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { byteStringFromText, CopseError } from "#base";
import { removeTree, type StorePlace } from "#store";

let count = 0;

export class BuildFolders {
  readonly #workPath: string;
  readonly #parent: string;
  #work: Promise<string> | undefined;
  #build: Promise<string> | undefined;
  #buildPath: string | undefined;

  /** `parent` is where `build` folders are made; default: beside the store's database. */
  constructor(place: StorePlace, options: { readonly workPath: string; readonly parent: string | null }) {
    this.#workPath = options.workPath;
    this.#parent = options.parent ?? join(place.stateDir, "builds");
  }

  work(): Promise<string> {
    this.#work ??= mkdir(this.#workPath, { mode: 0o700 }).then(() => this.#workPath);
    return this.#work;
  }

  /** `…/nix-<process>-<number>/build`: the folder above it belongs to us alone, whoever the builder is. */
  build(): Promise<string> {
    this.#build ??= this.#makeBuild();
    return this.#build;
  }

  /** The folder of a failed build that stays. Undefined if there was none. */
  keep(): string | undefined {
    this.#removeWork();
    return this.#buildPath;
  }

  /** What a builder leaves can be read-only folders. */
  remove(): void {
    this.#removeWork();
    if (this.#buildPath !== undefined) removeTree(byteStringFromText(dirname(this.#buildPath)));
  }

  #removeWork(): void {
    if (this.#work) removeTree(byteStringFromText(this.#workPath));
  }

  async #makeBuild(): Promise<string> {
    mkdirSync(this.#parent, { recursive: true, mode: 0o755 });
    for (;;) {
      const top = join(this.#parent, `nix-${process.pid}-${count++}`);
      try {
        await mkdir(top, { mode: 0o700 });
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Left by a process of the same number that was killed, or kept for someone to look at.
        if (code === "EEXIST") continue;
        throw new CopseError("build-folder", `Cannot make a folder for builds in \`${this.#parent}\``, {
          cause: error,
          hint: "the setting build-dir names another place",
        });
      }
      const path = join(top, "build");
      await mkdir(path, { mode: 0o700 });
      this.#buildPath = path;
      return path;
    }
  }
}
