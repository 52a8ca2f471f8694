/** Places in source text: what an error points at. Offsets count bytes, as sources are byte strings. */
import type { ByteString } from "./bytes.ts";

/** A text that was read, and the name to show for it: an absolute path, or `«string»`. */
export interface Source {
  readonly name: string;
  readonly text: ByteString;
}

/** Half-open: `start` is the first byte, `end` the one after the last. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** One-based line and column of an offset. As in Nix, columns count bytes and CR, LF and CRLF end a line. */
export function lineColumn(source: Source, offset: number): { line: number; column: number } {
  const { text } = source;
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < offset && i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isLoneCarriageReturn = unit === 13 && text.charCodeAt(i + 1) !== 10;
    if (unit === 10 || isLoneCarriageReturn) {
      line++;
      lineStart = i + 1;
    }
  }
  return { line, column: offset - lineStart + 1 };
}
