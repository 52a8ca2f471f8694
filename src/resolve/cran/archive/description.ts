/** DESCRIPTION out of a source package: `NAME/DESCRIPTION` in a gzipped tar. Reading ends where it does. */
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createGunzip } from "node:zlib";
import { CopseError } from "#base";
import { readTar } from "#format";
import { parseDescription, type RPackageRecord } from "#format/r";

const MAX_DESCRIPTION_BYTES = 1024 * 1024;
/** Before it comes: more than any package has. */
const MAX_UNPACKED_BYTES = 2 * 1024 ** 3;

/** Throws `r-source-invalid`, `r-description-invalid` and what the archive formats throw, with the file's name. */
export async function readSourceDescription(path: string, name: string): Promise<RPackageRecord> {
  const place = basename(path);
  const invalid = (what: string, cause?: unknown) =>
    new CopseError("r-source-invalid", `${what}: \`${place}\``, {
      cause,
      hint: "the repository's file is damaged: ask for another version, or take another mirror",
    });
  const source = createReadStream(path);
  const unpacked = createGunzip();
  source.on("error", (error) => unpacked.destroy(error));
  try {
    for await (const entry of readTar(
      bounded(source.pipe(unpacked), () => invalid("Source package is too large")),
    )) {
      if (entry.kind !== "file" || entry.path.replace(/^\.\//, "") !== `${name}/DESCRIPTION`) continue;
      if (entry.sizeBytes > MAX_DESCRIPTION_BYTES) throw invalid("DESCRIPTION is too large");
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry.contents) chunks.push(chunk);
      return parseDescription(Buffer.concat(chunks).toString("utf8"), place);
    }
  } catch (error) {
    if (error instanceof CopseError && !error.code.startsWith("tar-")) throw error;
    throw invalid("Source package cannot be unpacked", error);
  } finally {
    source.destroy();
    unpacked.destroy();
  }
  throw invalid("Source package has no DESCRIPTION");
}

async function* bounded(bytes: AsyncIterable<Buffer>, tooLarge: () => CopseError): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > MAX_UNPACKED_BYTES) throw tooLarge();
    yield chunk;
  }
}
