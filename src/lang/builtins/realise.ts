/**
 * From a value to a file that can be read: the path is made absolute, what its context names is built or copied
 * first, and restricted evaluation has its say. Errors of the host are given Nix's words.
 */
import { type ByteString, CopseError } from "#base";
import { downstreamPlaceholder, type StorePath, storePathOf } from "#format";
import type { RealiseRequest } from "../host.ts";
import {
  type ContextElement,
  coerceToPath,
  displayContextElement,
  type Evaluation,
  evalError,
  formatContextElement,
  type Lazy,
  type StringContext,
} from "../runtime/mod.ts";

/**
 * Makes what a text's context names valid. The text comes back with the paths of outputs that were not known before they
 * were built. Nothing to do without a context.
 */
export function realiseContext(
  evaluation: Evaluation,
  text: ByteString,
  context: StringContext | undefined,
): ByteString {
  const wanted = (context?.elements() ?? []).map(requestFor);
  if (wanted.length === 0) return text;
  const output = wanted.find((request) => request.kind === "output");
  if (output && !evaluation.settings.allowImportFromDerivation) {
    const { drvPath, output: name } = output;
    const shown = displayContextElement(formatContextElement({ kind: "built", drvPath, output: name }));
    throw evalError(
      "restricted",
      `cannot build '${shown}' during evaluation because the option 'allow-import-from-derivation' is disabled`,
    );
  }
  evaluation.host.realise(wanted);
  return wanted.reduce((rewritten, request) => withBuiltPath(evaluation, rewritten, request), text);
}

function withBuiltPath({ host }: Evaluation, text: ByteString, request: RealiseRequest): ByteString {
  if (request.kind !== "output") return text;
  const { drvPath, output } = request;
  const placeholder = downstreamPlaceholder(drvPath, output);
  return text.includes(placeholder)
    ? text.replaceAll(placeholder, () => host.outputPath(drvPath, output))
    : text;
}

function requestFor(element: ContextElement): RealiseRequest {
  switch (element.kind) {
    case "opaque":
      return { kind: "path", path: element.path as StorePath };
    case "drv-deep":
      return { kind: "path", path: element.drvPath as StorePath };
    case "built":
      return { kind: "output", drvPath: element.drvPath as StorePath, output: element.output };
  }
}

/** An absolute path that may be read now. */
export function readablePath(evaluation: Evaluation, lazy: Lazy): ByteString {
  return readableSource(evaluation, lazy).path;
}

/** The same with the store object that it lies in, where the value refers to one: a path of the language does not. */
export function readableSource(
  evaluation: Evaluation,
  lazy: Lazy,
): { readonly path: ByteString; readonly storeObject: StorePath | undefined } {
  const meant = coerceToPath(evaluation, lazy);
  const path = realiseContext(evaluation, meant.path, meant.context);
  evaluation.checkAccess(path);
  return { path, storeObject: meant.context && storePathOf(path)?.path };
}

/** Runs a host call; says what Nix says where there is nothing at the path. */
export function withFileErrors<T>(path: ByteString, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CopseError && error.code === "file-not-found") {
      throw new CopseError("file-not-found", `path '${path}' does not exist`, { cause: error });
    }
    throw error;
  }
}

export function readBytes(evaluation: Evaluation, path: ByteString): Uint8Array {
  return withFileErrors(path, () => evaluation.host.readFile(path));
}

const MAX_LINKS = 1000;

/** The path with all symbolic links followed, in its directories too. What is not there stays as it is. */
export function resolveLinks({ host }: Evaluation, path: ByteString): ByteString {
  const todo = path.split("/").reverse();
  let resolved = "";
  let links = 0;
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      resolved = resolved.slice(0, Math.max(0, resolved.lastIndexOf("/")));
      continue;
    }
    const next = `${resolved}/${part}`;
    if (host.fileKind(next) !== "symlink") {
      resolved = next;
      continue;
    }
    if (++links > MAX_LINKS) {
      throw new CopseError("file-unreadable", `infinite symlink recursion in path '${path}'`);
    }
    const target = host.readLink(next);
    if (target.startsWith("/")) resolved = "";
    todo.push(...target.split("/").reverse());
  }
  return resolved || "/";
}
