/**
 * What an attribute names for commands that work on store objects: derivations, with the outputs that are meant by
 * default; or a store path itself, by a path of the language or a string that is a store path.
 */
import { CopseError } from "#base";
import { isStorePath, type StorePath } from "#format";
import {
  type Attrs,
  contextOf,
  type Evaluator,
  evalError,
  force,
  forceAttrs,
  forceBool,
  forceList,
  forceStringNoContext,
  isList,
  isString,
  type Lazy,
  Path,
  textOf,
  type Value,
} from "#lang";
import type { DerivationHandle } from "./derivations.ts";

export type InstallableValue =
  | { readonly kind: "path"; readonly path: StorePath }
  | {
      readonly kind: "derivation";
      readonly attrPath: string;
      readonly drvPath: StorePath;
      /** Those to install; undefined where the value does not say. */
      readonly outputs: readonly string[] | undefined;
      /** The one that the value itself stands for. */
      readonly output: string;
    };

/** A path of the language is copied to the store. Undefined for any other value than a path or a string. */
export function singlePath(evaluator: Evaluator, value: Value): InstallableValue | undefined {
  if (value instanceof Path) {
    const path = evaluator.enter(() => evaluator.copyToStore(value.path)) as StorePath;
    return { kind: "path", path };
  }
  return isString(value) ? pathOfString(value) : undefined;
}

/** @throws CopseError `invalid-value` where the string is not exactly one store object. */
function pathOfString(value: Parameters<typeof textOf>[0]): InstallableValue {
  const text = textOf(value);
  const [element, another] = contextOf(value)?.elements() ?? [];
  if (!element || another) {
    const count = contextOf(value)?.elements().length ?? 0;
    throw evalError(
      "invalid-value",
      `string '${text}' has ${count} entries in its context. It should only have exactly one entry`,
    );
  }
  if (element.kind === "built") {
    const { drvPath, output } = element;
    return {
      kind: "derivation",
      attrPath: "",
      drvPath: drvPath as StorePath,
      outputs: [output],
      output,
    };
  }
  if (element.kind === "drv-deep") {
    throw evalError(
      "invalid-value",
      `string '${text}' has a context which refers to a complete source and binary closure. This is not supported at this time`,
    );
  }
  const { path } = element;
  if (path !== text || !isStorePath(path)) {
    throw evalError("invalid-value", `path string '${text}' has context with the different path '${path}'`);
  }
  return { kind: "path", path };
}

/** What `outputSpecified` and `meta.outputsToInstall` say. @throws CopseError `outputs-to-install`. */
export function outputsToInstall(
  evaluator: Evaluator,
  value: Attrs,
  handle: DerivationHandle,
): string[] | undefined {
  return evaluator.enter(() => {
    const specified = value.get("outputSpecified");
    if (specified !== undefined && forceBool(specified)) return [handle.output];
    const meta = value.get("meta");
    const named = meta && forceAttrs(meta).get("outputsToInstall");
    if (named === undefined) return undefined;
    const names = readNames(named, namesOf(value.get("outputs")));
    // Nothing to install is still something to build.
    return names.length > 0 ? names : ["out"];
  });
}

function namesOf(outputs: Lazy | undefined): readonly string[] {
  return outputs === undefined ? ["out"] : forceList(outputs).map((name) => forceStringNoContext(name));
}

function readNames(lazy: Lazy, known: readonly string[]): string[] {
  const list = force(lazy);
  const names = isList(list) ? list.map((item) => force(item)) : [];
  const isGood = names.every((name) => typeof name === "string" && known.includes(name));
  if (isList(list) && isGood) return names as string[];
  throw new CopseError("outputs-to-install", "this derivation has bad 'meta.outputsToInstall'");
}
