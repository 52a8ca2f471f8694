/**
 * Scenarios of packse, which uv keeps in its repository under `test/scenarios`: a small universe of packages, a request,
 * and whether it can be satisfied, by which versions. One TOML file each.
 */
import { readFileSync } from "node:fs";
import { byteStringFromText, textFromByteString } from "#base";
import { TomlArray, type TomlNode, TomlParser, TomlTable } from "#format/toml";

export interface Scenario {
  readonly name: string;
  readonly universe: ReadonlyMap<string, ReadonlyMap<string, ScenarioVersion>>;
  readonly requires: readonly string[];
  readonly expected: { readonly satisfiable: boolean; readonly packages: ReadonlyMap<string, string> };
  /** Of the interpreter that is there, and the one that is solved for, where it is another one. */
  readonly python: string;
  readonly targetPython: string | undefined;
  readonly platform: string | undefined;
  readonly prereleases: boolean;
  readonly strategy: string | undefined;
  readonly noBuild: readonly string[];
  readonly noBinary: readonly string[];
  readonly universal: boolean;
}

export interface ScenarioVersion {
  readonly requires: readonly string[];
  readonly requiresPython: string;
  readonly extras: ReadonlyMap<string, readonly string[]>;
  readonly sdist: boolean;
  readonly wheel: boolean;
  readonly wheelTags: readonly string[];
  readonly yanked: boolean;
}

// As packse has them.
const DEFAULT_PYTHON = "3.12";
const DEFAULT_REQUIRES_PYTHON = ">=3.12";

export function readScenario(path: string): Scenario {
  return parseScenario(readFileSync(path, "utf8"));
}

export function parseScenario(text: string): Scenario {
  const root = new Fields(new TomlParser(byteStringFromText(text)).parse());
  const options = root.table("resolver_options");
  const environment = root.table("environment");
  const expected = root.table("expected");
  return {
    name: root.text("name") ?? "",
    universe: root.table("packages").map((one) => one.table("versions").map(versionOf)),
    requires: root.table("root").texts("requires"),
    expected: {
      satisfiable: expected.flag("satisfiable", false),
      packages: expected.table("packages").textMap(),
    },
    python: environment.text("python") ?? DEFAULT_PYTHON,
    targetPython: options.text("python"),
    platform: options.text("python_platform"),
    prereleases: options.flag("prereleases", false),
    strategy: options.text("resolution"),
    noBuild: options.texts("no_build"),
    noBinary: options.texts("no_binary"),
    universal: options.flag("universal", false),
  };
}

function versionOf(fields: Fields): ScenarioVersion {
  const extras = fields.table("extras");
  return {
    requires: fields.texts("requires"),
    requiresPython: fields.text("requires_python") ?? DEFAULT_REQUIRES_PYTHON,
    extras: new Map(extras.names().map((extra) => [extra, extras.texts(extra)])),
    sdist: fields.flag("sdist", true),
    wheel: fields.flag("wheel", true),
    wheelTags: fields.texts("wheel_tags"),
    yanked: fields.flag("yanked", false),
  };
}

/** A table of the document, read by what is expected of its members. */
class Fields {
  readonly #table: TomlTable;

  constructor(table: TomlTable) {
    this.#table = table;
  }

  names(): readonly string[] {
    return [...this.#table.members.keys()].map(textFromByteString);
  }

  #member(name: string): TomlNode | undefined {
    return this.#table.members.get(byteStringFromText(name));
  }

  text(name: string): string | undefined {
    const member = this.#member(name);
    if (member !== undefined && typeof member !== "string") throw new Error(`Not a string: ${name}`);
    return member === undefined ? undefined : textFromByteString(member);
  }

  flag(name: string, otherwise: boolean): boolean {
    const member = this.#member(name);
    if (member !== undefined && typeof member !== "boolean") throw new Error(`Not true or false: ${name}`);
    return member ?? otherwise;
  }

  texts(name: string): readonly string[] {
    const member = this.#member(name);
    if (member === undefined) return [];
    if (!(member instanceof TomlArray)) throw new Error(`Not a list: ${name}`);
    return member.items.map((item) => {
      if (typeof item !== "string") throw new Error(`Not a list of strings: ${name}`);
      return textFromByteString(item);
    });
  }

  table(name: string): Fields {
    const member = this.#member(name);
    if (member !== undefined && !(member instanceof TomlTable)) throw new Error(`Not a table: ${name}`);
    return new Fields(member ?? new TomlTable("implicit"));
  }

  map<T>(read: (fields: Fields) => T): Map<string, T> {
    return new Map(this.names().map((name) => [name, read(this.table(name))]));
  }

  textMap(): Map<string, string> {
    return new Map(this.names().map((name) => [name, this.text(name)!]));
  }
}
