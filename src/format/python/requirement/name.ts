/**
 * Names of Python projects and extras (the packaging guide's "Names and normalization", once PEP 503 and 685): letters,
 * digits, `.`, `-` and `_`, the first and the last a letter or digit. Case does not count, and any run of the three
 * separators is the same as one `-`: `Zope.Interface`, `zope-interface` and `zope__interface` name one project.
 */
import { CopseError } from "#base";

declare const normalizedNameBrand: unique symbol;

/** A name in normal form, of a project or an extra. `normaliseName` is its only constructor. */
export type NormalizedName = string & { readonly [normalizedNameBrand]: true };

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const NORMAL = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Throws CopseError `python-name-invalid`. */
export function normaliseName(text: string): NormalizedName {
  if (NORMAL.test(text)) return text as NormalizedName;
  if (!NAME.test(text))
    throw new CopseError("python-name-invalid", `Not a name of a Python project: \`${text.slice(0, 100)}\``, {
      hint: "names have letters, digits and . - _ and begin and end with a letter or digit",
    });
  return text.replace(/[-_.]+/g, "-").toLowerCase() as NormalizedName;
}

/** Whether the text is a name, in any form. */
export function isName(text: string): boolean {
  return NAME.test(text);
}
