/** TOML 1.0: documents as trees of tables, arrays and scalars. */
export { TomlParser, type TomlParserOptions } from "./parser.ts";
export { TomlFloat, type TomlScalar, TomlSyntaxError } from "./scalar.ts";
export { TomlArray, type TomlExtent, type TomlNode, type TomlPlace, TomlTable } from "./tables.ts";
