/** `builtins.fromTOML`: TOML 1.0 as Nix reads it. Messages are those of the library that Nix uses where it is easy. */
import { type ByteString, isCopseError } from "#base";
import { Attrs, evalError, type Value } from "../../runtime/mod.ts";
import { TomlArray, type TomlNode, TomlParser, TomlTable } from "./parser.ts";
import { TomlSyntaxError } from "./scalar.ts";

export function parseToml(text: ByteString): Value {
  try {
    return toValue(new TomlParser(text).parse());
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
  if (!(node instanceof TomlTable)) return node;
  return Attrs.fromEntries(Array.from(node.members, ([name, member]) => [name, toValue(member)]));
}
