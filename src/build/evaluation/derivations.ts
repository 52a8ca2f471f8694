/**
 * The derivations that a value stands for: what `nix-build` builds of a file. A derivation itself, those in lists, and
 * those among a set's attributes; sets inside of sets only where they ask for it by `recurseForDerivations`. Each is
 * taken once, under whichever name comes first.
 */
import { CopseError } from "#base";
import { isStorePath, type StorePath, storePathBase } from "#format";
import {
  Attrs,
  addTrace,
  coerceToString,
  type Evaluator,
  force,
  forceBool,
  forceStringNoContext,
  isDerivation,
  isList,
  textOf,
  typeError,
  type Value,
} from "#lang";

export interface DerivationHandle {
  readonly attrPath: string;
  readonly name: string;
  readonly drvPath: StorePath;
  readonly output: string;
}

/** What Nix calls functions with on the way. */
export type ArgumentsFor = (value: Value) => Attrs;

/** None in an empty set. @throws CopseError `type-error` where the value is something else altogether. */
export function derivationsIn(
  evaluator: Evaluator,
  value: Value,
  argumentsFor: ArgumentsFor = () => Attrs.empty,
  onFound: (handle: DerivationHandle, value: Attrs) => void = () => {},
): DerivationHandle[] {
  const search: Search = { evaluator, argumentsFor, onFound, found: [], done: new Set() };
  evaluator.enter(() => collect(search, value, ""));
  return search.found;
}

interface Search {
  readonly evaluator: Evaluator;
  readonly argumentsFor: ArgumentsFor;
  readonly onFound: (handle: DerivationHandle, value: Attrs) => void;
  readonly found: DerivationHandle[];
  readonly done: Set<Attrs>;
}

const ATTRIBUTE_NAME = /^[A-Za-z_][A-Za-z0-9_+-]*$/;

function collect(search: Search, given: Value, attrPath: string): void {
  const value = search.evaluator.autoCall(given, search.argumentsFor(given));
  if (takeDerivation(search, value, attrPath)) return;
  if (value instanceof Attrs) {
    for (const [name, lazy] of value.entries()) {
      if (!ATTRIBUTE_NAME.test(name)) continue;
      traced(`while evaluating the attribute '${name}'`, () => {
        const member = force(lazy);
        const path = join(attrPath, name);
        if (!takeDerivation(search, member, path) && isRecursed(member)) collect(search, member, path);
      });
    }
  } else if (isList(value)) {
    value.forEach((item, index) => {
      const member = force(item);
      const path = join(attrPath, String(index));
      if (!takeDerivation(search, member, path)) collect(search, member, path);
    });
  } else throw typeError("expression does not evaluate to a derivation (or a set or list of those)");
}

/** Whether there is nothing to look for inside. */
function takeDerivation(search: Search, value: Value, attrPath: string): boolean {
  if (!isDerivation(value)) return false;
  if (search.done.has(value)) return true;
  search.done.add(value);
  const handle = handleOf(search.evaluator, value, attrPath);
  search.found.push(handle);
  search.onFound(handle, value);
  return true;
}

function isRecursed(value: Value): boolean {
  const mark = value instanceof Attrs ? value.get("recurseForDerivations") : undefined;
  return mark !== undefined && forceBool(mark);
}

/** @throws CopseError `not-a-derivation`, `type-error`. */
export function handleOf(evaluator: Evaluator, value: Attrs, attrPath: string): DerivationHandle {
  const name = value.get("name");
  if (name === undefined) throw typeError("derivation name missing");
  const shownName = traced("while evaluating the 'name' attribute of a derivation", () =>
    forceStringNoContext(name),
  );
  const drvPath = drvPathOf(evaluator, value);
  const outputName = value.get("outputName");
  const output =
    outputName === undefined
      ? ""
      : traced("while evaluating the output name of a derivation", () => forceStringNoContext(outputName));
  if (output === "")
    throw new CopseError("not-a-derivation", `derivation '${drvPath}' lacks an 'outputName' attribute`);
  return { attrPath, name: shownName, drvPath, output };
}

function drvPathOf(evaluator: Evaluator, value: Attrs): StorePath {
  const lazy = value.get("drvPath");
  if (lazy === undefined)
    throw new CopseError("not-a-derivation", "derivation does not contain a 'drvPath' attribute");
  return traced("while evaluating the 'drvPath' attribute of a derivation", () => {
    const path = textOf(coerceToString(evaluator, lazy, { copyToStore: false }));
    if (!isStorePath(path))
      throw new CopseError("not-a-derivation", `path '${path}' is not in the Nix store`);
    if (path.endsWith(".drv")) return path;
    throw new CopseError(
      "not-a-derivation",
      `store path '${storePathBase(path)}' is not a valid derivation path`,
    );
  });
}

function traced<T>(description: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    addTrace(error, description);
    throw error;
  }
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
