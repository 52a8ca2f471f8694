/**
 * What Nix values are at run time.
 *
 * | Nix       | here                                                        |
 * |-----------|-------------------------------------------------------------|
 * | null      | `null`                                                      |
 * | bool      | `true`, `false`                                             |
 * | int       | `number` when safe, otherwise `bigint` within 64 bits       |
 * | float     | `Float`: JavaScript's numbers are taken by the integers     |
 * | string    | `string` (a byte string), `ContextString` where it has one  |
 * | path      | `Path`                                                      |
 * | list      | `Array` of lazy values, never changed once it is a value    |
 * | set       | `Attrs` (attrs.ts)                                          |
 * | function  | `Lambda`, `PrimOp`, `PartialPrimOp` (function.ts)           |
 *
 * A lazy value is a value or a `Thunk` (thunk.ts).
 */
import type { ByteString } from "#base";
import type { Attrs } from "./attrs.ts";
import type { StringContext } from "./context.ts";
import type { Lambda, PartialPrimOp, PrimOp } from "./function.ts";
import type { Thunk } from "./thunk.ts";

export type Value =
  | null
  | boolean
  | number
  | bigint
  | Float
  | ByteString
  | ContextString
  | Path
  | readonly Lazy[]
  | Attrs
  | Lambda
  | PrimOp
  | PartialPrimOp;

export type Lazy = Value | Thunk;

export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A string that mentions store objects. The context is never empty: without one it is a plain `string`. */
export class ContextString {
  readonly text: ByteString;
  readonly context: StringContext;
  constructor(text: ByteString, context: StringContext) {
    this.text = text;
    this.context = context;
  }
}

export class Path {
  /** Absolute and canonical: no `.`, `..`, double or trailing slash. */
  readonly path: ByteString;
  constructor(path: ByteString) {
    this.path = path;
  }
}
