/**
 * What `nix eval` and `nix run` evaluate: an attribute, named by the first argument, of a file or an expression. The
 * argument of Nix itself would be a flake where there is neither.
 */

import { CopseError } from "#base";
import type { Target } from "#build/warm";
import type { CommandLine } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { buildDefaults, readTarget } from "./target.ts";

/** @throws CopseError `flake-unsupported`, and what `readTarget` throws. */
export function readValueTarget(line: CommandLine, context: CommandContext): Target {
  const [attrPath] = line.positionals;
  if (line.value("--file") === undefined && line.value("--expr") === undefined) {
    throw new CopseError("flake-unsupported", `Flakes are not part of this version: \`${attrPath ?? "."}\``, {
      hint: "name a file with --file or an expression with --expr; the argument is then an attribute path",
    });
  }
  const value = (name: string): string | undefined =>
    name === "--attr" ? (attrPath ?? line.value(name)) : line.value(name);
  return readTarget({ ...line, value, positionals: [] }, context, buildDefaults);
}
