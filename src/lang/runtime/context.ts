/**
 * String contexts: which store objects a string mentions. An element, in Nix's own encoding with logical store
 * paths, is one of
 *
 * - `/nix/store/…-x`: an opaque path;
 * - `=/nix/store/…-x.drv`: a derivation with its whole closure (`drvPath`);
 * - `!out!/nix/store/…-x.drv`: an output of a derivation (`outPath`).
 *
 * Nix writes base names instead of whole paths; the order of elements is the same in both.
 */
import type { ByteString } from "#base";

export type ContextElement =
  | { readonly kind: "opaque"; readonly path: string }
  | { readonly kind: "drv-deep"; readonly drvPath: string }
  | { readonly kind: "built"; readonly drvPath: string; readonly output: string };

/** Immutable and never empty; "no context" is `undefined`. */
export class StringContext {
  readonly #elements: ReadonlySet<ByteString>;
  #sorted: readonly ByteString[] | undefined = undefined;

  private constructor(elements: ReadonlySet<ByteString>) {
    this.#elements = elements;
  }

  static of(element: ContextElement): StringContext {
    return new StringContext(new Set([formatContextElement(element)]));
  }

  /** Undefined when there are none. */
  static fromEncoded(elements: Iterable<ByteString>): StringContext | undefined {
    const set = new Set(elements);
    return set.size === 0 ? undefined : new StringContext(set);
  }

  get size(): number {
    return this.#elements.size;
  }

  has(encoded: ByteString): boolean {
    return this.#elements.has(encoded);
  }

  /** In byte order, encoded. */
  encoded(): readonly ByteString[] {
    this.#sorted ??= [...this.#elements].sort();
    return this.#sorted;
  }

  elements(): ContextElement[] {
    return this.encoded().map(parseContextElement);
  }

  /** One of the two where it already has all elements. */
  union(other: StringContext): StringContext {
    if (this === other) return this;
    const [large, small] = this.size >= other.size ? [this, other] : [other, this];
    let missing = false;
    for (const element of small.#elements) missing ||= !large.#elements.has(element);
    return missing ? new StringContext(large.#elements.union(small.#elements)) : large;
  }
}

export function unionContexts(
  a: StringContext | undefined,
  b: StringContext | undefined,
): StringContext | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : a.union(b);
}

export function formatContextElement(element: ContextElement): ByteString {
  switch (element.kind) {
    case "opaque":
      return element.path;
    case "drv-deep":
      return `=${element.drvPath}`;
    case "built":
      return `!${element.output}!${element.drvPath}`;
  }
}

export function parseContextElement(encoded: ByteString): ContextElement {
  if (encoded.startsWith("=")) return { kind: "drv-deep", drvPath: encoded.slice(1) };
  if (!encoded.startsWith("!")) return { kind: "opaque", path: encoded };
  const end = encoded.indexOf("!", 1);
  return { kind: "built", output: encoded.slice(1, end), drvPath: encoded.slice(end + 1) };
}

/** As Nix shows an element in messages: `/nix/store/…-x.drv^out`. */
export function displayContextElement(encoded: ByteString): ByteString {
  const element = parseContextElement(encoded);
  switch (element.kind) {
    case "opaque":
      return element.path;
    case "drv-deep":
      return `${element.drvPath} (deep)`;
    case "built":
      return `${element.drvPath}^${element.output}`;
  }
}

/**
 * Collects the contexts of the parts of a string that is being built. Most strings have one context or none, which is
 * passed on as it is; from the second on they go into one set, so that many parts do not cost their square.
 */
export class ContextCollector {
  #first: StringContext | undefined = undefined;
  #all: Set<ByteString> | undefined = undefined;

  add(context: StringContext | undefined): void {
    if (context === undefined || context === this.#first) return;
    if (this.#first === undefined) {
      this.#first = context;
      return;
    }
    this.#all ??= new Set(this.#first.encoded());
    for (const element of context.encoded()) this.#all.add(element);
  }

  get context(): StringContext | undefined {
    return this.#all === undefined ? this.#first : StringContext.fromEncoded(this.#all);
  }
}
