/** Nix's strings have no NUL in them: what other formats may hold is refused. */
import type { ByteString } from "#base";
import { evalError } from "../runtime/mod.ts";

/** The symbol for NUL, U+2400, in UTF-8. */
const SYMBOL_FOR_NUL = "\xe2\x90\x80";

export function checkNoNul(text: ByteString): ByteString {
  if (!text.includes("\0")) return text;
  const shown = text.replaceAll("\0", SYMBOL_FOR_NUL);
  throw evalError(
    "invalid-value",
    `input string '${shown}' cannot be represented as Nix string because it contains null bytes`,
  );
}
