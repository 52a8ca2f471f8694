/**
 * What of a METADATA file the solver needs: its header's few fields about versions and demands. The rest, of which most is
 * the project's README, is dropped before it reaches the cache.
 */
const FIELDS = new Set([
  "metadata-version",
  "name",
  "version",
  "requires-dist",
  "requires-python",
  "provides-extra",
  "dynamic",
]);

/** Bytes in, bytes out: whatever encoding the values are in, it stays. */
export function reduceMetadata(metadata: Uint8Array): Buffer {
  const text = Buffer.from(metadata.buffer, metadata.byteOffset, metadata.length).toString("latin1");
  const kept: string[] = [];
  let isKept = false;
  for (const line of text.replace(/^\xef\xbb\xbf/, "").split(/\r\n|\r|\n/)) {
    // A line without anything ends the header.
    if (line === "") break;
    if (!/^[ \t]/.test(line))
      isKept = FIELDS.has(
        line
          .slice(0, Math.max(0, line.indexOf(":")))
          .toLowerCase()
          .trim(),
      );
    if (isKept) kept.push(line);
  }
  return Buffer.from(`${kept.join("\n")}\n`, "latin1");
}
