/** What a trigger sees of the root that is being composed, and where it leaves what it makes. */
import type { ByteString } from "#base";
import type { Stanza } from "#format";
import type { ConfigureRequest } from "../configure/request.ts";
import type { AccountRequest } from "../scripts/account-calls.ts";
import type { UnreadScript } from "../scripts/unread-script.ts";
import type { MergedTree, TreeSource } from "../views/merged-tree.ts";
import type { Delta } from "./delta.ts";

export interface RootPackage {
  readonly source: TreeSource;
  readonly name: string;
  readonly control: Stanza;
}

/** What the packages' maintainer scripts told to later triggers, in the order of the packages. */
export interface ScriptFindings {
  readonly accounts: AccountRequest[];
  /** What was found that only running a script would do. */
  readonly unread: UnreadScript[];
}

export interface RootContext {
  /** The packages and their byte code, without the delta. */
  readonly tree: MergedTree;
  readonly delta: Delta;
  /** In the order of the manifest. */
  readonly packages: readonly RootPackage[];
  readonly findings: ScriptFindings;
  readonly suite: string;
  /** `x86_64-linux` */
  readonly system: string;
  /** Locales to be made, as in `locale.gen(5)`: `de_DE.UTF-8 UTF-8`. */
  readonly locales: readonly string[];
  readonly configure: ConfigureRequest;
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
