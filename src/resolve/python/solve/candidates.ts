/**
 * The versions of one project and the file that each would be installed from.
 *
 * A project may have thousands of files, of which a solve looks at few: versions are parsed when they are compared, and
 * their files asked for when a version is considered. Of a version's files the wheel with the best tag is taken, else the
 * sdist. What `requires-python`, a yank or the settings exclude is left out per file.
 *
 * An upper bound alone in `requires-python` does not exclude a wheel that is made for the interpreter by its tags, but
 * makes it the last resort: packages state such bounds for versions of Python that do not exist yet.
 */

import { CopseError } from "#base";
import {
  compareBuilds,
  type FilesOfVersion,
  isPrerelease,
  isWheel,
  type NormalizedName,
  parseVersion,
  parseWheelName,
  type Version,
  type WheelName,
} from "#format/python";
import type { IndexFile } from "./package-index.ts";
import type { Reason } from "./reason.ts";
import { appliesTo, type PythonSolveSettings, prereleaseRule } from "./settings.ts";
import type { Target } from "./target.ts";

export type Choice<F> =
  | {
      readonly kind: "file";
      readonly file: F;
      readonly lastResort: boolean;
      /** Other versions are looked at first: it would have to be built, and wheels are preferred. */
      readonly deferred?: boolean;
    }
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

/** Most versions are digits and dots, which need no parsing to be seen as no pre-release. */
const BARE_RELEASE = /^[0-9.]+$/;

export class Candidate<F extends IndexFile> {
  readonly #text: string;
  readonly #contents: FilesOfVersion<F>;
  #version: Version | undefined;
  #choice: Choice<F> | undefined;

  constructor(contents: FilesOfVersion<F>) {
    this.#text = contents.text;
    this.#contents = contents;
  }

  get version(): Version {
    this.#version ??= parseVersion(this.#text);
    return this.#version;
  }

  get isPrerelease(): boolean {
    return !BARE_RELEASE.test(this.#text) && isPrerelease(this.version);
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
    const { files } = this.#contents;
    const allWheels = files.filter(({ file }) => isWheel(file));
    const wheels = appliesTo(settings.noBinary, name) ? [] : allWheels;
    const sdists = appliesTo(settings.onlyBinary, name) ? [] : files.filter(({ file }) => !isWheel(file));
    if (wheels.length + sdists.length === 0)
      return unavailable({ kind: allWheels.length > 0 ? "only-wheels" : "only-sdist" });
    const fitting = fittingWheels(wheels, rules.target);
    const usable = [...fitting, ...sdists.sort(bySdistForm)];
    if (usable.length === 0) return unavailable({ kind: "no-fitting-wheel", tags: tagsOf(wheels) });
    const mayBeYanked = rules.mayBeYanked(this.version);
    const kept = usable.filter((file) => file.yanked === undefined || mayBeYanked);
    if (kept.length === 0) return unavailable({ kind: "yanked", why: yankReason(usable[0]!) });
    const choice = byPython(kept, rules.target);
    const isDeferred = settings.preferBinary && choice.kind === "file" && !isWheel(choice.file.file);
    return isDeferred ? { ...choice, deferred: true } : choice;
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
    // Most wheels are for other interpreters, which their tags tell without the rest of the name.
    const rank = target.rankOf(tagText(file.file));
    const name = rank === undefined ? undefined : readName(() => parseWheelName(file.file));
    if (name) ranked.push({ file, name, rank: rank! });
  }
  ranked.sort((a, b) => a.rank - b.rank || compareBuilds(b.name.build, a.name.build));
  return ranked.map(({ file }) => file);
}

function tagsOf(wheels: readonly IndexFile[]): readonly string[] {
  return [...new Set(wheels.map(({ file }) => tagText(file)))].sort();
}

function tagText(wheel: string): string {
  const abi = wheel.lastIndexOf("-", wheel.lastIndexOf("-") - 1);
  return wheel.slice(wheel.lastIndexOf("-", abi - 1) + 1, -".whl".length);
}

function yankReason({ yanked }: IndexFile): string | undefined {
  return typeof yanked === "string" && yanked !== "" ? yanked : undefined;
}

/** `.tar.gz` is what the standard asks for; the others are from before it. */
function bySdistForm(a: IndexFile, b: IndexFile): number {
  return Number(b.file.endsWith(".tar.gz")) - Number(a.file.endsWith(".tar.gz"));
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
