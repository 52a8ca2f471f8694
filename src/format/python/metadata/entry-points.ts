/**
 * `entry_points.txt`: what a package offers to others under a name, in groups (the packaging guide's "Entry points
 * specification"). It is an INI file as Python's configparser reads it, with `=` alone between name and value:
 *
 *     [console_scripts]
 *     tool = package.module:main
 *     other = package.cli:app.run [extra]
 *
 * Names keep their case. `console_scripts` and `gui_scripts` become commands.
 */
import { CopseError } from "#base";
import { textOf } from "./text.ts";

export interface EntryPoint {
  readonly group: string;
  readonly name: string;
  readonly module: string;
  /** Dotted names inside of the module; undefined for the module itself. */
  readonly attribute: string | undefined;
  /** Extras that it needs; installers are free to pass over them, and do. */
  readonly extras: readonly string[];
}

const OBJECT = /^([\w.]+)[ \t]*(?::[ \t]*([\w.]+)?[ \t]*)?(?:\[([^\]]*)\][ \t]*)?$/u;

/** In the order of the file. Throws CopseError `python-entry-points-invalid`. */
export function parseEntryPoints(contents: Uint8Array | string): readonly EntryPoint[] {
  const text = textOf(contents);
  const entries = new Map<string, EntryPoint>();
  let group: string | undefined;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const section = /^\[([^\]]+)\]$/.exec(line)?.[1];
    if (section !== undefined) {
      group = section.trim();
      continue;
    }
    const equals = line.indexOf("=");
    if (group === undefined || equals <= 0) throw invalid(index, line);
    const name = line.slice(0, equals).trim();
    const value = OBJECT.exec(line.slice(equals + 1).trim());
    if (value === null || name === "") throw invalid(index, line);
    const extras = value[3]?.split(",").map((extra) => extra.trim()) ?? [];
    entries.set(`${group}\0${name}`, {
      group,
      name,
      module: value[1]!,
      attribute: value[2],
      extras: extras.filter((extra) => extra !== ""),
    });
  }
  return [...entries.values()];
}

function invalid(index: number, line: string): CopseError {
  return new CopseError(
    "python-entry-points-invalid",
    `Invalid entry point in line ${index + 1}: \`${line.slice(0, 200)}\``,
  );
}
