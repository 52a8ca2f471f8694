/**
 * What an R package demands of others: the fields Depends, Imports, LinkingTo, Suggests and Enhances.
 *
 *     Depends: R (>= 3.6.0), Matrix (>= 1.2-1), methods
 *
 * A name, perhaps with one condition on the version ("Writing R Extensions", 1.1.3). A name may stand in a field twice,
 * with a condition each: both hold. `R` is R itself.
 */
import { CopseError } from "#base";
import { compareRVersions, isRVersion, type RVersion } from "./version.ts";

export type RRelation = ">=" | ">" | "<=" | "<" | "==" | "!=";

export interface RDemand {
  readonly name: string;
  readonly condition?: { readonly relation: RRelation; readonly version: RVersion } | undefined;
}

/** R's own names for packages: letters, digits and dots. */
export function isRPackageName(text: string): boolean {
  return text.length <= 100 && /^[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]$/.test(text);
}

const DEMAND = /^([A-Za-z][A-Za-z0-9.]*)\s*(?:\(\s*([<>=!]+)\s*([^\s)]+)\s*\)|([<>=!]+)\s*(\S+))?$/;
const relations: ReadonlySet<string> = new Set([">=", ">", "<=", "<", "==", "!="]);

/** `lme4 (>= 1.1)`; people may leave out the parentheses. Throws CopseError `r-demand-invalid`. */
export function parseRDemand(text: string): RDemand {
  const demand = readDemand(text.trim());
  if (demand) return demand;
  const isShort = /[<>=]\s*\d+\s*\)?\s*$/.test(text);
  throw new CopseError("r-demand-invalid", `No R package is demanded by \`${text.slice(0, 200)}\``, {
    hint: isShort
      ? "a version of R's has two numbers at least: lme4 (< 2.0)"
      : "write a name, perhaps with a condition: lme4 (>= 1.1-30)",
  });
}

/**
 * A field's demands. What is malformed is left out, as R does when it reads an index: one package's mistake must not keep
 * from using the others.
 */
export function parseRDemands(field: string | undefined): RDemand[] {
  if (field === undefined) return [];
  return field
    .split(",")
    .map((part) => readDemand(part.trim()))
    .filter((one) => one !== undefined);
}

function readDemand(text: string): RDemand | undefined {
  const match = text.length <= 300 ? DEMAND.exec(text) : null;
  const name = match?.[1];
  if (!match || name === undefined || !(name === "R" || isRPackageName(name))) return undefined;
  const relation = match[2] ?? match[4];
  const version = match[3] ?? match[5];
  if (relation === undefined || version === undefined) return { name };
  if (!relations.has(relation) || !isRVersion(version)) return undefined;
  return { name, condition: { relation: relation as RRelation, version } };
}

/** As DESCRIPTION has it. */
export function formatRDemand({ name, condition }: RDemand): string {
  return condition ? `${name} (${condition.relation} ${condition.version})` : name;
}

/** Whether a version is one that is demanded. */
export function satisfiesRDemand(version: RVersion, { condition }: RDemand): boolean {
  if (!condition) return true;
  const order = compareRVersions(version, condition.version);
  switch (condition.relation) {
    case ">=":
      return order >= 0;
    case ">":
      return order > 0;
    case "<=":
      return order <= 0;
    case "<":
      return order < 0;
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
  }
}
