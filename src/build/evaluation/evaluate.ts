/**
 * From a target (a file or expression, arguments, an attribute path) to a value.
 *
 * A top-level function is called with those of the arguments that it names. `nix-shell` adds `inNixShell`, but only for
 * a function that asks for it by name: `{ ... }@args` must not see an argument that older package sets do not know.
 */
import { byteStringFromText } from "#base";
import type { Target } from "#build/warm";
import { Attrs, type Evaluator, Lambda, type Lazy, type Value } from "#lang";

/** The value of the file or expression itself. */
export function evaluateWhole(evaluator: Evaluator, target: Target): Value {
  if (target.file !== undefined) return evaluator.evalFile(byteStringFromText(target.file));
  return evaluator.evalText(byteStringFromText(target.expr ?? ""), {
    baseDir: byteStringFromText(target.baseDir),
  });
}

/** What the attribute path leads to. It is not called, if it is a function: see `calledWith`. */
export function selectTarget(evaluator: Evaluator, whole: Value, target: Target): Value {
  const args = argumentsFor(evaluator, target, whole);
  return evaluator.selectPath(whole, byteStringFromText(target.attrPath), args);
}

/** The arguments that commands call a value with, if it turns out to be a function. */
export function argumentsFor(evaluator: Evaluator, target: Target, value: Value): Attrs {
  const args = topLevelArguments(evaluator, target);
  if (!target.inNixShell || !asksForNixShell(value) || args.get("inNixShell") !== undefined) return args;
  return Attrs.fromEntries([...args.entries(), ["inNixShell", true]]);
}

function asksForNixShell(value: Value): boolean {
  return (
    value instanceof Lambda && (value.code.formals?.some((formal) => formal.name === "inNixShell") ?? false)
  );
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
