/** Where an attribute of a set was written, for errors about its value. */
import type { ByteString, Span } from "#base";
import type { Attrs, Evaluation } from "../runtime/mod.ts";

export function attributeSpan(evaluation: Evaluation, attrs: Attrs, name: ByteString): Span | undefined {
  const packed = attrs.positionOf(name);
  const position = packed === undefined ? undefined : evaluation.positionAt(packed);
  if (position === undefined) return undefined;
  const { source, offset } = position;
  return { source, start: offset, end: offset + name.length };
}
