/** `[python]` as `withRequirements` of the package set takes it; with Debian's packages, as `withPackages`. */
import { CopseError } from "#base";
import type { ManifestData } from "../definition/manifest.ts";
import { type Manifest, type ManifestPath, placeOf } from "../manifest.ts";
import {
  atom,
  attributeName,
  attrs,
  call,
  list,
  type NixMember,
  type NixNode,
  pathText,
  string,
} from "./nix-text.ts";
import type { PackageEntry } from "./package-entries.ts";

type PythonData = NonNullable<ManifestData["python"]>;

/** What an environment takes of the project's Python. */
export interface PythonChoice {
  /** The variable of the package set: `pkgs`. */
  readonly packageSet: string;
  readonly version: string | undefined;
  readonly entries: readonly PackageEntry[];
}

/** The interpreter with its packages. @throws CopseError `python-debian-requirement`. */
export function pythonNode(manifest: Manifest, choice: PythonChoice): NixNode {
  const data = manifest.data.python ?? {};
  const interpreter = interpreterIn(choice);
  const origin: ManifestPath | undefined = data.version === undefined ? undefined : ["python", "version"];
  if (choice.entries.length === 0) return atom(interpreter, origin);
  if (data.from === "debian") return debianPython(manifest, { interpreter, entries: choice.entries });
  return call([atom(`${interpreter}.withRequirements`, origin), requirementsOf(data, choice.entries)]);
}

/** `3.13` is `pkgs.python313`, as in Nixpkgs, which has no names for single releases. */
function interpreterIn({ packageSet, version }: PythonChoice): string {
  if (version === undefined) return `${packageSet}.python3`;
  const [major, minor, patch] = version.split(".");
  return patch === undefined
    ? `${packageSet}.python${major}${minor}`
    : `(${packageSet}.pythonOfVersion "${version}")`;
}

function requirementsOf(data: PythonData, entries: readonly PackageEntry[]): NixNode {
  const projects = entries.flatMap((entry): NixMember[] =>
    entry.path === undefined ? [] : [[entry.name, projectNode(entry, entry.path)]],
  );
  const indexOf = entries.flatMap((entry): NixMember[] =>
    entry.index === undefined ? [] : [[entry.name, string(entry.index, [...entry.origin, "index"])]],
  );
  return attrs({
    requirements: list(entries.map((entry) => string(entry.requirement, entry.origin))),
    projects: projects.length > 0 ? attrs(projects) : undefined,
    constraints: strings(data.constraints, ["python", "constraints"]),
    overrides: strings(data.overrides, ["python", "overrides"]),
    relax: strings(data.relax, ["python", "relax"]),
    dependencies:
      data.dependencies &&
      mapped(data.dependencies, (change, name) =>
        attrs({
          add: strings(change.add, ["python", "dependencies", name, "add"]),
          remove: strings(change.remove, ["python", "dependencies", name, "remove"]),
        }),
      ),
    excludeNewer: optional(data["exclude-newer"], ["python", "exclude-newer"]),
    prereleases:
      typeof data.prereleases === "object"
        ? strings(data.prereleases, ["python", "prereleases"])
        : optional(data.prereleases, ["python", "prereleases"]),
    resolution: optional(data.resolution, ["python", "resolution"]),
    indexes: data.indexes && mapped(data.indexes, (url, name) => string(url, ["python", "indexes", name])),
    indexOf: indexOf.length > 0 ? attrs(indexOf) : undefined,
    indexStrategy: optional(data["index-strategy"], ["python", "index-strategy"]),
    onlyBinary: strings(data["only-binary"], ["python", "only-binary"]),
    noBinary: strings(data["no-binary"], ["python", "no-binary"]),
    build:
      data.build &&
      mapped(data.build, (build, name) => {
        const origin = ["python", "build", name];
        return attrs({
          requires: strings(build.requires, [...origin, "requires"]),
          packages: strings(build.packages, [...origin, "packages"]),
          variables: build.variables && mapped(build.variables, (value) => string(value, origin)),
          settings: build.settings && mapped(build.settings, (value) => string(value, origin)),
          check: optional(build.check, [...origin, "check"]),
          checkRequires: strings(build["check-requires"], [...origin, "check-requires"]),
        });
      }),
  });
}

function projectNode(entry: PackageEntry, path: string): NixNode {
  const origin = [...entry.origin, "path"];
  return attrs({
    path: atom(pathText(path), origin),
    editable: entry.isEditable ? atom("true") : undefined,
  });
}

function debianPython(
  manifest: Manifest,
  { interpreter, entries }: { readonly interpreter: string; readonly entries: readonly PackageEntry[] },
): NixNode {
  const packages = entries.map((entry) => {
    if (entry.requirement.trim() === entry.given && entry.path === undefined)
      return atom(`ps.${attributeName(entry.given)}`, entry.origin);
    throw new CopseError(
      "python-debian-requirement",
      `Debian has one version of each package, so a name is all that can be asked for: \`${entry.requirement}\``,
      {
        span: placeOf(manifest, entry.origin),
        hint: 'leave out `from = "debian"` to take packages from PyPI',
      },
    );
  });
  return call([
    atom(`${interpreter}.withPackages`),
    { kind: "group", inside: call([atom("ps:"), list(packages)]) },
  ]);
}

function strings(texts: readonly string[] | undefined, origin: ManifestPath): NixNode | undefined {
  return texts && list(texts.map((text, at) => string(text, [...origin, at])));
}

function optional(text: string | undefined, origin: ManifestPath): NixNode | undefined {
  return text === undefined ? undefined : string(text, origin);
}

function mapped<T>(entries: ReadonlyMap<string, T>, node: (value: T, name: string) => NixNode): NixNode {
  return attrs([...entries].map(([name, value]): NixMember => [name, node(value, name)]));
}
