/** Packed positions: the number of a source and an offset in it, in one JavaScript number. */
import { byteStringFromText, lineColumn, type Source } from "#base";
import { Attrs, delay, type Lazy, type Position } from "./runtime/mod.ts";

/** No source is longer. */
const OFFSET_RANGE = 2 ** 32;

export class Positions {
  readonly #sources: Source[] = [];
  readonly #numbers = new Map<Source, number>();

  pack({ source, offset }: Position): number {
    let number = this.#numbers.get(source);
    if (number === undefined) {
      // From one, as the packed number zero means "nowhere".
      number = this.#sources.push(source);
      this.#numbers.set(source, number);
    }
    return number * OFFSET_RANGE + offset;
  }

  unpack(packed: number): Position | undefined {
    const source = this.#sources[Math.floor(packed / OFFSET_RANGE) - 1];
    return source === undefined ? undefined : { source, offset: packed % OFFSET_RANGE };
  }

  /** `file:line:column`. */
  show(packed: number | undefined): string {
    const position = packed === undefined ? undefined : this.unpack(packed);
    if (position === undefined) return byteStringFromText("«none»:0");
    const { line, column } = lineColumn(position.source, position.offset);
    return `${position.source.name}:${line}:${column}`;
  }

  /** What `unsafeGetAttrPos` answers: only files have positions. Lines are counted when they are asked for. */
  value(packed: number | undefined): Lazy {
    const position = packed === undefined ? undefined : this.unpack(packed);
    if (position === undefined || !position.source.name.startsWith("/")) return null;
    const { source, offset } = position;
    return Attrs.fromSorted(
      ["column", "file", "line"],
      [
        delay(() => lineColumn(source, offset).column),
        source.name,
        delay(() => lineColumn(source, offset).line),
      ],
    );
  }
}
