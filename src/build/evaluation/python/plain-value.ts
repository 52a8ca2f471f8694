/** A value of the language as plain data: texts, whole numbers, truth values, lists and sets of them. */
import { CopseError, textFromByteString } from "#base";
import { Attrs, force, forceStringNoContext, type Lazy } from "#lang";

export type PlainValue =
  | string
  | number
  | boolean
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/** What is null in a set is left out. @throws CopseError `setting-invalid`, and what forcing throws. */
export function plainValue(lazy: Lazy): PlainValue {
  const value = force(lazy);
  if (typeof value === "boolean" || typeof value === "number") return value;
  if (Array.isArray(value)) return value.map((one: Lazy) => plainValue(one));
  if (value instanceof Attrs) {
    const entries = value.names().flatMap((name): [string, PlainValue][] => {
      const one = value.get(name) as Lazy;
      return force(one) === null ? [] : [[textFromByteString(name), plainValue(one)]];
    });
    return Object.fromEntries(entries);
  }
  if (typeof value === "function" || typeof value === "bigint" || value === null)
    throw new CopseError("setting-invalid", "A setting is neither a text, a number, a list nor a set");
  return textFromByteString(forceStringNoContext(value));
}
