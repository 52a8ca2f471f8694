/** `builtins.fromTOML`: TOML 1.0 as Nix reads it. Messages are those of the library that Nix uses where it is easy. */
import { type ByteString, isCopseError } from "#base";
import { TomlArray, TomlFloat, type TomlNode, TomlParser, TomlSyntaxError, TomlTable } from "#format";
import { Attrs, deeper, evalError, Float, intFromBigInt, type Value } from "../runtime/mod.ts";
import { checkNoNul } from "./nul.ts";

export function parseToml(text: ByteString): Value {
  try {
    return toValue(new TomlParser(text, { checkString: checkNoNul, nested: deeper }).parse());
  } catch (error) {
    if (error instanceof TomlSyntaxError) {
      throw evalError("invalid-value", `while parsing TOML: ${error.message}`, { cause: error });
    }
    if (isCopseError(error, "invalid-value")) {
      throw evalError("invalid-value", `while parsing TOML: error: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function toValue(node: TomlNode): Value {
  if (node instanceof TomlArray) return node.items.map(toValue);
  if (node instanceof TomlFloat) return new Float(node.value);
  if (typeof node === "bigint") return intFromBigInt(node) as Value;
  if (!(node instanceof TomlTable)) return node;
  return Attrs.fromEntries(Array.from(node.members, ([name, member]) => [name, toValue(member)]));
}
