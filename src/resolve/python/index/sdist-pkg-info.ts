/**
 * PKG-INFO of a source distribution: what its project says of itself before it is built.
 * https://packaging.python.org/en/latest/specifications/core-metadata/ (PEP 643)
 *
 * Only from metadata version 2.2 on it says which fields may still change with the build, as `Dynamic`. Where the demands
 * and the Python versions are none of those they can be relied on; of all other sdists nothing is known before they
 * are built.
 */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { CopseError } from "#base";
import { collectBytes, readTar } from "#format";
import type { CoreMetadata } from "#format/python";
import { openZip } from "#format/zip";
import { withFileSource } from "./wheel-metadata.ts";

const MAX_PKG_INFO_BYTES = 16 * 1024 * 1024;
/** Of an unpacked archive: PKG-INFO stands near its beginning, and a few kilobytes can unpack to terabytes. */
const MAX_SCANNED_BYTES = 4 * 1024 ** 3;

/** Whether what the solver reads of this metadata is what a build would come to. */
export function isReliable({
  metadataVersion,
  dynamic,
}: Pick<CoreMetadata, "metadataVersion" | "dynamic">): boolean {
  const [major = 0, minor = 0] = metadataVersion.split(".").map(Number);
  if (major < 2 || (major === 2 && minor < 2)) return false;
  const changing = new Set(dynamic.map((field) => field.toLowerCase()));
  return !["requires-dist", "requires-python", "provides-extra", "name", "version"].some((field) =>
    changing.has(field),
  );
}

const PKG_INFO = /^[^/]+\/PKG-INFO$/;

/** The bytes of `NAME-VERSION/PKG-INFO`. Undefined where there is none, or the archive is compressed in a rare way. */
export async function readPkgInfo(path: string): Promise<Buffer | undefined> {
  if (/\.(?:tar\.gz|tgz)$/i.test(path)) return ofTar(path);
  return path.toLowerCase().endsWith(".zip") ? ofZip(path) : undefined;
}

async function ofZip(path: string): Promise<Buffer | undefined> {
  return withFileSource(path, async (source) => {
    const archive = await openZip(source);
    const entry = archive.entries.find((one) => one.kind === "file" && PKG_INFO.test(one.path));
    return entry && (await archive.read(entry, MAX_PKG_INFO_BYTES));
  });
}

async function ofTar(path: string): Promise<Buffer | undefined> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const source = file.pipe(createGunzip());
  file.once("error", (error) => source.destroy(error));
  try {
    for await (const entry of readTar(bounded(source, path))) {
      if (entry.kind !== "file" || !PKG_INFO.test(entry.path)) continue;
      return await collectBytes(entry.contents, MAX_PKG_INFO_BYTES);
    }
    return undefined;
  } catch (error) {
    if (error instanceof CopseError) throw error;
    throw new CopseError("sdist-invalid", `Source distribution cannot be unpacked: \`${path}\``, {
      cause: error,
    });
  } finally {
    file.destroy();
    source.destroy();
  }
}

async function* bounded(source: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  let left = MAX_SCANNED_BYTES;
  for await (const chunk of source) {
    left -= chunk.length;
    if (left < 0)
      throw new CopseError(
        "sdist-invalid",
        `Source distribution unpacks to more than 4 GiB before its PKG-INFO: \`${path}\``,
      );
    yield chunk;
  }
}
