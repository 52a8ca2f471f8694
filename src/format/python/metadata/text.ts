/** The text of a package's files: UTF-8, where old packages have Latin-1 now and then. */
export function textOf(contents: Uint8Array | string): string {
  if (typeof contents === "string") return contents;
  try {
    return STRICT.decode(contents);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength).toString("latin1");
  }
}

// Passes over a byte order mark.
const STRICT = new TextDecoder("utf-8", { fatal: true });
