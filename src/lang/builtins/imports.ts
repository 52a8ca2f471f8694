/** Code from other files, and finding these by the search path. */
import type { ByteString } from "#base";
import {
  Attrs,
  coerceToString,
  contextOf,
  type Evaluation,
  evalError,
  forceAttrs,
  forceList,
  forceStringNoContext,
  type Lazy,
  Path,
  textOf,
  type Value,
} from "../runtime/mod.ts";
import { requireAttr } from "./attrsets.ts";
import { defineConstants, defineFunctions } from "./define.ts";
import { fetchTarballPath } from "./fetch.ts";
import { readablePath, realiseContext, withFileErrors } from "./realise.ts";

function importPath(evaluation: Evaluation, path: Lazy): Value {
  const file = readablePath(evaluation, path);
  return withFileErrors(file, () => evaluation.importFile(file));
}

function scopedImport(evaluation: Evaluation, scope: Lazy, path: Lazy): Value {
  const file = readablePath(evaluation, path);
  const names = forceAttrs(scope);
  return withFileErrors(file, () => evaluation.importScoped(file, names));
}

interface SearchEntry {
  readonly prefix: ByteString;
  readonly path: ByteString;
}

function readSearchEntry(evaluation: Evaluation, lazy: Lazy): SearchEntry {
  const attrs = forceAttrs(lazy);
  const prefix = attrs.get("prefix");
  const path = coerceToString(evaluation, requireAttr(attrs, "path"), { copyToStore: false });
  const built = realiseContext(evaluation, textOf(path), contextOf(path));
  return { prefix: prefix === undefined ? "" : forceStringNoContext(prefix), path: built };
}

/** What follows the prefix, with its slash; undefined where the name is not below the prefix. */
function belowPrefix(name: ByteString, prefix: ByteString): ByteString | undefined {
  if (prefix === "") return `/${name}`;
  if (name === prefix) return "";
  return name.startsWith(`${prefix}/`) ? name.slice(prefix.length) : undefined;
}

/** Where an entry really is: an archive's address means the archive unpacked. */
function resolveEntry(evaluation: Evaluation, path: ByteString): ByteString | undefined {
  if (/^(?:https?|file|ftp):\/\//.test(path)) {
    return fetchTarballPath(evaluation, { url: path, name: "source", expectedHash: undefined });
  }
  return path.startsWith("/") ? path : undefined;
}

function findFile(evaluation: Evaluation, searchPath: Lazy, lookup: Lazy): Value {
  const entries = forceList(searchPath).map((entry) => readSearchEntry(evaluation, entry));
  const name = forceStringNoContext(lookup);
  for (const { prefix, path } of entries) {
    const rest = belowPrefix(name, prefix);
    const directory = rest === undefined ? undefined : resolveEntry(evaluation, path);
    if (directory === undefined) continue;
    const candidate = `${directory.replace(/\/+$/, "")}${rest}` || "/";
    if (evaluation.host.fileKind(candidate) !== undefined) return new Path(candidate);
  }
  const { pureEval } = evaluation.settings;
  throw evalError(
    "thrown",
    pureEval
      ? `cannot look up '<${name}>' in pure evaluation mode (use '--impure' to override)`
      : `file '${name}' was not found in the Nix search path (add it using $NIX_PATH or -I)`,
  );
}

export const importBuiltins = [
  ...defineFunctions({
    import: {
      args: ["path"],
      doc: "The value of the expression in a file; a directory means its default.nix. A file is evaluated once.",
      plain: true,
      run: importPath,
    },
    scopedImport: {
      args: ["scope", "path"],
      doc: "As `import`, with the attributes of a set as further global names. The file is evaluated each time.",
      plain: true,
      run: scopedImport,
    },
    findFile: {
      args: ["searchPath", "name"],
      doc: 'Looks a name up in a list of `{ prefix, path }`. `<name>` means `findFile nixPath "name"`.',
      run: findFile,
    },
  }),
  ...defineConstants({
    nixPath: {
      doc: "The search path of `<name>`: from NIX_PATH and the command line.",
      value: ({ host }) =>
        host.searchPath.map(({ prefix, path }) => Attrs.fromSorted(["path", "prefix"], [path, prefix])),
    },
  }),
];
