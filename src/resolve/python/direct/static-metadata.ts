/**
 * Metadata of a project's sources as far as they need no build: pyproject.toml's table `project`, where nothing that a
 * solve asks for is said to be dynamic (PEP 621: what stands there, a backend must not change).
 */
import { byteStringFromText, CopseError, textFromByteString } from "#base";
import { type CoreMetadata, normaliseName, parseCoreMetadata, parseRequirement } from "#format/python";
import { TomlArray, type TomlNode, TomlParser, TomlSyntaxError, TomlTable } from "#format/toml";

const NEEDED = ["name", "version", "dependencies", "optional-dependencies", "requires-python"];

/** Undefined where only a build knows. Throws `python-project-invalid`, `python-requirement-invalid`. */
export function staticMetadata(pyproject: string): CoreMetadata | undefined {
  const project = member(parse(pyproject), "project");
  if (!(project instanceof TomlTable)) return undefined;
  const dynamic = texts(member(project, "dynamic"));
  const name = text(member(project, "name"));
  const version = text(member(project, "version"));
  if (name === undefined || version === undefined || NEEDED.some((one) => dynamic.includes(one)))
    return undefined;
  const python = text(member(project, "requires-python"));
  const optional = member(project, "optional-dependencies");
  const extras = optional instanceof TomlTable ? [...optional.members] : [];
  const lines = [
    ...["Metadata-Version: 2.2", `Name: ${name}`, `Version: ${version}`],
    ...(python === undefined ? [] : [`Requires-Python: ${python}`]),
    ...texts(member(project, "dependencies")).map((one) => `Requires-Dist: ${checked(one)}`),
    ...extras.flatMap(([extra, requirements]) => {
      const called = normaliseName(textFromByteString(extra));
      const demands = texts(requirements).map((one) => `Requires-Dist: ${withExtra(checked(one), called)}`);
      return [`Provides-Extra: ${called}`, ...demands];
    }),
  ];
  return parseCoreMetadata(Buffer.from(`${lines.join("\n")}\n`));
}

function parse(pyproject: string): TomlTable {
  try {
    return new TomlParser(byteStringFromText(pyproject)).parse();
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    throw new CopseError("python-project-invalid", "The project's pyproject.toml is no TOML", {
      cause: error,
    });
  }
}

/** On one line, and a requirement: metadata are lines. */
function checked(requirement: string): string {
  parseRequirement(requirement);
  return requirement.replace(/\s+/g, " ").trim();
}

function withExtra(requirement: string, extra: string): string {
  const [, before = requirement, marker] = /^(.*?)\s*;\s*(.*)$/.exec(requirement) ?? [];
  const holds = `extra == "${extra}"`;
  // Behind a URL, the semicolon needs white space before it.
  return `${before} ; ${marker === undefined ? holds : `(${marker}) and ${holds}`}`;
}

function member(table: TomlNode | undefined, name: string): TomlNode | undefined {
  return table instanceof TomlTable ? table.members.get(name) : undefined;
}

function text(node: TomlNode | undefined): string | undefined {
  return typeof node === "string" && !/[\r\n]/.test(node) ? textFromByteString(node) : undefined;
}

function texts(node: TomlNode | undefined): string[] {
  return node instanceof TomlArray
    ? node.items.flatMap((one) => (typeof one === "string" ? [textFromByteString(one)] : []))
    : [];
}
