/**
 * apt.conf: the configuration tree of apt, as apt.conf(5) describes it and `apt-config dump` shows it.
 *
 * A file is a list of statements. A statement is a name and a value (`Acquire::Retries "3";`), a value alone
 * (an element of the list whose scope it stands in), or a name and a scope (`APT { ... };`). Names are told
 * apart without regard to case, parts are joined by `::`, and a name that ends in `::` appends to a list.
 * Surprising: quotes are optional where a value has no space; the `;` after a closing brace is optional; `#`
 * starts a comment except in the directives `#clear` and `#include`; a value never spans lines.
 */
import { type AptConfSource, invalidConf, statements, type Word } from "./conf-text.ts";
import type { AptFiles } from "./files.ts";

/** A node of the tree. List elements have an empty name. */
export interface AptConfNode {
  readonly name: string;
  value: string;
  readonly children: AptConfNode[];
}

export class AptConf {
  readonly root: AptConfNode = { name: "", value: "", children: [] };

  /** The value at a name; undefined where it is not set, empty where it is set to nothing. */
  get(name: string): string | undefined {
    return this.#find(name)?.value;
  }

  /** A truth value as apt reads it: yes, true, with, on, enable, or a number other than 0. */
  getBoolean(name: string, fallback: boolean): boolean {
    return parseAptBoolean(this.get(name), fallback);
  }

  getNumber(name: string, fallback: number): number {
    const value = this.get(name);
    return value !== undefined && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : fallback;
  }

  /** The children's values, or the node's own value split at commas, as apt's own lists are read. */
  getList(name: string): string[] {
    const node = this.#find(name);
    if (!node) return [];
    if (node.value !== "") return node.value.split(",").map((part) => part.trim());
    return node.children.map((child) => child.value).filter((value) => value !== "");
  }

  /** The named children of a scope, in the order of their first mention. */
  entries(name: string): readonly AptConfNode[] {
    return this.#find(name)?.children ?? [];
  }

  /** `Dir::Etc::parts` and the like: a value that is no absolute path is joined to those of its parents. */
  getPath(name: string): string {
    const parts = name.split("::");
    let path = "";
    for (let length = parts.length; length > 0; length--) {
      const value = this.get(parts.slice(0, length).join("::")) ?? "";
      if (value === "/dev/null") return value;
      path = path === "" ? value : value === "" ? path : `${value.replace(/\/+$/, "")}/${path}`;
      if (value.startsWith("/") || value.startsWith("./")) break;
    }
    return path;
  }

  set(name: string, value: string): void {
    const parts = name.split("::");
    let node = this.root;
    for (const part of parts) {
      let child = part === "" ? undefined : node.children.find((entry) => sameName(entry.name, part));
      if (!child) {
        child = { name: part, value: "", children: [] };
        node.children.push(child);
      }
      node = child;
    }
    node.value = value;
  }

  /** `#clear`: empties the node and everything below it. A list is cleared by its name, without `::`. */
  clear(name: string): void {
    const node = name.endsWith("::") ? undefined : this.#find(name);
    if (!node) return;
    node.children.length = 0;
    node.value = "";
  }

  /** Lines as `apt-config dump` prints them. */
  dump(): string[] {
    const lines: string[] = [];
    const visit = (node: AptConfNode, prefix: string) => {
      for (const child of node.children) {
        const name = `${prefix}${child.name}`;
        lines.push(`${name} "${child.value}";`);
        visit(child, `${name}::`);
      }
    };
    visit(this.root, "");
    return lines;
  }

  #find(name: string): AptConfNode | undefined {
    let node: AptConfNode | undefined = this.root;
    for (const part of name.split("::")) {
      node = node.children.find((entry) => sameName(entry.name, part));
      if (!node) return undefined;
    }
    return node;
  }
}

export function parseAptBoolean(value: string | undefined, fallback: boolean): boolean {
  const text = value?.trim().toLowerCase() ?? "";
  if (/^[+-]?\d+$/.test(text)) return Number(text) !== 0;
  if (["yes", "true", "with", "on", "enable"].includes(text)) return true;
  if (["no", "false", "without", "off", "disable"].includes(text)) return false;
  return fallback;
}

/** Reads a file's statements into `conf`. `files` serves `#include`. Throws `apt-config-invalid`. */
export function readAptConf(conf: AptConf, source: AptConfSource, files?: AptFiles, depth = 0): void {
  if (depth > 10) throw invalidConf(source, 0, "Too many nested includes");
  const scopes: string[] = [];
  for (const statement of statements(source)) {
    if (statement.kind === "close") {
      scopes.pop();
      continue;
    }
    const { line } = statement;
    const [first = "", second, ...junk] = joinQuoted(statement.words);
    if (junk.length > 0) throw invalidConf(source, line, "More than a name and a value in one statement");
    const scope = scopes.join("::");
    if (statement.kind === "open") {
      if (first === "") throw invalidConf(source, line, "A scope opens without a name");
      scopes.push(first);
      if (second !== undefined) conf.set(scopes.join("::"), second);
    } else if (first.startsWith("#")) {
      if (scope !== "") throw invalidConf(source, line, "Directives stand at the top level only");
      runDirective({ conf, source, files, depth }, { directive: first, argument: second, line });
    } else if (second === undefined) conf.set(`${scope}::`, first);
    else conf.set(scope === "" ? first : `${scope}::${first}`, second);
  }
}

/** Several strings in quotes behind a name are one value. */
function joinQuoted(words: readonly Word[]): string[] {
  const [name, ...values] = words;
  if (name === undefined) return [];
  const isOneValue = values.length > 1 && values.every((word) => word.isQuoted);
  return [
    name.text,
    ...(isOneValue ? [values.map((word) => word.text).join(" ")] : values.map((word) => word.text)),
  ];
}

interface DirectiveContext {
  readonly conf: AptConf;
  readonly source: AptConfSource;
  readonly files: AptFiles | undefined;
  readonly depth: number;
}

function runDirective(
  context: DirectiveContext,
  statement: { directive: string; argument: string | undefined; line: number },
): void {
  const { conf, source, files, depth } = context;
  const { directive, argument, line } = statement;
  if (directive === "#x-apt-configure-index") return;
  if (argument === undefined)
    throw invalidConf(source, line, `Directive needs an argument: \`${directive}\``);
  if (directive === "#clear") conf.clear(argument);
  else if (directive === "#include" && files) {
    if (argument.endsWith("/")) readAptConfDirectory(conf, argument, files, depth + 1);
    else {
      const contents = files.read(argument);
      if (!contents) throw invalidConf(source, line, `Included file cannot be read: \`${argument}\``);
      readAptConf(conf, { name: argument, text: contents.toString("utf8") }, files, depth + 1);
    }
  } else throw invalidConf(source, line, `Unsupported directive: \`${directive}\``);
}

/** The files of a directory that apt reads: without extension or with `conf`, of plain names, in order. */
export function readAptConfDirectory(conf: AptConf, directory: string, files: AptFiles, depth = 0): void {
  for (const name of partNames(files.list(directory), ["", "conf"])) {
    const path = `${directory.replace(/\/+$/, "")}/${name}`;
    const contents = files.read(path);
    if (contents) readAptConf(conf, { name: path, text: contents.toString("utf8") }, files, depth);
  }
}

/** Which of a directory's names apt takes: of letters, digits, `-_.` and one of the extensions. */
export function partNames(names: readonly string[], extensions: readonly string[]): string[] {
  return names.filter((name) => {
    if (!/^[A-Za-z0-9_.-]+$/.test(name) || name.startsWith(".")) return false;
    const dot = name.lastIndexOf(".");
    return extensions.includes(dot < 0 ? "" : name.slice(dot + 1));
  });
}

function sameName(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}
