/**
 * The lock's section "python" as data: what requests for Python packages came to, by interpreter and system.
 *
 *     "python": {
 *       "3.11 x86_64-linux": {
 *         "packages": [
 *           {
 *             "name": "nibabel",
 *             "version": "5.2.1",
 *             "file": "nibabel-5.2.1-py3-none-any.whl",
 *             "size": 3316158,
 *             "sha256": "…",
 *             "dependencies": ["numpy","packaging"],
 *             "for": ["."]
 *           }, … ],
 *         "requests": [
 *           {
 *             "requirements": ["nibabel"],
 *             "python": "3.11.2",
 *             "glibc": "2.36",
 *             "answer": [
 *               "numpy==1.26.4",
 *               … ]
 *           } ] } }
 *
 * An answer's packages stand each after what it depends on. `for` names who needs a package, `.` being the request
 * itself; it is for readers, and made anew whenever the lock is written. `dependencies` are those on the section's
 * machine, with the extras that are asked of them. `system` are Debian packages that were found to have libraries
 * which a wheel uses without saying so; it is missing as long as nobody has looked. `build` is what an sdist needs to
 * be built, missing likewise. `libraries`, beside `packages`, is what `system` is for projects at hand, `{"libgomp.so.1":
 * "libgomp1"}`. `origin` is the address of what is of no index, `{"url":"git+https://…@main","commit":"…"}`: the
 * one place where a host stands in a lock, as the requirement is one.
 */
import type { NormalizedName } from "#format/python";
import type { Origin } from "../direct/origin.ts";

export interface LockedPythonPackage {
  readonly name: NormalizedName;
  readonly version: string;
  readonly file: string;
  /** Not every index tells. */
  readonly size?: number | undefined;
  readonly sha256: string;
  /** The name that the manifest or pip's configuration has for the index, where it has one. */
  readonly index?: string | undefined;
  /** Of what has an address of its own. */
  readonly origin?: Origin | undefined;
  /** `numpy`, `fsspec[http]`. */
  readonly dependencies: readonly string[];
  readonly system?: readonly string[] | undefined;
  readonly build?: BuildNeeds | undefined;
}

/** What building a project takes: requirements (PEP 508), and Debian packages with compilers. */
export interface BuildNeeds {
  readonly requires: readonly string[];
  readonly tools: readonly string[];
}

/** What a request says beyond its requirements; plain JSON, the same for the same request. */
export type RequestSettings = { readonly [name: string]: SettingValue };
export type SettingValue =
  | string
  | number
  | boolean
  | readonly SettingValue[]
  | { readonly [name: string]: SettingValue };

/** What is asked for, and for which interpreter. */
export interface PythonQuestion {
  /** PEP 508. */
  readonly requirements: readonly string[];
  /** The interpreter's whole version: `3.11.2`. */
  readonly python: string;
  /** Of the system's C library: `2.36`. */
  readonly glibc: string;
  readonly settings: RequestSettings;
}

export interface LockedPythonRequest extends PythonQuestion {
  readonly answer: readonly LockedPythonPackage[];
}

export interface LockedPython {
  readonly packages: readonly LockedPythonPackage[];
  readonly requests: readonly LockedPythonRequest[];
  /** Which Debian package has a library that a project at hand uses: such projects have no block of their own. */
  readonly libraries?: ReadonlyMap<string, string> | undefined;
}

/** `3.11 x86_64-linux`, by the interpreter's version. */
export function pythonSection(of: { readonly python: string; readonly system: string }): string {
  return `${of.python.split(".").slice(0, 2).join(".")} ${of.system}`;
}

/** What tells one question of a section from another. */
export function questionKey({ requirements, python, glibc, settings }: PythonQuestion): string {
  return JSON.stringify([[...new Set(requirements)].sort(), python, glibc, sortedSettings(settings)]);
}

/** How answers name a package. One version may be there as two files, for two interpreters. */
export function pythonReferences(
  packages: readonly LockedPythonPackage[],
): (one: LockedPythonPackage) => string {
  const counts = new Map<string, number>();
  for (const one of packages) counts.set(shortReference(one), (counts.get(shortReference(one)) ?? 0) + 1);
  return (one) => (counts.get(shortReference(one)) === 1 ? shortReference(one) : one.file);
}

function shortReference({ name, version }: LockedPythonPackage): string {
  return `${name}==${version}`;
}

/** By name at every level, so that the order of an expression's attributes does not matter. */
export function sortedSettings(value: SettingValue): SettingValue {
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(sortedSettings);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, sortedSettings(one)]),
  );
}

/** Who needs each package of a section: names of packages, and `.` for a request itself. */
export function whoNeeds(section: LockedPython): ReadonlyMap<LockedPythonPackage, readonly string[]> {
  const needs = new Map<LockedPythonPackage, Set<string>>();
  const add = (one: LockedPythonPackage | undefined, by: string) => {
    if (one) needs.set(one, (needs.get(one) ?? new Set()).add(by));
  };
  for (const { requirements, answer } of section.requests) {
    const byName = new Map(answer.map((one) => [one.name as string, one]));
    for (const requirement of requirements) add(byName.get(projectOf(requirement)), ".");
    for (const one of answer) {
      for (const dependency of one.dependencies) add(byName.get(projectOf(dependency)), one.name);
    }
  }
  return new Map([...needs].map(([one, by]) => [one, [...by].sort()]));
}

/** The project that a requirement asks for, normalised. */
export function projectOf(requirement: string): string {
  const name = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)/.exec(requirement)?.[1] ?? "";
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}
