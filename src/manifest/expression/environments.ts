/**
 * What each environment of a project consists of: the default one is what stands at the top of copse.toml, each of
 * `[env]` is the same with what it adds.
 */
import { CopseError, nearestNames } from "#base";
import { suitesWithPython } from "#resolve/pythons";
import { type Manifest, type ManifestPath, placeOf } from "../manifest.ts";
import { type PackageEntry, packageEntries } from "./package-entries.ts";

/** A text and where it stands. */
export interface Placed {
  readonly text: string;
  readonly origin: ManifestPath;
}

export interface EnvironmentContents {
  /** Undefined for the default one. */
  readonly name: string | undefined;
  readonly suite: string;
  readonly systemPackages: readonly Placed[];
  readonly usesPython: boolean;
  readonly pythonVersion: string | undefined;
  readonly python: readonly PackageEntry[];
  readonly r: readonly Placed[] | undefined;
  readonly variables: ReadonlyMap<string, Placed>;
  readonly hostPrograms: readonly Placed[];
}

const DEFAULT_SUITE = "bookworm";

/** The default environment first. @throws CopseError `manifest-package`, `manifest-group`. */
export function environmentsOf(manifest: Manifest): EnvironmentContents[] {
  return [
    contents(manifest, undefined),
    ...[...(manifest.data.env ?? [])].map(([name]) => contents(manifest, name)),
  ];
}

function contents(manifest: Manifest, name: string | undefined): EnvironmentContents {
  const { data } = manifest;
  const added = name === undefined ? undefined : data.env?.get(name);
  const at: ManifestPath = name === undefined ? [] : ["env", name];
  const pythonVersion = added?.python?.version ?? data.python?.version;
  const r = [
    ...placed(data.r?.packages, ["r", "packages"]),
    ...placed(added?.r?.packages, [...at, "r", "packages"]),
  ];
  return {
    name,
    suite: data.system?.suite ?? suitesWithPython(pythonVersion ?? "")[0] ?? DEFAULT_SUITE,
    systemPackages: [
      ...placed(data.system?.packages, ["system", "packages"]),
      ...placed(added?.system?.packages, [...at, "system", "packages"]),
    ],
    usesPython: data.python !== undefined || added?.python !== undefined,
    pythonVersion,
    python: [
      ...packageEntries(manifest, data.python?.packages, ["python", "packages"]),
      ...groupsOf(manifest, name).flatMap((group) =>
        packageEntries(manifest, data.python?.groups?.get(group), ["python", "groups", group]),
      ),
      ...packageEntries(manifest, added?.python?.packages, [...at, "python", "packages"]),
    ],
    r: data.r || added?.r ? r : undefined,
    variables: new Map([
      ...placedMap(data.variables, ["variables"]),
      ...placedMap(added?.variables, [...at, "variables"]),
    ]),
    hostPrograms: [
      ...placed(data["host-programs"], ["host-programs"]),
      ...placed(added?.["host-programs"], [...at, "host-programs"]),
    ],
  };
}

/** The groups of Python packages that belong to an environment. @throws CopseError `manifest-group`. */
export function groupsOf(manifest: Manifest, environment: string | undefined): readonly string[] {
  const { data } = manifest;
  const known = data.python?.groups ?? new Map<string, never>();
  const own = environment === undefined ? undefined : data.env?.get(environment)?.python?.groups;
  const groups = own ?? data.python?.["default-groups"] ?? (known.has("dev") ? ["dev"] : []);
  const origin = own ? ["env", environment as string, "python", "groups"] : ["python", "default-groups"];
  groups.forEach((group, at) => {
    if (known.has(group)) return;
    const names = [...known.keys()];
    const near = nearestNames(group, names);
    throw new CopseError("manifest-group", `There is no such group in [python.groups]: \`${group}\``, {
      span: placeOf(manifest, [...origin, at]),
      hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : `groups are ${names.join(", ") || "none"}`,
    });
  });
  return groups;
}

function placed(texts: readonly string[] | undefined, origin: ManifestPath): Placed[] {
  return (texts ?? []).map((text, at) => ({ text, origin: [...origin, at] }));
}

function placedMap(texts: ReadonlyMap<string, string> | undefined, origin: ManifestPath): [string, Placed][] {
  return [...(texts ?? [])].map(([name, text]) => [name, { text, origin: [...origin, name] }]);
}
