/**
 * Decompression by content: the first bytes say which compression it is, the member's name does not (in
 * bookworm nearly every member is xz, single ones are gzip; Ubuntu's are zstd).
 *
 * xz is decoded by `xz-decompress`: xz-embedded as WebAssembly, streaming, with a memory of one dictionary.
 * Measured over 21 large members (162 MB, 802 MB unpacked): 22 s; a pure Rust add-on 27 s with 1 GB of
 * memory, as it only takes whole buffers; the host's `xz` 14 s in a process of its own. Where the host has that
 * program it is used for large input; the bytes are the same, as both check the stream's own checksums.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { CopseError } from "#base";

export type Compression = "none" | "gzip" | "xz" | "zstd";

interface XzModule {
  readonly XzReadableStream: new (source: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
}

const MAGIC_LENGTH = 6;
/** Below this, starting a process costs more than the faster decoder saves. */
const EXTERNAL_XZ_THRESHOLD_BYTES = 400_000;

export function sniffCompression(head: Uint8Array): Compression {
  if (startsWith(head, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])) return "xz";
  if (startsWith(head, [0x1f, 0x8b])) return "gzip";
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd])) return "zstd";
  return "none";
}

export interface DecompressOptions {
  /** How many bytes the source will give, where that is known. */
  readonly sizeBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** A program that does what `xz -dc` does, to be used for large input. */
  readonly xzProgram?: string | undefined;
}

/** The decompressed bytes of a source. Throws "decompression-failed" for damaged input. */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const { head, ended } = await readHead(iterator);
  const whole = concatenated(head, ended ? undefined : iterator);
  const compression = sniffCompression(head);
  try {
    yield* decoderFor(compression, whole, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof CopseError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CopseError("decompression-failed", `Damaged ${compression} data: \`${reason}\``, {
      cause: error,
    });
  }
}

function decoderFor(
  compression: Compression,
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case "none":
      return source;
    case "gzip":
      return throughStream(source, createGunzip({ chunkSize: 1 << 17 }));
    case "zstd":
      return throughStream(source, createZstdDecompress({ chunkSize: 1 << 17 }));
    case "xz": {
      const isLarge = (options.sizeBytes ?? 0) >= EXTERNAL_XZ_THRESHOLD_BYTES;
      return options.xzProgram !== undefined && isLarge
        ? throughXzProgram(source, options.xzProgram, options.signal)
        : throughXzModule(source);
    }
  }
}

async function* throughStream(
  source: AsyncIterable<Uint8Array>,
  decoder: NodeJS.ReadWriteStream & AsyncIterable<unknown>,
): AsyncGenerator<Uint8Array> {
  const input = Readable.from(source, { objectMode: false });
  input.on("error", (error) => (decoder as unknown as Readable).destroy(error));
  input.pipe(decoder);
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array;
  } finally {
    input.destroy();
  }
}

let xzModule: XzModule | undefined;

async function* throughXzModule(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // The package is CommonJS without named exports that Node could see.
  xzModule ??= createRequire(import.meta.url)("xz-decompress") as XzModule;
  const iterator = source[Symbol.asyncIterator]();
  const compressed = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        // The decoder asks for more than there is also while it still has output; where the input is
        // truncated it notices by itself that it makes no progress.
        if (next.done) controller.close();
        else if (next.value.length > 0) controller.enqueue(next.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  for await (const chunk of new xzModule.XzReadableStream(compressed)) if (chunk.length > 0) yield chunk;
}

async function* throughXzProgram(
  source: AsyncIterable<Uint8Array>,
  program: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const child = spawn(program, ["-dc"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { LC_ALL: "C" },
    ...(signal && { signal }),
  });
  const ended = whenEnded(child);
  const input = Readable.from(source, { objectMode: false });
  // The program may end before it has read everything: its exit code tells.
  child.stdin.on("error", () => input.destroy());
  input.on("error", (error) => child.stdout.destroy(error));
  input.pipe(child.stdin);
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array;
    await ended;
  } finally {
    input.destroy();
    child.kill();
    ended.catch(() => {});
  }
}

function whenEnded(child: ChildProcess): Promise<void> {
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    if (complaint.length < 500) complaint += chunk.toString("utf8");
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(complaint.trim().slice(0, 500) || `xz ended with code ${code}`));
    });
  });
}

async function readHead(
  iterator: AsyncIterator<Uint8Array>,
): Promise<{ readonly head: Uint8Array; readonly ended: boolean }> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < MAGIC_LENGTH) {
    const next = await iterator.next();
    if (next.done) return { head, ended: true };
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, ended: false };
}

async function* concatenated(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array> | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    while (rest) {
      const next = await rest.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await rest?.return?.();
  }
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, index) => bytes[index] === byte);
}
