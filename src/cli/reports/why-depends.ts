/**
 * Why a path needs another: the part of its graph of references that leads there, shortest way first.
 *
 * Each path below knows its distance to the dependency. A walk from the top follows references in the order of that
 * distance; asked for one way only, it ends when it arrives.
 */
import type { StorePath } from "#format";
import { TREE } from "./dependency-tree.ts";

export interface WhyOptions {
  /** All ways instead of a shortest one. */
  readonly all: boolean;
  /** For each edge, the places in the referring path's files; without it, paths alone are shown. */
  readonly occurrences?: ((path: StorePath, references: readonly StorePath[]) => Occurrences) | undefined;
}

/** For each reference, where it was found: lines of text. */
export type Occurrences = ReadonlyMap<StorePath, readonly string[]>;

interface Node {
  readonly path: StorePath;
  /** References from which the dependency can be reached, nearest first. */
  readonly onward: StorePath[];
  visited: boolean;
}

/** `closure` holds the references of everything that `from` needs. Undefined where `to` is not among it. */
export function whyDepends(
  closure: ReadonlyMap<StorePath, readonly StorePath[]>,
  ends: { readonly from: StorePath; readonly to: StorePath },
  options: WhyOptions,
): string[] | undefined {
  if (!closure.has(ends.to)) return undefined;
  const walk = new Walk(waysTo(closure, ends), ends, options);
  walk.run();
  return walk.lines;
}

function waysTo(
  closure: ReadonlyMap<StorePath, readonly StorePath[]>,
  { from, to }: { readonly from: StorePath; readonly to: StorePath },
): Map<StorePath, Node> {
  const distance = distancesTo(closure, to);
  const nodes = new Map<StorePath, Node>();
  for (const [path, references] of closure) {
    if (!distance.has(path)) continue;
    const onward = references
      .filter((reference) => distance.has(reference) && (reference !== path || from === to))
      // Sorting is stable: of equally near ones the order of paths decides.
      .sort((a, b) => distance.get(a)! - distance.get(b)!);
    nodes.set(path, { path, onward, visited: false });
  }
  return nodes;
}

/** Breadth first over the reversed references. */
function distancesTo(
  closure: ReadonlyMap<StorePath, readonly StorePath[]>,
  to: StorePath,
): Map<StorePath, number> {
  const referrers = new Map<StorePath, StorePath[]>();
  for (const [path, references] of closure) {
    for (const reference of references) {
      const list = referrers.get(reference);
      if (list) list.push(path);
      else referrers.set(reference, [path]);
    }
  }
  const distance = new Map<StorePath, number>([[to, 0]]);
  // A map is walked in the order of insertion, also over what is inserted meanwhile: it is the queue.
  for (const [path, steps] of distance) {
    for (const referrer of referrers.get(path) ?? [])
      if (!distance.has(referrer)) distance.set(referrer, steps + 1);
  }
  return distance;
}

const FAINT = "\x1b[38;5;244m";
const NORMAL = "\x1b[0m";

class Walk {
  readonly lines: string[] = [];
  readonly #nodes: ReadonlyMap<StorePath, Node>;
  readonly #ends: { readonly from: StorePath; readonly to: StorePath };
  readonly #options: WhyOptions;

  constructor(
    nodes: ReadonlyMap<StorePath, Node>,
    ends: { readonly from: StorePath; readonly to: StorePath },
    options: WhyOptions,
  ) {
    this.#nodes = nodes;
    this.#ends = ends;
    this.#options = options;
  }

  run(): void {
    const { from } = this.#ends;
    if (this.#options.occurrences === undefined) this.lines.push(from);
    this.#visit(from, "", "");
  }

  /** Whether the walk goes on. */
  #visit(path: StorePath, firstPad: string, restPad: string): boolean {
    const { all, occurrences } = this.#options;
    const { from, to } = this.#ends;
    const node = this.#nodes.get(path)!;
    if (occurrences !== undefined) this.#show(node, firstPad, firstPad === "" ? "" : "→ ");
    if (path === to && !all && from !== to) return false;
    if (node.visited) return true;
    if (occurrences !== undefined) node.visited = true;
    const found = occurrences?.(path, node.onward);
    for (const [index, reference] of node.onward.entries()) {
      const isLast = !all || index === node.onward.length - 1;
      this.#showOccurrences(found?.get(reference) ?? [], restPad, isLast);
      if (occurrences === undefined) {
        this.#show(this.#nodes.get(reference)!, firstPad, isLast ? TREE.last : TREE.branch);
        node.visited = true;
      }
      const pad = restPad + (isLast ? TREE.blank : TREE.line);
      if (!this.#visit(reference, pad, pad)) return false;
    }
    return true;
  }

  #show(node: Node, pad: string, mark: string): void {
    // The mark of a tree stands behind the colour, the arrow too.
    this.lines.push(`${pad}${node.visited ? FAINT : ""}${mark}${node.path}${NORMAL}`);
  }

  #showOccurrences(places: readonly string[], pad: string, isLast: boolean): void {
    const shown = this.#options.all ? places : places.slice(0, 1);
    const [first, rest] = isLast ? [TREE.last, TREE.blank] : [TREE.branch, TREE.line];
    // Nix marks a repeated line as it marks the first one.
    for (const place of shown) this.lines.push(`${pad}${place === shown[0] ? first : rest}${place}`);
  }
}
