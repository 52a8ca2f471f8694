/** Values of the language as what the engine's functions take. */
import { textFromByteString } from "#base";
import { type Attrs, evalError, forceStringNoContext, type Lazy, suggest } from "#lang";

/** A string without context, as text. */
export function forceText(lazy: Lazy): string {
  return textFromByteString(forceStringNoContext(lazy));
}

export function attribute(attrs: Attrs, name: string): Lazy {
  const value = attrs.get(name);
  if (value === undefined)
    throw evalError("missing-attribute", `attribute '${name}' missing`, {
      hint: suggest(name, attrs.names()),
    });
  return value;
}
