/** The tree in an archive (NAR). The whole archive is read and checked; what is kept of it are names and places. */
import { type ByteString, CopseError, textFromByteString } from "#base";
import { ByteReader, type ByteSource, decodeNar, decodeNarFrom } from "#format";
import type { FileTree, TreeNode } from "./file-tree.ts";

/** Throws CopseError `nar-invalid`. */
export async function narTree(source: ByteSource): Promise<FileTree> {
  const reader = new ByteReader(source, { code: "nar-invalid", format: "NAR" });
  const nodes = new Map<ByteString, TreeNode>();
  const names = new Map<ByteString, ByteString[]>();
  for await (const event of decodeNarFrom(reader)) {
    if (event.kind === "directory-end") continue;
    const { path } = event;
    if (path !== "") names.get(parentOf(path))?.push(path.slice(path.lastIndexOf("/") + 1));
    if (event.kind === "directory") {
      const list: ByteString[] = [];
      names.set(path, list);
      nodes.set(path, { kind: "directory", names: list });
    } else if (event.kind === "symlink") nodes.set(path, { kind: "symlink", target: event.target });
    else {
      const { executable, sizeBytes } = event;
      nodes.set(path, { kind: "regular", executable, sizeBytes, narOffset: reader.position });
    }
  }
  if (!(await reader.atEnd())) throw reader.error("bytes behind the end");
  return {
    node(path) {
      const node = nodes.get(path);
      if (node) return node;
      throw new CopseError("file-not-found", `NAR file does not contain path '/${textFromByteString(path)}'`);
    },
  };
}

/** Hands the contents of one file to `write`. The archive is read to its end, so that a broken one is found out. */
export async function catFromNar(
  source: ByteSource,
  path: ByteString,
  write: (chunk: Uint8Array) => void,
): Promise<boolean> {
  let found = false;
  for await (const event of decodeNar(source)) {
    if (event.kind !== "file" || event.path !== path) continue;
    found = true;
    for await (const chunk of event.contents) write(chunk);
  }
  return found;
}

function parentOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
