/**
 * The versions of one project and the file that each would be installed from.
 *
 * A project may have thousands of files, of which a solve looks at few, so names are read as far as the version at
 * first, and the rest when a version is considered. Of a version's files the wheel with the best tag is taken, else the
 * sdist. What `requires-python`, a yank or the settings exclude is left out per file.
 *
 * An upper bound alone in `requires-python` does not exclude a wheel that is made for the interpreter by its tags, but
 * makes it the last resort: packages state such bounds for versions of Python that do not exist yet.
 */

import { CopseError } from "#base";
import {
  compareBuilds,
  isPrerelease,
  type NormalizedName,
  parseSdistName,
  parseWheelName,
  rankOfTags,
  tryParseVersion,
  type Version,
  type WheelName,
} from "#format/python";
import type { IndexFile } from "./package-index.ts";
import type { Reason } from "./reason.ts";
import { appliesTo, type PythonSolveSettings, prereleaseRule } from "./settings.ts";
import type { Target } from "./target.ts";

export type Choice<F> =
  | { readonly kind: "file"; readonly file: F; readonly lastResort: boolean }
  | { readonly kind: "unavailable"; readonly reason: Reason };

export interface CandidateRules {
  readonly name: NormalizedName;
  readonly target: Target;
  readonly settings: PythonSolveSettings;
  /** Whether yanked files of a version are taken: it is pinned exactly, or locked. */
  readonly mayBeYanked: (version: Version) => boolean;
  /** Whether the request itself names pre-releases of the project. */
  readonly asksForPrereleases: boolean;
}

export class Candidate<F extends IndexFile> {
  readonly version: Version;
  readonly isPrerelease: boolean;
  readonly #wheels: F[] = [];
  readonly #sdists: F[] = [];
  #choice: Choice<F> | undefined;

  constructor(version: Version) {
    this.version = version;
    this.isPrerelease = isPrerelease(version);
  }

  add(file: F): void {
    (isWheel(file.file) ? this.#wheels : this.#sdists).push(file);
    this.#choice = undefined;
  }

  /** Metadata may say of a version what its file did not. */
  rule(reason: Reason): void {
    this.#choice = { kind: "unavailable", reason };
  }

  choice(rules: CandidateRules): Choice<F> {
    this.#choice ??= this.#choose(rules);
    return this.#choice;
  }

  #choose(rules: CandidateRules): Choice<F> {
    const { settings, name } = rules;
    if (this.isPrerelease && !allowsPrereleases(rules)) return unavailable({ kind: "pre-release" });
    const wheels = appliesTo(settings.noBinary, name) ? [] : this.#wheels;
    const sdists = appliesTo(settings.onlyBinary, name) ? [] : this.#sdists;
    if (wheels.length + sdists.length === 0)
      return unavailable({ kind: this.#wheels.length > 0 ? "only-wheels" : "only-sdist" });
    const fitting = fittingWheels(wheels, rules.target);
    const usable = [...fitting, ...sdists.sort(bySdistForm)];
    if (usable.length === 0) return unavailable({ kind: "no-fitting-wheel", tags: tagsOf(wheels) });
    const mayBeYanked = rules.mayBeYanked(this.version);
    const kept = usable.filter((file) => file.yanked === undefined || mayBeYanked);
    if (kept.length === 0) return unavailable({ kind: "yanked", why: yankReason(usable[0]!) });
    return byPython(kept, rules.target);
  }
}

function byPython<F extends IndexFile>(files: readonly F[], target: Target): Choice<F> {
  const fits = files.find((file) => target.fit(file.requiresPython) === "fits");
  if (fits) return { kind: "file", file: fits, lastResort: false };
  const wheel = files.find(
    (file) => isWheel(file.file) && target.fit(file.requiresPython) === "python-too-new",
  );
  if (wheel) return { kind: "file", file: wheel, lastResort: true };
  return unavailable({ kind: "python", requires: files[0]!.requiresPython ?? "" });
}

function unavailable<F>(reason: Reason): Choice<F> {
  return { kind: "unavailable", reason };
}

function allowsPrereleases({ name, settings, asksForPrereleases }: CandidateRules): boolean {
  switch (prereleaseRule(settings, name)) {
    case "disallow":
      return false;
    case "explicit":
      return asksForPrereleases;
    default:
      return true;
  }
}

/** Best first. */
function fittingWheels<F extends IndexFile>(wheels: readonly F[], target: Target): readonly F[] {
  const ranked: { readonly file: F; readonly name: WheelName; readonly rank: number }[] = [];
  for (const file of wheels) {
    const name = readName(() => parseWheelName(file.file));
    const rank = name && rankOfTags(name.tags, target.tags);
    if (rank !== undefined) ranked.push({ file, name: name!, rank });
  }
  ranked.sort((a, b) => a.rank - b.rank || compareBuilds(b.name.build, a.name.build));
  return ranked.map(({ file }) => file);
}

function tagsOf(wheels: readonly IndexFile[]): readonly string[] {
  const tags = wheels.map(({ file }) =>
    file
      .replace(/\.whl$/i, "")
      .split("-")
      .slice(-3)
      .join("-"),
  );
  return [...new Set(tags)].sort();
}

function yankReason({ yanked }: IndexFile): string | undefined {
  return typeof yanked === "string" && yanked !== "" ? yanked : undefined;
}

/** `.tar.gz` is what the standard asks for; the others are from before it. */
function bySdistForm(a: IndexFile, b: IndexFile): number {
  return Number(b.file.endsWith(".tar.gz")) - Number(a.file.endsWith(".tar.gz"));
}

export function isWheel(file: string): boolean {
  return file.endsWith(".whl");
}

/** The versions among `files`, oldest first. Files whose names say nothing are passed over. */
export function candidatesOf<F extends IndexFile>(
  files: readonly F[],
  project: NormalizedName,
): readonly Candidate<F>[] {
  const byText = new Map<string, Candidate<F>>();
  const byKey = new Map<string, Candidate<F>>();
  for (const file of files) {
    const text = versionText(file.file, project);
    if (text === undefined) continue;
    let candidate = byText.get(text);
    if (!candidate) {
      const version = tryParseVersion(text);
      if (!version) continue;
      // `1.0` and `1.0.0` are one version.
      candidate = byKey.get(version.key) ?? new Candidate(version);
      byText.set(text, candidate);
      byKey.set(version.key, candidate);
    }
    candidate.add(file);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, candidate]) => candidate);
}

function versionText(file: string, project: NormalizedName): string | undefined {
  if (isWheel(file)) {
    const start = file.indexOf("-") + 1;
    const end = file.indexOf("-", start);
    return start > 0 && end > start ? file.slice(start, end) : undefined;
  }
  return readName(() => parseSdistName(file, project))?.version.text;
}

/** Indexes hold files from before there were rules for their names. */
function readName<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CopseError) return undefined;
    throw error;
  }
}
