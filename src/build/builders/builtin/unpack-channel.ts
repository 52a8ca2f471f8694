/**
 * `builtin:unpack-channel`: a channel's tarball, unpacked, its one folder renamed to the channel's name. The archive
 * may be compressed by gzip, xz or zstd.
 */
import { createReadStream, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { byteStringFromText, CopseError, textFromByteString } from "#base";
import type { BuildTask } from "../context.ts";
import { unpackArchive } from "./archive-tree.ts";
import { LogicalFiles } from "./logical-files.ts";

export async function unpackChannel(task: BuildTask): Promise<void> {
  const output = task.outputs.get("out") as string;
  const name = textFromByteString(requireVariable(task, "channelName"));
  const source = requireVariable(task, "src");
  if (name.includes("/") || name === "" || name === "." || name === "..") {
    throw new CopseError(
      "channel-name",
      `channelName is not allowed to contain filesystem separators, got "${name}"`,
    );
  }
  const archive = new LogicalFiles(task.services.store).resolve(source);
  if (!archive) throw new CopseError("file-not-found", `failed to open archive: \`${source}\``);
  mkdirSync(output, { recursive: true });
  await unpackArchive({
    source: createReadStream(archive.real),
    target: byteStringFromText(output),
    signal: task.signal,
  });
  const [only, another] = readdirSync(output);
  if (only === undefined) throw new CopseError("channel-archive", `channel tarball '${source}' is empty`);
  if (another !== undefined) {
    throw new CopseError("channel-archive", `channel tarball '${source}' contains more than one file`);
  }
  renameSync(join(output, only), join(output, name));
}

function requireVariable({ drv }: BuildTask, name: string): string {
  const value = drv.env.get(name);
  if (value === undefined) throw new CopseError("channel-archive", `attribute '${name}' missing`);
  return value;
}
