/**
 * String contexts: seeing and changing which store objects a string refers to. Most programs never need these; what
 * is taken away from a context is a dependency that the build will not have.
 */
import { isStorePath } from "#format";
import {
  Attrs,
  type ContextElement,
  ContextString,
  coerceToString,
  contextOf,
  type Evaluation,
  evalError,
  forceAttrs,
  forceBool,
  forceList,
  forceString,
  forceStringNoContext,
  formatContextElement,
  type Lazy,
  makeString,
  StringContext,
  textOf,
  unionContexts,
  type Value,
} from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";

interface PathContext {
  path: boolean;
  allOutputs: boolean;
  outputs: string[];
}

function getContext(_: Evaluation, string: Lazy): Value {
  const context = contextOf(forceString(string));
  const paths = new Map<string, PathContext>();
  const entry = (path: string) => {
    const known = paths.get(path) ?? { path: false, allOutputs: false, outputs: [] };
    paths.set(path, known);
    return known;
  };
  for (const element of context?.elements() ?? []) {
    if (element.kind === "opaque") entry(element.path).path = true;
    else if (element.kind === "drv-deep") entry(element.drvPath).allOutputs = true;
    else entry(element.drvPath).outputs.push(element.output);
  }
  return Attrs.fromEntries([...paths].map(([path, what]) => [path, describe(what)]));
}

function describe({ path, allOutputs, outputs }: PathContext): Attrs {
  const entries: [string, Lazy][] = [];
  if (path) entries.push(["path", true]);
  if (allOutputs) entries.push(["allOutputs", true]);
  if (outputs.length > 0) entries.push(["outputs", outputs.sort()]);
  return Attrs.fromEntries(entries);
}

function appendContext(_: Evaluation, string: Lazy, added: Lazy): Value {
  const value = forceString(string);
  const elements: ContextElement[] = [];
  for (const [path, what] of forceAttrs(added).entries()) elements.push(...readElements(path, what));
  const context = StringContext.fromEncoded(elements.map(formatContextElement));
  return makeString(textOf(value), unionContexts(contextOf(value), context));
}

function readElements(path: string, what: Lazy): ContextElement[] {
  if (!isStorePath(path)) throw evalError("invalid-value", `context key '${path}' is not a store path`);
  const attrs = forceAttrs(what);
  const elements: ContextElement[] = [];
  const flag = (name: string) => {
    const value = attrs.get(name);
    return value !== undefined && forceBool(value);
  };
  if (flag("path")) elements.push({ kind: "opaque", path });
  if (flag("allOutputs")) {
    checkDerivation(path, "all-outputs");
    elements.push({ kind: "drv-deep", drvPath: path });
  }
  const outputs = forceList(attrs.get("outputs") ?? []);
  if (outputs.length > 0) checkDerivation(path, "derivation output");
  for (const output of outputs) {
    elements.push({ kind: "built", drvPath: path, output: forceStringNoContext(output) });
  }
  return elements;
}

function checkDerivation(path: string, what: string): void {
  if (path.endsWith(".drv")) return;
  throw evalError(
    "invalid-value",
    `tried to add ${what} context of "${path}", which is not a derivation, to a string`,
  );
}

/** The same string with its context mapped; elements that become equal are one. */
function mapContext(value: Value, map: (element: ContextElement) => ContextElement): Value {
  if (!(value instanceof ContextString)) return value;
  const mapped = value.context.elements().map((element) => formatContextElement(map(element)));
  return makeString(value.text, StringContext.fromEncoded(mapped));
}

function addDrvOutputDependencies(evaluation: Evaluation, string: Lazy): Value {
  const value = coerceToString(evaluation, string);
  const elements = contextOf(value)?.elements() ?? [];
  const [element] = elements;
  if (!element || elements.length > 1) {
    throw evalError(
      "invalid-value",
      `context of string '${textOf(value)}' must have exactly one element, but has ${elements.length}`,
    );
  }
  if (element.kind === "built") {
    throw evalError(
      "invalid-value",
      `\`addDrvOutputDependencies\` can only act on derivations, not on a derivation output such as '${element.output}'`,
    );
  }
  if (element.kind === "drv-deep") return value;
  if (!element.path.endsWith(".drv")) {
    throw evalError("invalid-value", `path '${element.path}' is not a derivation`);
  }
  return mapContext(value, () => ({ kind: "drv-deep", drvPath: element.path }));
}

export const contextBuiltins = defineFunctions({
  hasContext: {
    args: ["string"],
    doc: "Whether a string refers to something in the store.",
    run: (_, string) => contextOf(forceString(string)) !== undefined,
  },
  getContext: {
    args: ["string"],
    doc: "The store paths that a string refers to, each with `path`, `allOutputs` or `outputs` as it is referred to.",
    run: getContext,
  },
  appendContext: {
    args: ["string", "context"],
    doc: "A string with more references, in the form that `getContext` gives.",
    run: appendContext,
  },
  unsafeDiscardStringContext: {
    args: ["string"],
    doc: "The bytes of a string without its references. Unsafe, as what uses the string may then not have what it names.",
    run: (evaluation, string) => textOf(coerceToString(evaluation, string)),
  },
  unsafeDiscardOutputDependency: {
    args: ["string"],
    doc: "A string whose references to derivations with all their outputs become references to the derivations' files alone.",
    run: (evaluation, string) =>
      mapContext(coerceToString(evaluation, string), (element) =>
        element.kind === "drv-deep" ? { kind: "opaque", path: element.drvPath } : element,
      ),
  },
  addDrvOutputDependencies: {
    args: ["string"],
    doc: "The opposite of `unsafeDiscardOutputDependency`, for a string with exactly one reference.",
    run: addDrvOutputDependencies,
  },
});
