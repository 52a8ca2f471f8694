/**
 * nix.conf: `NAME = VALUE` on a line, `#` begins a comment anywhere, `include FILE` reads another file (relative to
 * this one) and `!include FILE` one that may be missing. Words of a value are parted by white space.
 */
import { CopseError } from "#base";

export interface Assignment {
  /** As written: an alias, or with `extra-` before it. */
  readonly name: string;
  readonly value: string;
}

/** Gives a file's text, or undefined where there is none. */
export type ReadFile = (path: string) => string | undefined;

/** @throws CopseError `nix-conf-syntax`, `nix-conf-include`. */
export function parseNixConf(
  text: string,
  source: { readonly name: string; readonly readFile: ReadFile },
  including: readonly string[] = [],
): Assignment[] {
  return text.split("\n").flatMap((line) => {
    const words = line
      .replace(/#.*/, "")
      .split(/[ \t\r]+/)
      .filter((word) => word !== "");
    const [first, second, ...rest] = words;
    if (first === undefined) return [];
    if (second === undefined) throw syntaxError(line, source.name);
    if ((first === "include" || first === "!include") && rest.length === 0) {
      return included(second, { ...source, isOptional: first === "!include", including });
    }
    if (second !== "=") throw syntaxError(line, source.name);
    return [{ name: first, value: rest.join(" ") }];
  });
}

function included(
  path: string,
  from: {
    readonly name: string;
    readonly readFile: ReadFile;
    readonly isOptional: boolean;
    /** The files that led here. One of them again would never end. */
    readonly including: readonly string[];
  },
): Assignment[] {
  const folder = from.name.slice(0, from.name.lastIndexOf("/") + 1);
  const file = path.startsWith("/") ? path : folder + path;
  if (from.name === file || from.including.includes(file)) {
    throw new CopseError(
      "nix-conf-include",
      `Configuration files include each other without end: \`${file}\``,
    );
  }
  const text = from.readFile(file);
  if (text !== undefined) return parseNixConf(text, { ...from, name: file }, [...from.including, from.name]);
  if (from.isOptional) return [];
  throw new CopseError("nix-conf-include", `file '${file}' included from '${from.name}' not found`, {
    hint: "write !include where the file may be missing",
  });
}

function syntaxError(line: string, name: string): CopseError {
  return new CopseError("nix-conf-syntax", `syntax error in configuration line '${line}' in '${name}'`, {
    hint: "write NAME = VALUE, or include FILE",
  });
}
