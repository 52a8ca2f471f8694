/** What a trigger sees of the root that is being composed, and where it leaves what it makes. */
import type { ByteString } from "#base";
import type { Stanza } from "#format";
import type { Delta } from "./delta.ts";
import type { MergedTree, TreeSource } from "./merged-tree.ts";

export interface RootPackage {
  readonly source: TreeSource;
  readonly name: string;
  readonly control: Stanza;
}

export interface RootContext {
  /** The packages and their byte code, without the delta. */
  readonly tree: MergedTree;
  readonly delta: Delta;
  /** In the order of the manifest. */
  readonly packages: readonly RootPackage[];
  readonly suite: string;
}

/** A trigger that needs no program of the root: it reads the tree and adds to the delta. */
export type StaticTrigger = (root: RootContext) => void;

/** Adds a file unless a package, or a trigger before, has one of that name. */
export function addFileIfMissing(
  root: RootContext,
  path: ByteString,
  contents: Uint8Array | ByteString,
): void {
  if (!root.delta.has(path) && !root.tree.lookupLink(path)) root.delta.file(path, contents);
}

/** Copies a package's template to where its `postinst` would, if there is such a template. */
export function copyTemplate(root: RootContext, from: ByteString, to: ByteString): void {
  const contents = root.tree.readFile(from);
  if (contents) addFileIfMissing(root, to, contents);
}
