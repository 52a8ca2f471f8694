/** A request for Python packages, as the package set states it. */
import type { NormalizedName } from "#format/python";
import type { PackageOrigin } from "../direct/origin.ts";
import type { PythonLockRequest } from "../lock/answers.ts";
import type { RequestSettings, SettingValue } from "../lock/lock-schema.ts";

/** How an answer is to be looked for. Everything is optional, and is named as in copse.toml. */
export interface PythonSettings {
  readonly constraints?: readonly string[];
  readonly overrides?: readonly string[];
  readonly relax?: readonly string[];
  readonly dependencies?: Readonly<
    Record<string, { readonly add?: readonly string[]; readonly remove?: readonly string[] }>
  >;
  /** A day, or a time in UTC. */
  readonly excludeNewer?: string;
  readonly prereleases?: string | readonly string[];
  readonly resolution?: string;
  /** Addresses by name: where, not what; so the lock has the names alone. */
  readonly indexes?: Readonly<Record<string, string>>;
  readonly indexOf?: Readonly<Record<string, string>>;
  readonly indexStrategy?: string;
  readonly onlyBinary?: readonly string[];
  readonly noBinary?: readonly string[];
}

export interface PythonRequest {
  readonly system: string;
  /** `3.11.2` */
  readonly python: string;
  /** `2.36` */
  readonly glibc: string;
  readonly requirements: readonly string[];
  readonly settings: PythonSettings;
}

/** A package as pkgs/python builds it. */
export interface PythonPackage {
  readonly name: NormalizedName;
  readonly version: string;
  readonly file: string;
  readonly kind: "wheel" | "sdist";
  readonly sizeBytes: number | undefined;
  readonly sha256: string;
  /** `pypi:numpy/numpy-1.26.4-….whl` */
  readonly urls: readonly string[];
  readonly dependencies: readonly string[];
  readonly system: readonly string[] | undefined;
  /** Of what has an address of its own. */
  readonly origin: PackageOrigin | undefined;
}

/** An sdist whose metadata must be built before a request can be answered. */
export interface UnbuiltSdist {
  readonly name: NormalizedName;
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
  readonly sizeBytes: number | undefined;
  readonly urls: readonly string[];
  readonly origin?: PackageOrigin | undefined;
}

export type PythonResolution =
  | { readonly kind: "answer" }
  | { readonly kind: "unbuilt"; readonly sdists: readonly UnbuiltSdist[] };

/** The request as the lock knows it: without hosts. */
export function lockRequestOf(request: PythonRequest): PythonLockRequest {
  const { indexes, ...rest } = request.settings;
  const names = Object.keys(indexes ?? {});
  const settings: Record<string, SettingValue> = {};
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined || isEmpty(value)) continue;
    settings[name] = value as SettingValue;
  }
  if (names.length > 0) settings["indexes"] = names.sort();
  const { system, python, glibc, requirements } = request;
  return { system, python, glibc, requirements, settings: settings satisfies RequestSettings };
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Where a file of a project is asked for. */
export function fileAddress(of: {
  readonly name: string;
  readonly file: string;
  readonly index?: string | undefined;
}): string {
  return `pypi${of.index === undefined ? "" : `+${of.index}`}:${of.name}/${of.file}`;
}

/** `torch-2.5.1-cp311-….whl` is a wheel, all else is built. */
export function isWheelFile(file: string): boolean {
  return file.toLowerCase().endsWith(".whl");
}
