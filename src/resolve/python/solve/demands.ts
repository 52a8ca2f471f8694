/**
 * What a version of a project demands on the target: its metadata's requirements whose markers hold there, by the
 * project itself or one of its extras, as corrected by the user's settings.
 */
import {
  bothSpecifiers,
  type CoreMetadata,
  contains,
  formatSpecifier,
  mentionsExtra,
  NO_SPECIFIERS,
  type NormalizedName,
  parseSpecifiers,
  type Requirement,
  type Specifiers,
} from "#format/python";
import type { PreparedRequest } from "./request.ts";
import type { Adjustment, Relaxation } from "./settings.ts";

export function demandsOf(
  metadata: CoreMetadata,
  extra: NormalizedName | undefined,
  request: PreparedRequest,
): readonly Requirement[] {
  const { relax = [], adjustments = [] } = request.settings;
  const stated = metadata.requiresDist.filter((one) => applies(one, extra, request));
  const adjusted = adjustments
    .filter((one) => concerns(one, metadata))
    .reduce((demands, one) => adjust(demands, one, extra, request), stated);
  const relaxed = adjusted.map((one) => relaxRequirement(one, metadata.name, relax));
  return request.overridden(relaxed);
}

/** An extra's requirements are those that hold with it and not without. */
function applies(
  { marker }: Requirement,
  extra: NormalizedName | undefined,
  { target }: PreparedRequest,
): boolean {
  if (!marker) return extra === undefined;
  if (extra === undefined) return target.holds(marker);
  return mentionsExtra(marker) && target.holds(marker, extra) && !target.holds(marker);
}

function concerns({ project, versions }: Adjustment, { name, version }: CoreMetadata): boolean {
  return project === name && (!versions || contains(versions, version));
}

function adjust(
  demands: readonly Requirement[],
  { remove = [], demand = [] }: Adjustment,
  extra: NormalizedName | undefined,
  { target }: PreparedRequest,
): Requirement[] {
  const replaced = new Set([...remove, ...demand.map(({ name }) => name)]);
  const kept = demands.filter(({ name }) => !replaced.has(name));
  if (extra !== undefined) return kept;
  return [...kept, ...demand.filter(({ marker }) => !marker || target.holds(marker))];
}

/** As far as the user lets the bounds of `of` not count. */
export function relaxRequirement(
  requirement: Requirement,
  of: NormalizedName,
  relaxations: readonly Relaxation[],
): Requirement {
  const { specifiers } = requirement;
  if (!specifiers) return requirement;
  const mine = relaxations.filter(
    (one) => one.name === requirement.name && (one.of === undefined || one.of === of),
  );
  if (mine.length === 0) return requirement;
  const relaxed = mine.reduce(relaxSpecifiers, specifiers);
  const { specifiers: _dropped, ...rest } = requirement;
  return relaxed.clauses.length === 0 ? rest : { ...rest, specifiers: relaxed };
}

function relaxSpecifiers(specifiers: Specifiers, { specifiers: dropped }: Relaxation): Specifiers {
  if (dropped) {
    const texts = new Set(dropped.clauses.map(formatSpecifier));
    const kept = specifiers.clauses.map(formatSpecifier).filter((text) => !texts.has(text));
    return parseSpecifiers(kept.join(","));
  }
  return specifiers.clauses.map(withoutUpperBound).reduce(bothSpecifiers, NO_SPECIFIERS);
}

/** `~=1.4` and `==1.4` say from where on, too. */
function withoutUpperBound(clause: Specifiers["clauses"][number]): Specifiers {
  if (clause.kind === "identical") return NO_SPECIFIERS;
  switch (clause.operator) {
    case "<":
    case "<=":
      return NO_SPECIFIERS;
    case "==":
    case "~=":
      return parseSpecifiers(`>=${clause.version}`.replace(/\+.*/, ""));
    default:
      return parseSpecifiers(formatSpecifier(clause));
  }
}
