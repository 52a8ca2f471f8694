/** Text of TOML and JSON as trees. YAML has a file of its own, as its library is loaded only where it is needed. */
import { byteStringFromText, CopseError, textFromByteString } from "#base";
import {
  TomlArray,
  type TomlExtent,
  TomlFloat,
  type TomlNode,
  TomlParser,
  TomlSyntaxError,
  TomlTable,
} from "#format/toml";
import { jsonSource, type LocatedJson, parseLocatedJson } from "#resolve";
import type { ProjectFile } from "../project-folder.ts";
import { LineCounter, Tree } from "./tree.ts";

/** Throws CopseError `import-syntax`. */
export function parseTomlTree({ shown, text }: Pick<ProjectFile, "shown" | "text">): Tree {
  const bytes = byteStringFromText(text);
  const lines = new LineCounter(bytes);
  const convert = (node: TomlNode, extent: TomlExtent): Tree => {
    const line = lines.lineOf(extent.start);
    if (node instanceof TomlTable) {
      const members = [...node.members].map(([name, member]): [string, Tree] => [
        textFromByteString(name),
        convert(member, node.places.get(name)?.value ?? extent),
      ]);
      return new Tree({ kind: "table", members: new Map(members) }, line);
    }
    if (node instanceof TomlArray)
      return new Tree(
        { kind: "list", items: node.items.map((item, at) => convert(item, node.extents[at] ?? extent)) },
        line,
      );
    if (typeof node === "boolean") return new Tree({ kind: "flag", value: node }, line);
    if (typeof node === "string") return new Tree({ kind: "text", text: textFromByteString(node) }, line);
    return new Tree(
      { kind: "text", text: node instanceof TomlFloat ? floatText(bytes, extent) : String(node) },
      line,
    );
  };
  try {
    const document = new TomlParser(bytes, { date: (word) => word }).parse();
    return convert(document, { start: 0, end: 0 });
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    const start = error.offset ?? 0;
    throw new CopseError("import-syntax", `This is no TOML: \`${shown}\``, {
      span: { source: { name: byteStringFromText(shown), text: bytes }, start, end: start + 1 },
      hint: error.message.replace(/^\[error\] (?:toml::\w+: )?/, ""),
    });
  }
}

/** As it is written: `3.10` is no 3.1 where people leave out the quotes. */
function floatText(bytes: string, { start, end }: TomlExtent): string {
  return bytes.slice(start, end).trim();
}

/** Throws CopseError `import-syntax`. */
export function parseJsonTree({ shown, text }: Pick<ProjectFile, "shown" | "text">): Tree {
  const source = jsonSource(shown, text);
  const lines = new LineCounter(source.text);
  const convert = (json: LocatedJson): Tree => {
    const line = lines.lineOf(json.start);
    switch (json.kind) {
      case "object":
        return new Tree(
          { kind: "table", members: new Map([...json.entries].map(([name, one]) => [name, convert(one)])) },
          line,
        );
      case "array":
        return new Tree({ kind: "list", items: json.items.map(convert) }, line);
      case "string":
        return new Tree({ kind: "text", text: json.value }, line);
      case "number":
        return new Tree({ kind: "text", text: String(json.value) }, line);
      case "boolean":
        return new Tree({ kind: "flag", value: json.value }, line);
      case "null":
        return new Tree({ kind: "none" }, line);
    }
  };
  return convert(parseLocatedJson(source, { code: "import-syntax" }));
}
