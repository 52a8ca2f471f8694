/**
 * What `nix run` runs of a value: an app's program, or of a derivation the program that it is known for, by
 * `meta.mainProgram`, else `pname`, else its name without the version.
 */
import { CopseError, textFromByteString } from "#base";
import type { StorePath } from "#format";
import {
  Attrs,
  coerceToString,
  contextOf,
  type Evaluator,
  forceAttrs,
  forceString,
  forceStringNoContext,
  type RealiseRequest,
  textOf,
  typeError,
  type Value,
} from "#lang";
import { parseDrvName } from "#lang/builtins";

export interface App {
  readonly program: string;
  /** What must be valid before it can be started. */
  readonly needs: readonly RealiseRequest[];
}

/** @throws CopseError `app-type`, `type-error`, `missing-attribute`. */
export function appOf(evaluator: Evaluator, value: Value): App {
  return evaluator.enter(() => {
    const attrs = value instanceof Attrs ? value : undefined;
    const type = attrs?.get("type");
    if (!attrs || type === undefined) throw typeError("the value is neither an app nor a derivation");
    const kind = textOf(forceString(type));
    if (kind !== "derivation" && kind !== "app")
      throw new CopseError("app-type", `attribute has unsupported type '${kind}'`);
    const text =
      kind === "app"
        ? forceString(required(attrs, "program"))
        : coerceToString(evaluator, required(attrs, "outPath"), { copyToStore: false });
    const program = kind === "app" ? textOf(text) : `${textOf(text)}/bin/${mainProgram(attrs)}`;
    const needs = (contextOf(text)?.elements() ?? []).map((element): RealiseRequest => {
      if (element.kind === "built")
        return { kind: "output", drvPath: element.drvPath as StorePath, output: element.output };
      return {
        kind: "path",
        path: (element.kind === "opaque" ? element.path : element.drvPath) as StorePath,
      };
    });
    return { program: textFromByteString(program), needs };
  });
}

function mainProgram(attrs: Attrs): string {
  const meta = attrs.get("meta");
  const named = (meta && forceAttrs(meta).get("mainProgram")) ?? attrs.get("pname");
  if (named !== undefined) return forceStringNoContext(named);
  return parseDrvName(forceStringNoContext(required(attrs, "name"))).name;
}

function required(attrs: Attrs, name: string) {
  const value = attrs.get(name);
  if (value === undefined) throw new CopseError("missing-attribute", `attribute '${name}' missing`);
  return value;
}
