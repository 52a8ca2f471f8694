/**
 * YAML as a tree. Of YAML's many ways to write a file, those are read that people use by hand: one document of
 * lists, tables and scalars. Anchors and aliases are refused, since a few lines of them stand for gigabytes; numbers stay the text
 * that they are written as, as `python=3.10` without quotes would else be 3.1.
 */
import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseDocument, visit } from "yaml";
import { CopseError } from "#base";
import type { ProjectFile } from "../project-folder.ts";
import { LineCounter, Tree } from "./tree.ts";

const MAX_CHARACTERS = 2 * 1024 * 1024;
const MAX_DEPTH = 50;

/** Throws CopseError `import-syntax`, `import-too-large`. */
export function parseYamlTree({ shown, text }: Pick<ProjectFile, "shown" | "text">): Tree {
  if (text.length > MAX_CHARACTERS)
    throw new CopseError("import-too-large", `File is too large for YAML: \`${shown}\``);
  if (isNestedTooDeeply(text)) throw invalid(shown, `it is nested deeper than ${MAX_DEPTH} levels`);
  const document = parseDocument(text, {
    schema: "failsafe",
    logLevel: "silent",
    strict: true,
    uniqueKeys: true,
  });
  const [error] = document.errors;
  if (error) throw invalid(shown, error.message.split("\n")[0] ?? error.code);
  visit(document, {
    Alias: () => {
      throw invalid(shown, "anchors and aliases are not read");
    },
  });
  const lines = new LineCounter(text);
  const convert = (node: ParsedNode | null, depth: number): Tree => {
    if (depth > MAX_DEPTH) throw invalid(shown, `it is nested deeper than ${MAX_DEPTH} levels`);
    if (node === null || isAlias(node)) return new Tree({ kind: "none" }, 1);
    const line = lines.lineOf(node.range[0]);
    if (isMap(node)) {
      const members = node.items.map(({ key, value }): [string, Tree] => [
        isScalar(key) ? String(key.value) : "",
        convert(value as ParsedNode | null, depth + 1),
      ]);
      return new Tree({ kind: "table", members: new Map(members) }, line);
    }
    if (isSeq(node))
      return new Tree(
        { kind: "list", items: node.items.map((item) => convert(item as ParsedNode, depth + 1)) },
        line,
      );
    return scalar(isScalar(node) ? node.value : undefined, isScalar(node) && node.type === "PLAIN", line);
  };
  return convert(document.contents, 0);
}

function scalar(value: unknown, isPlain: boolean, line: number): Tree {
  if (typeof value !== "string" || (isPlain && /^(?:|~|null)$/i.test(value)))
    return new Tree({ kind: "none" }, line);
  if (isPlain && /^(?:true|false)$/i.test(value))
    return new Tree({ kind: "flag", value: value.toLowerCase() === "true" }, line);
  return new Tree({ kind: "text", text: value }, line);
}

/** The library descends by recursion, so that the depth is bounded before it does. */
function isNestedTooDeeply(text: string): boolean {
  let flow = 0;
  for (const character of text) {
    if (character === "[" || character === "{") flow++;
    else if (character === "]" || character === "}") flow--;
    if (flow > MAX_DEPTH * 4) return true;
  }
  return /(?:[-?:][ \t]+){50}|^ {400}/m.test(text);
}

function invalid(shown: string, reason: string): CopseError {
  return new CopseError("import-syntax", `This YAML is not read: \`${shown}\``, { hint: reason });
}
