/**
 * One file out of a .deb: an ar archive whose member `data.tar.*` holds what the package installs (deb(5)). Reading ends where
 * the file does, so that a small file near the front of a large package is cheap.
 */
import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { byteStringFromText, CopseError } from "#base";
import { readAr, readTar } from "#format";

export interface DebFileRequest {
  readonly debPath: string;
  /** Below the root of the file system: `usr/bin/env`. */
  readonly path: string;
  readonly maxBytes: number;
}

/** Undefined where the package has no such file. Throws `deb-invalid`, and what the archive formats throw. */
export async function readDebFile({ debPath, path, maxBytes }: DebFileRequest): Promise<Buffer | undefined> {
  for await (const { name, contents } of readAr(createReadStream(debPath))) {
    if (!name.startsWith("data.tar")) continue;
    return await findInTar(uncompressed(name, contents), { path, maxBytes });
  }
  throw new CopseError("deb-invalid", `Package has no member data.tar: \`${debPath}\``);
}

async function findInTar(
  tar: AsyncIterable<Uint8Array>,
  { path, maxBytes }: Pick<DebFileRequest, "path" | "maxBytes">,
): Promise<Buffer | undefined> {
  const wanted = byteStringFromText(path);
  for await (const entry of readTar(tar)) {
    if (entry.kind !== "file" || entry.path.replace(/^\.?\/+/, "") !== wanted) continue;
    if (entry.sizeBytes > maxBytes)
      throw new CopseError("deb-invalid", `File of a package is larger than ${maxBytes} bytes: \`${path}\``);
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry.contents) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  return undefined;
}

/** Debian's members are xz, some old ones gzip; other distributions have zstd. */
function uncompressed(name: string, contents: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  switch (name) {
    case "data.tar":
      return contents;
    case "data.tar.gz":
      return through(contents, createGunzip());
    case "data.tar.zst":
      return through(contents, createZstdDecompress());
    case "data.tar.xz":
      return throughXz(contents);
    default:
      throw new CopseError("deb-invalid", `Package is compressed in a way that is not known: \`${name}\``);
  }
}

/** `pipe` hands on the data, but not that it broke off. */
async function* through(source: AsyncIterable<Uint8Array>, decoder: Transform): AsyncGenerator<Uint8Array> {
  const input = Readable.from(source, { objectMode: false });
  input.on("error", (error) => decoder.destroy(error));
  input.pipe(decoder);
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array;
  } finally {
    input.destroy();
  }
}

interface XzModule {
  readonly XzReadableStream: new (source: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
}

async function* throughXz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // The package is CommonJS without named exports that Node could see.
  const { XzReadableStream } = createRequire(import.meta.url)("xz-decompress") as XzModule;
  const compressed = Readable.toWeb(
    Readable.from(source, { objectMode: false }),
  ) as ReadableStream<Uint8Array>;
  for await (const chunk of new XzReadableStream(compressed)) if (chunk.length > 0) yield chunk;
}
