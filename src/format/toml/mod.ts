/** TOML 1.0: documents as trees of tables, arrays and scalars. */
export { TomlArray, type TomlNode, TomlParser, type TomlParserOptions, TomlTable } from "./parser.ts";
export { TomlFloat, type TomlScalar, TomlSyntaxError } from "./scalar.ts";
