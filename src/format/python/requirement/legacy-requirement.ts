/**
 * Requirements from before PEP 508 was enforced. pip up to 24.0 took most of them, indexes are full of them, and the
 * metadata of what is published cannot change any more. They are read strictly first, and mended only if that fails:
 *
 *     a>=1<2  a >=1 <2     a comma is missing
 *     a>=1,,<2  a ,>=1     a comma is too many
 *     a (>=1               a parenthesis is not closed, or not opened
 *     a>='1'               quotes around versions
 *     a>=1.*  a>=1.x       `.*` behind an operator that knows none counts as nothing: the prefix itself is meant
 *     a!=1.0*  a==1.x      `.*` is meant
 *     a!=~1.0              `!=1.0.*`
 *     a>=1.0.              a dot at the end
 *     a>=1.0a1.0           a zero behind the number of a pre-, post- or development release
 *     a>=1.0+cu118         a local version behind an operator that knows none
 *     a>dev                `>0.0.0dev`
 *     a>=1;                no marker behind the semicolon
 *
 * Anything else is refused as before, with the error of the strict reading. Versions that were none, pip compared piece by
 * piece as text. For `>=1.*`, `<1.*`, a dot or zero at the end, local versions and `>dev` that came to the same as here; for the
 * rest it came to what nobody can have meant (`==1.x` took nothing, `!=1.0*` anything), and here the meaning counts.
 */
import { CopseError } from "#base";
import { parseOnce } from "../parse-once.ts";
import { parseSpecifier, parseSpecifiers, type Specifiers } from "../version/specifiers.ts";
import { parseRequirement, type Requirement } from "./requirement.ts";

const HEAD = /^([ \t]*[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?[ \t]*(?:\[[^\]]*\])?)([^;@]*)(?:;(.*))?$/s;
const CLAUSE = /^(===|==|!=~|!=|~=|<=|>=|<|>)\s*(\S+)$/;

// No requirement is longer, and searching for what could be meant takes time.
const MAX_LENGTH = 10_000;

/** As `parseRequirement`, for metadata from the wild. */
export function parseLegacyRequirement(text: string): Requirement {
  return requirementOnce(text, readLegacyRequirement);
}

const requirementOnce = parseOnce<Requirement>();

function readLegacyRequirement(text: string): Requirement {
  return orMended(
    () => parseRequirement(text),
    () => {
      const [, head, specifiers, marker] = (text.length <= MAX_LENGTH && HEAD.exec(text)) || [];
      if (head === undefined) return undefined;
      const mended = `${head} ${mendSpecifiers(specifiers!)}`;
      return parseRequirement(marker === undefined || marker.trim() === "" ? mended : `${mended};${marker}`);
    },
  );
}

/** As `parseSpecifiers`, for metadata from the wild. */
export function parseLegacySpecifiers(text: string): Specifiers {
  return orMended(
    () => parseSpecifiers(text),
    () => parseSpecifiers(mendSpecifiers(text)),
  );
}

function orMended<T>(read: () => T, readMended: () => T | undefined): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    const mended = tryRead(readMended);
    if (mended === undefined) throw error;
    return mended;
  }
}

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    return undefined;
  }
}

function mendSpecifiers(text: string): string {
  const bare = text.trim().replace(/^\(/, "").replace(/\)$/, "").replace(/['"]/g, "");
  return (
    bare
      // An operator behind a version begins the next clause.
      .replace(/([0-9a-z*])\s*(?=[<>=!~])/gi, "$1,")
      .split(",")
      .map((clause) => clause.trim())
      .filter((clause) => clause !== "")
      .map(mendClause)
      .join(",")
  );
}

function mendClause(clause: string): string {
  if (tryRead(() => parseSpecifier(clause)) !== undefined) return clause;
  const [, operator, version] = CLAUSE.exec(clause) ?? [];
  if (operator === undefined || version === undefined) return clause;
  if (operator === "!=~") return `!=${version.replace(/\.\*$/, "")}.*`;
  if (operator === ">" && version === "dev") return ">0.0.0dev";
  const knowsMore = operator === "==" || operator === "!=";
  const mended = version
    .replace(/\.+$/, "")
    .replace(/^([0-9.]*[0-9])(?:\.?\*|\.x)$/i, knowsMore ? "$1.*" : "$1")
    .replace(/^([0-9.]*(?:a|b|rc|\.?post|\.?dev)[0-9]+)\.0$/, "$1");
  return operator + (knowsMore ? mended : mended.replace(/\+[A-Za-z0-9._-]+$/, ""));
}
