/** Settles what several files have said: one Python, one version of a lock for each package, indexes that are there. */
import { CopseError } from "#base";
import {
  formatMarker,
  formatRequirement,
  normaliseName,
  parseMarker,
  parseRequirement,
} from "#format/python";
import { parseRDemand } from "#format/r";
import { type Draft, type DraftPackage, type LockedVersion, MAIN_GROUP, PUBLIC_INDEX } from "./draft.ts";
import type { Place } from "./findings.ts";
import { reportLooseness } from "./python/looseness.ts";
import { choosePython } from "./python/python-version.ts";

/** A draft without contradictions. */
export interface FinishedDraft {
  readonly draft: Draft;
  readonly python: string | undefined;
}

export function finishDraft(draft: Draft): FinishedDraft {
  for (const [group, packages] of draft.groups)
    draft.groups.set(
      group,
      packages.flatMap((one) => checkedPackage(draft, one)),
    );
  for (const statements of [draft.constraints, draft.overrides])
    for (const [text, place] of [...statements])
      if (!isRequirement(draft, text, place)) statements.delete(text);
  const versions = lockedVersions(draft);
  for (const [text, place] of versions.constraints) draft.constraints.set(text, place);
  reportLooseness(draft, (name) => versions.names.has(normaliseName(name)));
  for (const [name, condition] of [...draft.r]) {
    try {
      parseRDemand(condition === "" ? name : `${name} (${condition})`);
    } catch (error) {
      if (!(error instanceof CopseError)) throw error;
      draft.findings.lose({ file: draft.files[0] ?? "" }, `the R package \`${name} (${condition})\``);
      draft.r.delete(name);
    }
  }
  return { draft, python: draft.usesPython ? choosePython(draft) : undefined };
}

/** Markers and indexes as copse.toml can have them. */
function checkedPackage(draft: Draft, wanted: DraftPackage): DraftPackage[] {
  const { index, marker, ...rest } = wanted;
  const hasIndex = index !== undefined && draft.indexes.has(index);
  if (index !== undefined && !hasIndex && index !== PUBLIC_INDEX)
    draft.findings.lose(
      wanted.place,
      `\`${wanted.name}\`: its index \`${index}\`, whose address is not said`,
    );
  try {
    const checked = marker === undefined ? undefined : formatMarker(parseMarker(marker));
    parseRequirement(`${wanted.name}${wanted.version}`);
    for (const address of [wanted.url, wanted.git, wanted.rev, wanted.subdirectory])
      if (address !== undefined) parseRequirement(`${wanted.name} @ ${address}`);
    return [{ ...rest, ...(hasIndex && { index }), ...(checked !== undefined && { marker: checked }) }];
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    draft.findings.lose(wanted.place, `\`${wanted.name}${wanted.version}\`: ${error.message}`);
    return [];
  }
}

function isRequirement(draft: Draft, text: string, place: Place): boolean {
  try {
    parseRequirement(text);
    return true;
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    draft.findings.lose(place, `\`${text}\`: ${error.message}`);
    return false;
  }
}

/** As constraints. Of several lock files, the first that has a package counts. */
function lockedVersions(draft: Draft): {
  readonly constraints: ReadonlyMap<string, Place>;
  readonly names: ReadonlySet<string>;
} {
  const placed = new Set(
    [...draft.groups.values()]
      .flat()
      .flatMap((one) =>
        (one.git ?? one.url ?? one.path) === undefined ? [] : [normaliseName(one.name) as string],
      ),
  );
  const byName = new Map<string, LockedVersion[]>();
  for (const one of draft.locked) {
    const name = normaliseName(one.name);
    const known = byName.get(name) ?? [];
    byName.set(name, known);
    if (known.length === 0 || known[0]?.place.file === one.place.file) known.push(one);
  }
  const constraints = new Map<string, Place>();
  for (const [name, versions] of byName) {
    if (placed.has(name)) continue;
    const differ = new Set(versions.map(({ version }) => version)).size > 1;
    for (const { version, marker, place } of versions) {
      const text = `${name}==${version}${differ && marker ? ` ; ${marker}` : ""}`;
      if (isRequirement(draft, text, place))
        constraints.set(formatRequirement(parseRequirement(text)), place);
    }
  }
  return {
    constraints: new Map([...constraints].sort(([a], [b]) => (a < b ? -1 : 1))),
    names: new Set(byName.keys()),
  };
}

/** Groups that copse would not take by itself. */
export function statedDefaultGroups(draft: Draft): readonly string[] {
  const groups = [...draft.groups.keys()].filter((name) => name !== MAIN_GROUP);
  const wanted = groups.filter((name) => draft.defaultGroups.has(name));
  const implied = groups.includes("dev") ? ["dev"] : [];
  return wanted.length === 0 || wanted.join() === implied.join() ? [] : wanted;
}
