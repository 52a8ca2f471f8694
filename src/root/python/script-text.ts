/**
 * Programs that a Python package brings: written anew for the environment whose interpreter runs them.
 *
 * A wheel's entry points (`[console_scripts]`, `[gui_scripts]`) name a function; its own scripts begin with `#!python`
 * (or `#!pythonw`), which stands for the interpreter to be (the wheel specification, "Recommended installer features").
 *
 * The kernel reads a shebang of 127 bytes only, until Linux 5.1, and splits it at the first blank. Where that is not
 * enough, the script is one for `sh` and Python alike: `sh` runs its second line, for Python the first three are a
 * string.
 */
import { CopseError } from "#base";

export interface ScriptEntryPoint {
  /** The program's name. */
  readonly name: string;
  readonly module: string;
  /** What is called in it: `main`, `App.run`. */
  readonly attribute: string;
}

const MAX_SHEBANG_BYTES = 127;
const IDENTIFIER = "[\\p{ID_Start}_][\\p{ID_Continue}]*";
const DOTTED = new RegExp(`^${IDENTIFIER}(?:\\.${IDENTIFIER})*$`, "u");

/** @throws CopseError `python-script` for what cannot be a program. */
export function entryPointScript(entry: ScriptEntryPoint, interpreter: string): string {
  checkScriptName(entry.name);
  for (const dotted of [entry.module, entry.attribute])
    if (!DOTTED.test(dotted))
      throw new CopseError("python-script", `Entry point ${entry.name} names no function: \`${dotted}\``);
  const [imported] = entry.attribute.split(".");
  return `${shebang(interpreter)}# -*- coding: utf-8 -*-
import sys
from ${entry.module} import ${imported}
if __name__ == "__main__":
    if sys.argv[0].endswith("-script.pyw"):
        sys.argv[0] = sys.argv[0][:-11]
    elif sys.argv[0].endswith(".exe"):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit(${entry.attribute}())
`;
}

/** A wheel's own script with the interpreter in its first line; undefined for what is no Python script. */
export function withInterpreter(script: Buffer, interpreter: string): Buffer | undefined {
  const end = script.indexOf(0x0a);
  const line = script.subarray(0, end < 0 ? script.length : end).toString("latin1");
  const found = /^#!pythonw?[ \t]*([^\r]*)\r?$/.exec(line);
  if (!found) return undefined;
  const [, options = ""] = found;
  return Buffer.concat([
    Buffer.from(shebang(interpreter, options.trim())),
    end < 0 ? Buffer.alloc(0) : script.subarray(end + 1),
  ]);
}

/** The first line or lines of a script, its end of line with it. */
export function shebang(interpreter: string, options = ""): string {
  const line = `#!${interpreter}${options === "" ? "" : ` ${options}`}`;
  if (Buffer.byteLength(line) <= MAX_SHEBANG_BYTES && !/\s/.test(interpreter)) return `${line}\n`;
  const quoted = `"${interpreter.replaceAll(/["\\$`]/g, "\\$&")}"`;
  return `#!/bin/sh\n'''exec' ${quoted}${options === "" ? "" : ` ${options}`} "$0" "$@"\n' '''\n`;
}

/** A name that stays in the folder of programs. @throws CopseError `python-script`. */
export function checkScriptName(name: string): void {
  if (/^[^\0-\x1f/]{1,200}$/.test(name) && name !== "." && name !== "..") return;
  throw new CopseError("python-script", `Name of a program is malformed: \`${name.slice(0, 200)}\``);
}
