/** Files and their names: reading the world, and taking paths apart. */
import { type ByteString, byteStringFromBytes, CopseError } from "#base";
import { type StorePath, storePathHash, storePathOf } from "#format";
import {
  Attrs,
  ContextCollector,
  coerceToPath,
  coerceToString,
  contextOf,
  type Evaluation,
  evalError,
  force,
  forceStringNoContext,
  isString,
  type Lazy,
  makeString,
  Path,
  StringContext,
  textOf,
  type Value,
} from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";
import { readablePath, readBytes, realiseContext, resolveLinks, withFileErrors } from "./realise.ts";

function readFile(evaluation: Evaluation, lazy: Lazy): Value {
  const path = readablePath(evaluation, lazy);
  const text = byteStringFromBytes(readBytes(evaluation, path));
  if (text.includes("\0")) {
    throw evalError(
      "invalid-value",
      `the contents of the file '${path}' cannot be represented as a Nix string`,
    );
  }
  return makeString(text, referencesIn(evaluation, path, text));
}

/** A file in the store may mention other store objects: the string that it becomes refers to these. */
function referencesIn(evaluation: Evaluation, path: ByteString, text: ByteString): StringContext | undefined {
  const store = storePathOf(path)?.path;
  if (store === undefined || text.length === 0 || !evaluation.host.isValidPath(store)) return undefined;
  const contexts = new ContextCollector();
  for (const candidate of evaluation.host.closure(store)) {
    if (text.includes(storePathHash(candidate as StorePath))) {
      contexts.add(StringContext.of({ kind: "opaque", path: candidate }));
    }
  }
  return contexts.context;
}

function readDir(evaluation: Evaluation, lazy: Lazy): Value {
  const path = readablePath(evaluation, lazy);
  try {
    return Attrs.fromEntries(withFileErrors(path, () => evaluation.host.readDirectory(path)));
  } catch (error) {
    if (!(error instanceof CopseError) || error.code !== "not-a-directory") throw error;
    throw new CopseError("not-a-directory", `cannot read directory "${path}": Not a directory`, {
      cause: error,
    });
  }
}

function readFileType(evaluation: Evaluation, lazy: Lazy): Value {
  const path = readablePath(evaluation, lazy);
  const kind = evaluation.host.fileKind(path);
  if (kind === undefined) throw new CopseError("file-not-found", `path '${path}' does not exist`);
  return kind;
}

function pathExists(evaluation: Evaluation, lazy: Lazy): boolean {
  const value = force(lazy);
  const meant = coerceToPath(evaluation, value);
  const path = realiseContext(evaluation, meant.path, meant.context);
  try {
    evaluation.checkAccess(path);
  } catch (error) {
    if (error instanceof CopseError && error.code === "restricted") return false;
    throw error;
  }
  const mustBeDirectory = isString(value) && /\/\.?$/.test(textOf(value));
  if (!mustBeDirectory) return evaluation.host.fileKind(path) !== undefined;
  return evaluation.host.fileKind(resolveLinks(evaluation, path)) === "directory";
}

/** What follows the last slash; one slash at the end does not count. */
export function baseName(path: ByteString): ByteString {
  const end = path.length > 1 && path.endsWith("/") ? path.length - 1 : path.length;
  return path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}

function baseNameOf(evaluation: Evaluation, lazy: Lazy): Value {
  const value = coerceToString(evaluation, lazy, { copyToStore: false });
  return makeString(baseName(textOf(value)), contextOf(value));
}

function dirOf(evaluation: Evaluation, lazy: Lazy): Value {
  const value = force(lazy);
  if (value instanceof Path) return new Path(value.path.slice(0, value.path.lastIndexOf("/")) || "/");
  const string = coerceToString(evaluation, value, { copyToStore: false });
  const text = textOf(string);
  const slash = text.lastIndexOf("/");
  const directory = slash < 0 ? "." : slash === 0 ? "/" : text.slice(0, slash);
  return makeString(directory, contextOf(string));
}

function getEnv(evaluation: Evaluation, name: Lazy): Value {
  const variable = forceStringNoContext(name);
  const { pureEval, restrictEval } = evaluation.settings;
  return pureEval || restrictEval ? "" : evaluation.host.getEnv(variable);
}

export const fileBuiltins = defineFunctions({
  readFile: {
    args: ["path"],
    doc: "The contents of a file as a string.",
    run: readFile,
  },
  readDir: {
    args: ["path"],
    doc: 'What is in a directory: for each name "regular", "directory", "symlink" or "unknown".',
    run: readDir,
  },
  readFileType: {
    args: ["path"],
    doc: 'What kind of file is at a path: "regular", "directory", "symlink" or "unknown".',
    run: readFileType,
  },
  pathExists: {
    args: ["path"],
    doc: "Whether there is something at a path. A string that ends in a slash asks for a directory.",
    run: pathExists,
  },
  baseNameOf: {
    args: ["path"],
    doc: "The last component of a path or string.",
    plain: true,
    run: baseNameOf,
  },
  dirOf: {
    args: ["path"],
    doc: "The directory in which a path lies: a path of a path, a string of a string.",
    plain: true,
    run: dirOf,
  },
  toPath: {
    args: ["string"],
    doc: "An absolute path as a string, canonical. Deprecated: `/. + string` makes a path.",
    run: (evaluation, string) => {
      const { path, context } = coerceToPath(evaluation, string);
      return makeString(path, context);
    },
  },
  getEnv: {
    args: ["name"],
    doc: "An environment variable; empty where it is unset, and always in pure evaluation.",
    run: getEnv,
  },
});
