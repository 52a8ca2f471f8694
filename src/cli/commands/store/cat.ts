/** `copse store cat`: the contents of a file in the store. */
import { closeSync, openSync, readSync } from "node:fs";
import { byteStringFromText, bytesFromByteString, CopseError, textFromByteString } from "#base";
import type { Command } from "../../command.ts";
import { openSession } from "../../session.ts";
import { treeInStore } from "../../trees/store-tree.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "store cat",
  summary: "print a file in the store",
  usage: "PATH",
  maxPositionals: 1,
  options: [],
  async run(line, context) {
    const [named] = line.positionals;
    if (named === undefined) throw usageError("a path is needed");
    await using session = openSession(line, context);
    const { tree, path, storePath } = treeInStore(session.store, named, context.cwd);
    if (tree.node(path).kind !== "regular")
      throw new CopseError("not-a-file", `path '/${textFromByteString(path)}' is not a regular file`);
    const top = byteStringFromText(session.store.realPath(storePath));
    copyFile(bytesFromByteString(path === "" ? top : `${top}/${path}`), (chunk) => context.output.raw(chunk));
    return 0;
  },
};

const CHUNK_BYTES = 1 << 18;

function copyFile(file: Buffer, write: (chunk: Uint8Array) => void): void {
  const fd = openSync(file, "r");
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer))
      write(buffer.subarray(0, count));
  } finally {
    closeSync(fd);
  }
}
