/** Lists of what is in a tree: as text, as `ls` has it, and as JSON. Names are byte strings throughout. */
import type { ByteString } from "#base";
import type { CommandLine, Option } from "../arguments.ts";
import { JSON_OPTIONS } from "../json-output.ts";
import { usageError } from "../usage-error.ts";
import { childPath, type FileTree, type TreeNode } from "./file-tree.ts";

export interface ListOptions {
  readonly recursive: boolean;
  /** Kinds, sizes and targets, too. */
  readonly long: boolean;
  /** A folder itself, not what is in it. */
  readonly directory: boolean;
}

export const LIST_OPTIONS: readonly Option[] = [
  { names: ["--recursive", "-R"], help: "also what is in the folders in it" },
  { names: ["--long", "-l"], help: "kinds, sizes and targets of links" },
  { names: ["--directory", "-d"], help: "a folder itself, not what is in it" },
  ...JSON_OPTIONS,
];

/** @throws CopseError `usage`. */
export function readListOptions(line: CommandLine): ListOptions {
  const directory = line.has("--directory");
  if (directory && line.has("--json")) throw usageError("'--directory' is useless with '--json'");
  return { recursive: line.has("--recursive"), long: line.has("--long"), directory };
}

/** Lines of text, without their ends. Throws what the tree throws. */
export function* listAsText(tree: FileTree, path: ByteString, options: ListOptions): Generator<ByteString> {
  const node = tree.node(path);
  if (node.kind !== "directory") yield entryLine(node, path.slice(path.lastIndexOf("/") + 1), options);
  else if (options.directory) yield* listEntry(tree, { path, shown: ".", node }, options);
  else yield* listDirectory(tree, { path, shown: ".", node }, options);
}

interface Entry<N extends TreeNode = TreeNode> {
  readonly path: ByteString;
  readonly shown: ByteString;
  readonly node: N;
}
type Directory = Extract<TreeNode, { kind: "directory" }>;

function* listDirectory(
  tree: FileTree,
  { path, shown, node }: Entry<Directory>,
  options: ListOptions,
): Generator<ByteString> {
  for (const name of node.names) {
    const child = childPath(path, name);
    yield* listEntry(tree, { path: child, shown: `${shown}/${name}`, node: tree.node(child) }, options);
  }
}

function* listEntry(tree: FileTree, entry: Entry, options: ListOptions): Generator<ByteString> {
  const { node, path, shown } = entry;
  yield entryLine(node, shown, options);
  if (options.recursive && node.kind === "directory")
    yield* listDirectory(tree, { path, shown, node }, options);
}

function entryLine(node: TreeNode, shown: ByteString, { long }: ListOptions): ByteString {
  if (!long) return shown;
  const size = String(node.kind === "regular" ? node.sizeBytes : 0).padStart(20);
  const target = node.kind === "symlink" ? ` -> ${node.target}` : "";
  return `${modeText(node)} ${size} ${shown}${target}`;
}

function modeText(node: TreeNode): string {
  switch (node.kind) {
    case "regular":
      return node.executable ? "-r-xr-xr-x" : "-r--r--r--";
    case "symlink":
      return "lrwxrwxrwx";
    case "directory":
      return "dr-xr-xr-x";
  }
}

/** Of a folder the names alone unless `recursive`. */
export function listAsJson(
  tree: FileTree,
  path: ByteString,
  { recursive }: Pick<ListOptions, "recursive">,
): object {
  const node = tree.node(path);
  switch (node.kind) {
    case "regular": {
      const { executable, sizeBytes, narOffset } = node;
      return { type: "regular", executable, size: sizeBytes, narOffset };
    }
    case "symlink":
      return { type: "symlink", target: asText(node.target) };
    case "directory": {
      const entries = node.names.map((name) => [
        asText(name),
        recursive ? listAsJson(tree, childPath(path, name), { recursive }) : {},
      ]);
      return { type: "directory", entries: Object.fromEntries(entries) };
    }
  }
}

function asText(bytes: ByteString): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
