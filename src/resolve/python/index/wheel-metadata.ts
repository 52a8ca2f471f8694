/** The METADATA of a wheel, out of its archive wherever that is: a file, or a server that sends parts of it. */
import { type FileHandle, open } from "node:fs/promises";
import { CopseError } from "#base";
import { openZip, type ZipSource } from "#format/zip";

const MAX_METADATA_BYTES = 32 * 1024 * 1024;

/** `file` is the wheel's name. Throws `wheel-invalid`, `zip-…` and what reading the source throws. */
export async function wheelMetadata(source: ZipSource, file: string): Promise<Buffer> {
  const archive = await openZip(source);
  // pip, too, takes neither none nor several: it could not tell which is the package's.
  const folders = new Set(
    archive.entries.flatMap(({ path }) => /^([^/]+\.dist-info)\//.exec(path)?.[1] ?? []),
  );
  const [folder, other] = folders;
  if (folder === undefined) throw invalid("it has no .dist-info folder", file);
  if (other !== undefined) throw invalid("it has more than one .dist-info folder", file);
  const entry = archive.find(`${folder}/METADATA`);
  if (entry?.kind !== "file") throw invalid("it has no METADATA", file);
  return archive.read(entry, MAX_METADATA_BYTES);
}

export async function wheelMetadataOfFile(path: string, file: string): Promise<Buffer> {
  return withFileSource(path, (source) => wheelMetadata(source, file));
}

/** A zip archive on disk, open for as long as it is worked on. */
export async function withFileSource<T>(path: string, work: (source: ZipSource) => Promise<T>): Promise<T> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    return await work({ size, read: (offset, length) => readPiece(file, offset, length) });
  } finally {
    await file.close();
  }
}

async function readPiece(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function invalid(problem: string, file: string): CopseError {
  return new CopseError("wheel-invalid", `Wheel has no metadata that can be found, ${problem}: \`${file}\``, {
    hint: "the wheel is broken: exclude this version",
  });
}
