/** From a target (a file or expression, arguments, an attribute path) to a value. */
import { byteStringFromText, CopseError, installedPath } from "#base";
import type { Target } from "#build/warm";
import { Attrs, type EvalHost, type Evaluator, type Lazy, type Value } from "#lang";

/** The package set that comes with copse: what `<nixpkgs>` means unless something else is said. */
export const PACKAGE_SET = installedPath("pkgs");

export function evaluateTarget(evaluator: Evaluator, target: Target): Value {
  const args = topLevelArguments(evaluator, target);
  const whole =
    target.file === undefined
      ? evaluator.evalText(byteStringFromText(target.expr ?? ""), {
          baseDir: byteStringFromText(target.baseDir),
        })
      : evaluator.evalFile(byteStringFromText(target.file));
  const called = evaluator.autoCall(whole, args);
  return target.attrPath === ""
    ? called
    : evaluator.autoCall(evaluator.selectPath(called, byteStringFromText(target.attrPath), args), args);
}

function topLevelArguments(evaluator: Evaluator, target: Target): Attrs {
  const baseDir = byteStringFromText(target.baseDir);
  return Attrs.fromEntries(
    target.args.map((arg): readonly [string, Lazy] => [
      byteStringFromText(arg.name),
      "text" in arg
        ? byteStringFromText(arg.text)
        : evaluator.evalText(byteStringFromText(arg.expr), { baseDir }),
    ]),
  );
}

/** `-I` first, then NIX_PATH; `nixpkgs` is copse's own set where neither names it. */
export function searchPathOf(target: Target, nixPath: string): EvalHost["searchPath"] {
  const entries = [...target.searchPath, ...nixPath.split(":")]
    .filter((entry) => entry !== "")
    .map(parseEntry);
  if (entries.some((entry) => entry.prefix === "nixpkgs")) return entries;
  return [...entries, { prefix: "nixpkgs", path: byteStringFromText(PACKAGE_SET) }];
}

function parseEntry(entry: string): { prefix: string; path: string } {
  const equals = entry.indexOf("=");
  if (equals < 0) return { prefix: "", path: byteStringFromText(entry) };
  if (equals === 0)
    throw new CopseError("search-path-invalid", `Entry of a search path has no name: \`${entry}\``);
  return { prefix: entry.slice(0, equals), path: byteStringFromText(entry.slice(equals + 1)) };
}
