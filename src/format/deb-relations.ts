/**
 * Debian's relation fields: Depends, Conflicts, Provides, Build-Depends and their like (deb-control(5),
 * Debian Policy chapter 7).
 *
 *     libc6 (>= 2.36), python3:any | python3-minimal, gcc [amd64 !i386] <!nocheck> <stage1 cross>
 *
 * Commas join what must all hold, bars are alternatives in order of preference. Behind a name come, each
 * optional, an architecture after a colon, a version in parentheses, architectures in brackets and build
 * profiles in angles. The old operators `<` and `>` include equality; dpkg still reads them so.
 */
import { type ByteString, CopseError } from "#base";
import { compareDebVersions } from "./deb-version.ts";

export type DebOperator = "<<" | "<=" | "=" | ">=" | ">>";

export interface DebRelation {
  readonly name: string;
  /** What stands behind a colon: `any`, `native` or an architecture. */
  readonly qualifier?: string;
  readonly version?: DebVersionConstraint;
  /** The relation counts on these only, or, if negated, on all but these. */
  readonly architectures?: readonly DebTerm[];
  /** Alternatives of terms that must all hold. */
  readonly profiles?: readonly (readonly DebTerm[])[];
}

export interface DebVersionConstraint {
  readonly operator: DebOperator;
  readonly version: string;
}

export interface DebTerm {
  readonly name: string;
  readonly negated: boolean;
}

const OPERATORS: ReadonlyMap<string, DebOperator> = new Map([
  ["<<", "<<"],
  ["<=", "<="],
  ["<", "<="],
  ["=", "="],
  [">=", ">="],
  [">", ">="],
  [">>", ">>"],
]);

const NAME = /[ \t\n]*([A-Za-z0-9][A-Za-z0-9+.-]*)(?::([A-Za-z0-9-]+))?[ \t\n]*/y;
const VERSION = /\([ \t\n]*(<<|<=|<|=|>=|>>|>)[ \t\n]*([0-9A-Za-z.+~:-]+)[ \t\n]*\)[ \t\n]*/y;
const ARCHITECTURES = /\[([^\][]*)\][ \t\n]*/y;
const PROFILES = /<([^<>]*)>[ \t\n]*/y;

/** The field as groups, all of which must hold, of alternatives. Throws CopseError `deb-relation-invalid`. */
export function parseDebRelations(field: ByteString): readonly (readonly DebRelation[])[] {
  const groups: DebRelation[][] = [];
  let alternatives: DebRelation[] = [];
  let position = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const result = pattern.exec(field);
    if (result) position = pattern.lastIndex;
    return result;
  };
  while (position < field.length) {
    // dpkg, too, passes over nothing between two commas or behind the last.
    if (alternatives.length === 0 && match(/[ \t\n]*(?:,|$)/y)) continue;
    alternatives.push(readRelation(match) ?? fail(field, position));
    const separator = field[position];
    if (separator === "|") position++;
    else if (separator === "," || separator === undefined) {
      position++;
      groups.push(alternatives);
      alternatives = [];
    } else fail(field, position);
  }
  if (alternatives.length > 0) fail(field, position);
  return groups;
}

function readRelation(match: (pattern: RegExp) => RegExpExecArray | null): DebRelation | undefined {
  const head = match(NAME);
  if (!head) return undefined;
  const version = match(VERSION);
  const architectures = match(ARCHITECTURES);
  const profiles: DebTerm[][] = [];
  for (let terms = match(PROFILES); terms; terms = match(PROFILES)) profiles.push(parseTerms(terms[1]!));
  return {
    name: head[1]!,
    ...(head[2] !== undefined && { qualifier: head[2] }),
    ...(version && { version: { operator: OPERATORS.get(version[1]!)!, version: version[2]! } }),
    ...(architectures && { architectures: parseTerms(architectures[1]!) }),
    ...(profiles.length > 0 && { profiles }),
  };
}

/** Whether a version meets a constraint. Throws CopseError `deb-version-invalid`. */
export function satisfiesDebConstraint(version: string, constraint: DebVersionConstraint): boolean {
  const order = compareDebVersions(version, constraint.version);
  switch (constraint.operator) {
    case "<<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "=":
      return order === 0;
    case ">=":
      return order >= 0;
    case ">>":
      return order > 0;
  }
}

function parseTerms(text: string): DebTerm[] {
  const words = text.split(/[ \t\n]+/).filter((word) => word !== "");
  return words.map((word) =>
    word.startsWith("!") ? { name: word.slice(1), negated: true } : { name: word, negated: false },
  );
}

function fail(field: ByteString, position: number): never {
  const rest = field.slice(position, position + 60);
  throw new CopseError("deb-relation-invalid", `Invalid relation field at byte ${position}: \`${rest}\``);
}
