/**
 * Requirements, as package metadata and lists of packages state them (the packaging guide's "Dependency specifiers", once
 * PEP 508):
 *
 *     name [extra, other] >=1.2,<2 ; python_version < "3.11"
 *     name [extra] @ https://... ; sys_platform == "linux"
 *
 * Clauses may be in parentheses. Behind a URL the semicolon needs white space before it, as URLs may have one.
 */
import { CopseError } from "#base";
import { parseOnce } from "../parse-once.ts";
import {
  formatSpecifiers,
  NO_SPECIFIERS,
  parseSpecifiers,
  SPECIFIER_PATTERN,
  type Specifiers,
} from "../version/specifiers.ts";
import { formatMarker, type Marker, scanMarker } from "./marker.ts";
import { isName, type NormalizedName, normaliseName } from "./name.ts";
import { Scanner } from "./scanner.ts";

export interface Requirement {
  readonly name: NormalizedName;
  /** Sorted, each once. */
  readonly extras: readonly NormalizedName[];
  /** Undefined where any version will do, and with a URL. */
  readonly specifiers?: Specifiers;
  /** Where the package is to be had, instead of an index. */
  readonly url?: string;
  readonly marker?: Marker;
}

const NAME = /[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/y;
const URL = /[^ \t]+/y;
const SPACE = /[ \t]+/y;
const SPECIFIER = new RegExp(SPECIFIER_PATTERN, "iy");
const WILDCARD_BEHIND = /\.\*/y;
const LOCAL_BEHIND = /\+[a-z0-9]/y;

/** Throws CopseError `python-requirement-invalid`. */
export function parseRequirement(text: string): Requirement {
  const scanner = new Scanner(text, { code: "python-requirement-invalid", what: "requirement" });
  scanner.skipSpace();
  const name = scanName(scanner, "the name of a project");
  scanner.skipSpace();
  const extras = scanExtras(scanner);
  scanner.skipSpace();
  const url = scanUrl(scanner);
  const specifiers = url === undefined ? scanSpecifiers(scanner) : NO_SPECIFIERS;
  scanner.skipSpace();
  const marker = scanner.takeUnit(";") ? readMarker(scanner) : undefined;
  if (!scanner.atEnd) throw scanner.expected("a comma, a semicolon or the end");
  return {
    name,
    extras,
    ...(specifiers.clauses.length > 0 && { specifiers }),
    ...(url !== undefined && { url }),
    ...(marker !== undefined && { marker }),
  };
}

const markerOnce = parseOnce<Marker>();

/** Up to the end of the requirement. */
function readMarker(scanner: Scanner): Marker {
  const { text, position } = scanner;
  const marker = markerOnce(text.slice(position), () => {
    const scanned = scanMarker(scanner);
    // What is left over is an error, which belongs to this requirement alone.
    if (!scanner.atEnd) throw scanner.expected("`and`, `or` or the end");
    return scanned;
  });
  scanner.position = text.length;
  return marker;
}

function scanName(scanner: Scanner, what: string): NormalizedName {
  const name = scanner.take(NAME);
  if (name === undefined || !isName(name)) throw scanner.expected(what);
  return normaliseName(name);
}

function scanExtras(scanner: Scanner): readonly NormalizedName[] {
  if (!scanner.takeUnit("[")) return [];
  const extras = new Set<NormalizedName>();
  scanner.skipSpace();
  if (scanner.takeUnit("]")) return [];
  do {
    scanner.skipSpace();
    extras.add(scanName(scanner, "the name of an extra"));
    scanner.skipSpace();
  } while (scanner.takeUnit(","));
  if (!scanner.takeUnit("]")) throw scanner.expected("a comma or a closing bracket");
  return [...extras].sort();
}

function scanUrl(scanner: Scanner): string | undefined {
  if (!scanner.takeUnit("@")) return undefined;
  scanner.skipSpace();
  const url = scanner.take(URL);
  if (url === undefined) throw scanner.expected("a URL");
  if (!scanner.atEnd && scanner.take(SPACE) === undefined) throw scanner.expected("white space");
  return url;
}

function scanSpecifiers(scanner: Scanner): Specifiers {
  const parenthesis = scanner.takeUnit("(");
  scanner.skipSpace();
  const start = scanner.position;
  let end = start;
  while (scanner.take(SPECIFIER) !== undefined) {
    end = scanner.position;
    if (scanner.take(WILDCARD_BEHIND) !== undefined || scanner.take(LOCAL_BEHIND) !== undefined)
      throw scanner.error("a version has what its operator does not allow behind it");
    scanner.skipSpace();
    if (!scanner.takeUnit(",")) break;
    scanner.skipSpace();
  }
  if (parenthesis) {
    scanner.skipSpace();
    if (!scanner.takeUnit(")")) throw scanner.expected("a comma or a closing parenthesis");
  }
  try {
    return parseSpecifiers(scanner.text.slice(start, end));
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    throw new CopseError("python-requirement-invalid", error.message, { cause: error });
  }
}

/** As it is written: `name[extra]>=1.2,<2 ; marker`. */
export function formatRequirement(requirement: Requirement): string {
  const { name, extras, specifiers, url, marker } = requirement;
  let text: string = name;
  if (extras.length > 0) text += `[${extras.join(",")}]`;
  if (specifiers !== undefined) text += formatSpecifiers(specifiers);
  if (url !== undefined) text += ` @ ${url}`;
  if (marker !== undefined) text += ` ; ${formatMarker(marker)}`;
  return text;
}
