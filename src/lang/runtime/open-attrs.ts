/**
 * Open sets: an extension of the language by which a package set can answer for names that it does not list.
 * Selection, `?` and `or` ask; `attrNames` and whatever else enumerates sees the listed names. `//` keeps a set
 * open, so that an overlay's result still answers.
 */
import type { ByteString } from "#base";
import { Attrs } from "./attrs.ts";
import type { Lazy } from "./value.ts";

export interface OpenNames {
  /** The value of a name that is not listed, if there is one. Asked again and again: remember what is costly. */
  find(name: ByteString): Lazy | undefined;
  /** What to say where a name is not to be had: the names nearby, where was looked. */
  hintFor(name: ByteString): string;
}

export class OpenAttrs extends Attrs {
  readonly #open: OpenNames;

  constructor(listed: Attrs, open: OpenNames) {
    listed.flat();
    super(listed.shape, listed.slots, undefined);
    this.#open = open;
  }

  override get(name: ByteString): Lazy | undefined {
    const listed = super.get(name);
    return listed === undefined ? this.#open.find(name) : listed;
  }

  override has(name: ByteString): boolean {
    return super.has(name) || this.#open.find(name) !== undefined;
  }

  /** Never known to be: it may answer for any name. */
  override get isEmpty(): boolean {
    return false;
  }

  override withNature(changed: Attrs): Attrs {
    return new OpenAttrs(changed, this.#open);
  }

  override hintFor(name: ByteString): string {
    return this.#open.hintFor(name);
  }
}
