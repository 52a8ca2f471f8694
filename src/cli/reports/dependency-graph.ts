/**
 * The graph of references below some paths, in two languages of other programs: Graphviz's DOT and GraphML. Both list
 * a node and then its edges, always taking the first of the paths not yet done, in the order of their digests.
 */
import { type StorePath, storePathBase, storePathName } from "#format";
import type { ReferencesOf } from "./dependency-tree.ts";

const EDGE_COLOURS = ["black", "red", "green", "blue", "magenta", "burlywood"] as const;

/** Graphviz. An edge goes from a dependency to what needs it. */
export function* dotGraph(paths: readonly StorePath[], referencesOf: ReferencesOf): Generator<string> {
  yield "digraph G {";
  let edges = 0;
  for (const path of reachable(paths, referencesOf)) {
    const name = storePathName(path);
    yield `"${storePathBase(path)}" [label = "${name}", shape = box, style = filled, fillcolor = "#ff0000"];`;
    for (const reference of referencesOf(path)) {
      if (reference === path) continue;
      const colour = EDGE_COLOURS[edges++ % EDGE_COLOURS.length];
      yield `"${storePathBase(reference)}" -> "${storePathBase(path)}" [color = "${colour}"];`;
    }
  }
  yield "}";
}

/** GraphML. An edge goes from a path to what it needs. Names and digests need no quoting in XML. */
export function* graphml(
  paths: readonly StorePath[],
  referencesOf: ReferencesOf,
  narSizeOf: (path: StorePath) => number,
): Generator<string> {
  yield "<?xml version='1.0' encoding='utf-8'?>";
  yield "<graphml xmlns='http://graphml.graphdrawing.org/xmlns'";
  yield "    xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
  yield "    xsi:schemaLocation='http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd'>";
  yield [
    "<key id='narSize' for='node' attr.name='narSize' attr.type='long'/>",
    "<key id='name' for='node' attr.name='name' attr.type='string'/>",
    "<key id='type' for='node' attr.name='type' attr.type='string'/>",
    "<graph id='G' edgedefault='directed'>",
  ].join("");
  for (const path of reachable(paths, referencesOf)) {
    yield `  <node id="${storePathBase(path)}">`;
    yield `    <data key="narSize">${narSizeOf(path)}</data>`;
    yield `    <data key="name">${symbolicName(storePathName(path))}</data>`;
    yield `    <data key="type">${path.endsWith(".drv") ? "derivation" : "output-path"}</data>`;
    yield "  </node>";
    for (const reference of referencesOf(path)) {
      if (reference !== path)
        yield `  <edge source="${storePathBase(path)}" target="${storePathBase(reference)}"/>`;
    }
  }
  yield "</graph>";
  yield "</graphml>";
}

/** Nix's idea of a name without its version: up to the first dash, which stays; nothing where there is none. */
function symbolicName(name: string): string {
  return name.slice(0, name.indexOf("-") + 1);
}

function* reachable(paths: readonly StorePath[], referencesOf: ReferencesOf): Generator<StorePath> {
  const waiting = new SortedQueue(paths);
  const done = new Set<StorePath>();
  for (let path = waiting.takeFirst(); path !== undefined; path = waiting.takeFirst()) {
    if (done.has(path)) continue;
    done.add(path);
    yield path;
    for (const reference of referencesOf(path)) if (!done.has(reference)) waiting.add(reference);
  }
}

/** A set from which the smallest is taken: a binary heap. */
class SortedQueue {
  readonly #heap: StorePath[] = [];

  constructor(paths: Iterable<StorePath>) {
    for (const path of paths) this.add(path);
  }

  add(path: StorePath): void {
    const heap = this.#heap;
    let i = heap.push(path) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]! <= path) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = path;
  }

  takeFirst(): StorePath | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
      if (last <= heap[child]!) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}
