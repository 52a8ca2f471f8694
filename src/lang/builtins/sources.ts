/** From files and strings to store paths: what an expression brings into the store. */
import { type ByteString, CopseError } from "#base";
import { type Hash, isStorePath, type StorePath, storePathOf } from "#format";
import type { AddPathRequest, FileKind } from "../host.ts";
import {
  ContextString,
  call2,
  coerceToPath,
  contextOf,
  type Evaluation,
  evalError,
  forceAttrs,
  forceBool,
  forceFunction,
  forceString,
  forceStringNoContext,
  formatContextElement,
  type Lazy,
  StringContext,
  textOf,
  type Value,
} from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";
import { baseName } from "./files.ts";
import { parseAnyHash } from "./hashes.ts";
import { readableSource, realiseContext, resolveLinks, withFileErrors } from "./realise.ts";
import { withNameErrors } from "./store-names.ts";

/** A store path as a string that refers to it. */
export function storeString(path: StorePath): ContextString {
  return new ContextString(path, StringContext.of({ kind: "opaque", path }));
}

type Filter = NonNullable<AddPathRequest["filter"]>;

function filterOf(fn: Value): Filter {
  return (path: ByteString, kind: FileKind) => forceBool(call2(fn, path, kind));
}

interface Source {
  readonly storeObject: StorePath | undefined;
  readonly path: ByteString;
  readonly name: string;
  readonly method: "nar" | "flat";
  readonly filter?: Filter | undefined;
  readonly expectedHash?: Hash | undefined;
}

function addSource(evaluation: Evaluation, source: Source): Value {
  // A link is followed: what is copied is what it leads to. The name stays.
  const path = resolveLinks(evaluation, source.path);
  return withNameErrors(() =>
    withFileErrors(path, () =>
      withHashErrors(path, () => storeString(evaluation.host.addPath({ ...source, path }))),
    ),
  );
}

/** A source that has changed is a mistake in the expression; a wrong hash of what is built or fetched is another kind. */
function withHashErrors<T>(path: ByteString, add: () => T): T {
  try {
    return add();
  } catch (error) {
    if (!(error instanceof CopseError) || error.code !== "hash-mismatch") throw error;
    throw evalError("invalid-value", `store path mismatch in (possibly filtered) path added from '${path}'`, {
      hint: error.hint,
      cause: error,
    });
  }
}

function filterSource(evaluation: Evaluation, filter: Lazy, path: Lazy): Value {
  const source = readableSource(evaluation, path);
  const fn = forceFunction(filter);
  return addSource(evaluation, {
    ...source,
    name: baseName(source.path),
    method: "nar",
    filter: filterOf(fn),
  });
}

function addPath(evaluation: Evaluation, argument: Lazy): Value {
  let source: ReturnType<typeof readableSource> | undefined;
  let name: string | undefined;
  let method: "nar" | "flat" = "nar";
  let filter: Filter | undefined;
  let expectedHash: Hash | undefined;
  for (const [attribute, value] of forceAttrs(argument).entries()) {
    switch (attribute) {
      case "path":
        source = readableSource(evaluation, value);
        break;
      case "name":
        name = forceStringNoContext(value);
        break;
      case "filter":
        filter = filterOf(forceFunction(value));
        break;
      case "recursive":
        method = forceBool(value) ? "nar" : "flat";
        break;
      case "sha256":
        expectedHash = parseAnyHash(evaluation, forceStringNoContext(value), "sha256");
        break;
      default:
        throw evalError("invalid-value", `unsupported argument '${attribute}' to 'builtins.path'`);
    }
  }
  if (source === undefined) {
    throw evalError(
      "missing-attribute",
      "missing required 'path' attribute in the first argument to 'builtins.path'",
    );
  }
  return addSource(evaluation, {
    ...source,
    name: name ?? baseName(source.path),
    method,
    filter,
    expectedHash,
  });
}

function toFile(evaluation: Evaluation, name: Lazy, contents: Lazy): Value {
  const fileName = forceStringNoContext(name);
  const string = forceString(contents);
  const references: StorePath[] = [];
  for (const element of contextOf(string)?.elements() ?? []) {
    if (element.kind !== "opaque") {
      const shown = formatContextElement({ ...element, drvPath: baseName(element.drvPath) });
      throw evalError(
        "invalid-value",
        `files created by builtins.toFile may not reference derivations, but ${fileName} references ${shown}`,
      );
    }
    references.push(element.path as StorePath);
  }
  return withNameErrors(() =>
    storeString(evaluation.host.addText({ name: fileName, contents: textOf(string), references })),
  );
}

function storePath(evaluation: Evaluation, lazy: Lazy): Value {
  if (evaluation.settings.pureEval) {
    throw evalError("restricted", "'builtins.storePath' is not allowed in pure evaluation mode");
  }
  const { path, context } = coerceToPath(evaluation, lazy);
  // A link such as `result` may lead into the store.
  const resolved = isStorePath(path) ? path : resolveLinks(evaluation, path);
  const found = storePathOf(resolved);
  if (!found) throw evalError("invalid-value", `path '${resolved}' is not in the Nix store`);
  realiseContext(evaluation, path, context);
  if (!evaluation.settings.readOnly) evaluation.host.realise([{ kind: "path", path: found.path }]);
  const own = StringContext.of({ kind: "opaque", path: found.path });
  return new ContextString(resolved, context ? context.union(own) : own);
}

export const sourceBuiltins = defineFunctions({
  path: {
    args: ["attrset"],
    doc: "Copies `path` into the store, under `name`, without what `filter` rejects. `recursive = false` hashes one file flat; with `sha256` the result must have that hash.",
    run: addPath,
  },
  filterSource: {
    args: ["filter", "path"],
    doc: "Copies a directory into the store without what a function of path and kind rejects.",
    run: filterSource,
  },
  toFile: {
    args: ["name", "contents"],
    doc: "Writes a string to a file in the store. The string may refer to sources, but not to what must be built.",
    run: toFile,
  },
  storePath: {
    args: ["path"],
    doc: "A path that is in the store already, as a string that refers to it.",
    run: storePath,
  },
});
