/**
 * Store paths or their digests replaced in a stream by others of the same length, wherever they occur: how contents that
 * were built at one path come to be those of another.
 */

/** Of ASCII, each key as long as its value. */
export type DigestRewrites = ReadonlyMap<string, string>;

/**
 * Chunks of the same total length. What is in a chunk may be changed in place. `onRewrite` is told where in the stream
 * each replacement begins.
 */
export async function* rewriteDigests(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  rewrites: DigestRewrites,
  onRewrite?: (position: number) => void,
): AsyncGenerator<Uint8Array> {
  if (rewrites.size === 0) {
    yield* chunks;
    return;
  }
  // A digest can begin in one chunk and end in the next, so that many bytes are held back.
  const heldBack = Math.max(...[...rewrites.keys()].map((text) => text.length)) - 1;
  let held: Uint8Array = Buffer.alloc(0);
  let position = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([held, chunk]);
    replaceAll(bytes, rewrites, (at) => onRewrite?.(position + at));
    const end = Math.max(0, bytes.length - heldBack);
    held = bytes.subarray(end);
    position += end;
    if (end > 0) yield bytes.subarray(0, end);
  }
  if (held.length > 0) yield held;
}

function replaceAll(bytes: Buffer, rewrites: DigestRewrites, onRewrite: (at: number) => void): void {
  for (const [from, to] of rewrites) {
    for (let at = bytes.indexOf(from, 0, "latin1"); at >= 0; at = bytes.indexOf(from, at + 1, "latin1")) {
      bytes.write(to, at, "latin1");
      onRewrite(at);
    }
  }
}
