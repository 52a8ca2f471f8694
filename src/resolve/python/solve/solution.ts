/** From the solver's choice to what an environment is made of. */
import type { NormalizedName, Requirement } from "#format/python";
import type { Library } from "./library.ts";
import type { IndexFile } from "./package-index.ts";
import type { PythonPackage } from "./packages.ts";
import type { PreparedRequest } from "./request.ts";

export interface SolvedPackage<F extends IndexFile = IndexFile> {
  readonly name: NormalizedName;
  readonly version: string;
  readonly file: F;
  /** The extras that somebody asks for, sorted. */
  readonly extras: readonly NormalizedName[];
  /** What it needs here, its extras' needs with it, sorted by name. */
  readonly dependencies: readonly {
    readonly name: NormalizedName;
    readonly extras: readonly NormalizedName[];
  }[];
  /** Who asks for it, sorted; the empty name is the request. */
  readonly reasons: readonly string[];
}

export interface PythonSolution<F extends IndexFile = IndexFile> {
  /** Each behind what it depends on, as far as that goes in no circle; else by name. */
  readonly packages: readonly SolvedPackage<F>[];
  /** What a user should hear of: files left out for want of a time, extras that do not exist, and the like. */
  readonly notes: readonly string[];
}

export function solutionOf<F extends IndexFile>(
  versions: ReadonlyMap<PythonPackage, number>,
  library: Library<F>,
  request: PreparedRequest,
): PythonSolution<F> {
  const ordinals = new Map<NormalizedName, number>();
  const extras = new Map<NormalizedName, NormalizedName[]>();
  for (const [one, ordinal] of versions) {
    if (one.kind === "project") ordinals.set(one.name, ordinal);
    if (one.kind === "extra") extras.set(one.name, [...(extras.get(one.name) ?? []), one.extra]);
  }
  const reasons = new Map<NormalizedName, Set<string>>();
  const demand = (by: string, demands: readonly Requirement[]) => {
    for (const { name } of demands) reasons.set(name, (reasons.get(name) ?? new Set()).add(by));
  };
  demand("", request.requirements);
  const notes: string[] = [];
  const found = new Map<NormalizedName, Omit<SolvedPackage<F>, "reasons">>();
  for (const [name, ordinal] of ordinals) {
    const project = library.loaded(name);
    const choice = project.choice(ordinal);
    const described = library.describe(project, ordinal);
    if (choice.kind !== "file" || described instanceof Promise || described.kind !== "metadata")
      throw new Error(`Chosen without being read: ${name}`);
    const { metadata } = described;
    const mine = (extras.get(name) ?? []).sort();
    const demands = [undefined, ...mine].flatMap((extra) => library.demands(metadata, extra));
    demand(
      name,
      demands.filter((one) => one.name !== name),
    );
    const version = project.version(ordinal).toString();
    for (const extra of mine)
      if (!metadata.providesExtra.includes(extra)) notes.push(`${name} ${version} has no extra \`${extra}\``);
    if (choice.lastResort)
      notes.push(
        `${name} ${version} says that it is for Python ${choice.file.requiresPython}, and is used with ${request.target.platform.python}`,
      );
    found.set(name, {
      name,
      version,
      file: choice.file,
      extras: mine,
      dependencies: dependenciesOf(name, demands),
    });
  }
  const ordered = inOrder(found);
  return {
    packages: ordered.map((one) => ({ ...one, reasons: [...(reasons.get(one.name) ?? [])].sort() })),
    notes: [...notes.sort(), ...library.faults(), ...untimedNote(library)],
  };
}

function dependenciesOf(of: NormalizedName, demands: readonly Requirement[]): SolvedPackage["dependencies"] {
  const byName = new Map<NormalizedName, Set<NormalizedName>>();
  for (const { name, extras } of demands) {
    if (name === of) continue;
    byName.set(name, (byName.get(name) ?? new Set()).union(new Set(extras)));
  }
  return [...byName]
    .map(([name, extras]) => ({ name, extras: [...extras].sort() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Depth first, by name, without recursion: chains of dependencies may be long. */
function inOrder<T extends Pick<SolvedPackage, "name" | "dependencies">>(
  packages: ReadonlyMap<NormalizedName, T>,
): readonly T[] {
  const ordered: T[] = [];
  const seen = new Set<NormalizedName>();
  const open: (T | { readonly done: T })[] = [...packages.keys()]
    .sort()
    .reverse()
    .map((name) => packages.get(name)!);
  while (open.length > 0) {
    const next = open.pop()!;
    if ("done" in next) {
      ordered.push(next.done);
      continue;
    }
    if (seen.has(next.name)) continue;
    seen.add(next.name);
    open.push({ done: next });
    for (const { name } of next.dependencies.toReversed()) {
      const dependency = packages.get(name);
      if (dependency && !seen.has(name)) open.push(dependency);
    }
  }
  return ordered;
}

function untimedNote<F extends IndexFile>(library: Library<F>): string[] {
  const names = library.untimed();
  if (names.length === 0) return [];
  const shown = names.slice(0, 5).join(", ");
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return [`files without a time of upload are left out by exclude-newer: ${shown}${more}`];
}
