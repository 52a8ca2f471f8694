/**
 * Libraries that wheels use without saying so.
 *
 * A wheel brings what it needs, or depends on wheels that do, or relies on what "every Linux has": libGL for OpenCV,
 * libsndfile for soundfile. No metadata tell of that; the ELF files do. When a wheel is first made, what neither it,
 * nor what it depends on, nor the root of every environment has is looked up in Debian's lists of files, and stands
 * in the lock from then on as the wheel's `system`. So it is the same for all environments that have the wheel, and
 * no later evaluation looks into it.
 *
 * What nobody has is told: a plug-in may well be meant for another system, so that it is no error.
 */
import type { StorePath } from "#format";
import { coerceToString, contextOf, type RealiseRequest, textOf } from "#lang";
import { packageOfLibrary, type Requests } from "#resolve";
import type { LibraryScan } from "../../builders/python/scan-libraries.ts";
import { readDebianSource } from "../debian-source.ts";
import type { LibrariesRequest, WheelTree } from "./engine-python.ts";

export interface LibraryServices {
  /** Looks into trees that are valid. */
  scan(trees: readonly StorePath[], system: string): readonly LibraryScan[];
  readonly isFrozen: boolean;
  /** Whether wheels are made for the sake of being looked into; otherwise what is known of them counts. */
  readonly mayExamine: boolean;
}

/** The C library and what is linked as part of any program; base packages have them. */
const EVERYWHERE =
  /^(?:lib(?:c|m|dl|rt|pthread|util|resolv|nsl|anl|crypt|gcc_s|stdc\+\+|z)\.so\.[0-9]+|ld-linux[a-z0-9_-]*\.so\.[0-9]+|linux-vdso\.so\.1)$/;

/** What the driver of the machine brings when an environment is entered, and Debian must not. */
const OF_THE_DRIVER = /^lib(?:cuda|nvcuvid|nvoptix|cudadebugger|nvidia-[a-z0-9-]+|GLX_nvidia|EGL_nvidia)\.so/;

/** Debian packages for all wheels of an environment. */
export function undeclaredLibraries(
  requests: Requests,
  services: LibraryServices,
  request: LibrariesRequest,
): readonly string[] {
  const { packages } = request;
  const unknown = packages.filter((one) => one.system === undefined && isForOneMachine(one));
  const found = new Map<string, readonly string[]>();
  if (unknown.length > 0 && services.mayExamine) {
    const scans = scanAll(services, request, closureOf(packages, unknown));
    const missing = new Map(unknown.map((one) => [one, missingOf(one, packages, scans)]));
    const locked = lockedLibraries(requests, request, missing);
    const wanted = [...missing.values()].flat().filter(({ library }) => !locked.has(library));
    const packagesOf = lookUp(requests, services, request, wanted);
    for (const [one, needs] of missing) {
      const known = one.isAtHand ? locked : NONE_LOCKED;
      const chosen = settle(request, one, { needs, packagesOf, locked: known });
      const system = [...new Set(chosen.values())].sort();
      found.set(one.file, system);
      if (!one.isAtHand) requests.python.recordFinding(request.platform, one.file, { system });
      else requests.python.recordLibraries(request.platform, chosen);
    }
  }
  return [...new Set(packages.flatMap(({ file, system }) => system ?? found.get(file) ?? []))].sort();
}

const NONE_LOCKED: ReadonlyMap<string, string> = new Map();

/** A project at hand is built whenever it has changed, so that it is not the project that is locked, but what was looked up. */
function lockedLibraries(
  { lock }: Requests,
  { platform }: LibrariesRequest,
  missing: ReadonlyMap<WheelTree, readonly Need[]>,
): ReadonlyMap<string, string> {
  const needs = [...missing].flatMap(([one, those]) => (one.isAtHand ? those : []));
  return new Map(
    needs.flatMap(({ library }): [string, string][] => {
      const name = lock.python.library(platform, library);
      return name === undefined ? [] : [[library, name]];
    }),
  );
}

/** A wheel for any machine has no machine's files; what was built from source may. */
function isForOneMachine({ file }: WheelTree): boolean {
  return !file.endsWith("-any.whl");
}

function closureOf(packages: readonly WheelTree[], roots: readonly WheelTree[]): WheelTree[] {
  const byName = new Map(packages.map((one) => [one.name, one]));
  const reached = new Set(roots);
  for (const one of reached)
    for (const dependency of one.dependencies) {
      const next = byName.get(dependency.replace(/\[.*$/, ""));
      if (next) reached.add(next);
    }
  return [...reached];
}

function scanAll(
  services: LibraryServices,
  { evaluation, platform }: LibrariesRequest,
  packages: readonly WheelTree[],
): ReadonlyMap<WheelTree, LibraryScan> {
  const wanted: RealiseRequest[] = [];
  const paths = packages.map(({ tree }) => {
    const path = coerceToString(evaluation, tree);
    for (const element of contextOf(path)?.elements() ?? [])
      if (element.kind === "built")
        wanted.push({ kind: "output", drvPath: element.drvPath as StorePath, output: element.output });
    return textOf(path) as StorePath;
  });
  evaluation.host.realise(wanted);
  const scans = services.scan(paths, platform.system);
  return new Map(packages.map((one, at) => [one, scans[at] as LibraryScan]));
}

interface Need {
  readonly library: string;
  readonly file: string;
}

function missingOf(
  one: WheelTree,
  packages: readonly WheelTree[],
  scans: ReadonlyMap<WheelTree, LibraryScan>,
): Need[] {
  const provided = new Set(closureOf(packages, [one]).flatMap((other) => scans.get(other)?.provided ?? []));
  return (scans.get(one)?.needed ?? []).filter(
    ({ library }) => !provided.has(library) && !EVERYWHERE.test(library) && !OF_THE_DRIVER.test(library),
  );
}

function lookUp(
  requests: Requests,
  services: LibraryServices,
  { evaluation, source, platform }: LibrariesRequest,
  needs: readonly Need[],
): ReadonlyMap<string, readonly string[]> {
  const libraries = [...new Set(needs.map(({ library }) => library))];
  if (libraries.length === 0 || services.isFrozen) return new Map();
  const stated = { ...readDebianSource(evaluation, source), system: platform.system };
  return requests.debian.packagesWithLibraries(stated, libraries);
}

/** What one wheel needs: packages by library. What is new of it is told in a line. */
function settle(
  { evaluation, rootPackages }: LibrariesRequest,
  one: WheelTree,
  found: {
    readonly needs: readonly Need[];
    readonly packagesOf: ReadonlyMap<string, readonly string[]>;
    readonly locked: ReadonlyMap<string, string>;
  },
): ReadonlyMap<string, string> {
  const { host } = evaluation;
  const chosenOf = new Map<string, string>();
  const added = new Map<string, string[]>();
  const isInRoot = (name: string) => rootPackages().includes(name);
  for (const { library, file } of found.needs) {
    const before = found.locked.get(library);
    if (before !== undefined) {
      chosenOf.set(library, before);
      continue;
    }
    const candidates = found.packagesOf.get(library) ?? [];
    if (candidates.some(isInRoot)) continue;
    const chosen = packageOfLibrary(library, candidates);
    if (chosen === undefined)
      host.message(
        "warning",
        `${one.name}: ${file.replace(/^lib\/[^/]+\/site-packages\//, "")} needs ${library}, which nothing here provides`,
      );
    else {
      chosenOf.set(library, chosen);
      added.set(chosen, [...(added.get(chosen) ?? []), library]);
    }
  }
  if (added.size > 0) {
    const libraries = [...added.values()].flat().join(", ");
    host.message(
      "note",
      `${one.name} needs ${libraries}: added Debian's ${[...added.keys()].join(", ")} to the lock`,
    );
  }
  return chosenOf;
}
