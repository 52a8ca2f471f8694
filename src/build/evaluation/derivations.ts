/** The derivations that a value stands for: what `build` and `lock` work on. */
import { CopseError } from "#base";
import { parseStorePath, type StorePath } from "#format";
import {
  Attrs,
  type Evaluator,
  forceText,
  isDerivation,
  isList,
  type Lazy,
  showType,
  type Value,
} from "#lang";

export interface DerivationHandle {
  readonly attrPath: string;
  readonly name: string;
  readonly drvPath: StorePath;
  readonly output: string;
  readonly outPath: StorePath;
}

/**
 * A derivation itself, those in a list, or those among a set's attributes.
 *
 * @throws CopseError `not-a-derivation`.
 */
export function derivationsIn(evaluator: Evaluator, value: Value): DerivationHandle[] {
  const found: DerivationHandle[] = [];
  evaluator.enter(() => collect(evaluator, { value, attrPath: "", found, depth: 0 }));
  if (found.length > 0) return found;
  throw new CopseError("not-a-derivation", `The value holds no derivation, it is ${showType(value)}`, {
    hint: "name the attribute that is meant with -A",
  });
}

interface Search {
  readonly value: Value;
  readonly attrPath: string;
  readonly found: DerivationHandle[];
  readonly depth: number;
}

function collect(evaluator: Evaluator, search: Search): void {
  const { value, attrPath, found, depth } = search;
  if (isDerivation(value)) {
    found.push(handleOf(value, attrPath));
  } else if (isList(value)) {
    value.forEach((item, index) => {
      collect(evaluator, {
        ...search,
        value: evaluator.force(item),
        attrPath: join(attrPath, String(index)),
        depth: depth + 1,
      });
    });
  } else if (value instanceof Attrs && (depth === 0 || isRecursed(evaluator, value))) {
    for (const [name, item] of value.entries()) {
      collect(evaluator, {
        ...search,
        value: evaluator.force(item),
        attrPath: join(attrPath, name),
        depth: depth + 1,
      });
    }
  }
}

/** Sets inside of sets are looked into only where they ask for it, as with `nix-build`. */
function isRecursed(evaluator: Evaluator, value: Attrs): boolean {
  const mark = value.get("recurseForDerivations");
  return mark !== undefined && evaluator.force(mark) === true;
}

function handleOf(value: Attrs, attrPath: string): DerivationHandle {
  const text = (name: string, fallback?: string): string => {
    const lazy: Lazy | undefined = value.get(name);
    if (lazy === undefined && fallback !== undefined) return fallback;
    if (lazy === undefined)
      throw new CopseError("not-a-derivation", `Derivation has no attribute: \`${name}\``);
    return forceText(lazy);
  };
  const output = text("outputName", "out");
  return {
    attrPath,
    name: text("name"),
    drvPath: parseStorePath(text("drvPath")),
    output,
    outPath: parseStorePath(text("outPath")),
  };
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
