/**
 * What a project that is at hand as a folder or file depends on: by its pyproject.toml where that says all of it
 * (PEP 621), so that nothing must be built to know, else by the metadata that a build came to.
 *
 * Such a project is not solved for, as there is but one version of it: what it depends on stands among the request's
 * own requirements in its place.
 */
import { CopseError } from "#base";
import {
  evaluateMarker,
  formatRequirement,
  type MarkerEnvironment,
  markerEnvironment,
  type NormalizedName,
  normaliseName,
  parseCoreMetadata,
  parseRequirement,
  type Requirement,
} from "#format/python";

export interface LocalProject {
  readonly name: NormalizedName;
  /** Undefined where only a build knows it. */
  readonly version: string | undefined;
  /** Requirements without markers that hold on the platform, for the extras that are asked for. */
  readonly requirements: readonly string[];
  /** METADATA and entry_points.txt, as far as they are known. */
  readonly metadata: string;
  readonly entryPoints: string;
}

export type Table = Readonly<Record<string, unknown>>;

export interface LocalProjectRequest {
  readonly platform: { readonly system: string; readonly python: string };
  /** What it is asked for by, normalised; undefined where nobody asks by a name. */
  readonly name: string | undefined;
  readonly extras: readonly string[];
  /** The table `project` of pyproject.toml; undefined where there is none. */
  readonly table: Table | undefined;
  /** Text of METADATA that were built. */
  readonly metadata: string | undefined;
}

interface Dependency {
  readonly requirement: Requirement;
  /** Undefined for what is always needed. */
  readonly extra: NormalizedName | undefined;
}

interface Described {
  readonly name: NormalizedName;
  readonly version: string | undefined;
  readonly dependencies: readonly Dependency[];
}

/**
 * Undefined where pyproject.toml does not say all and no metadata are given. Throws `python-requirement-invalid` and
 * `python-project-invalid`.
 */
export function readLocalProject(request: LocalProjectRequest): LocalProject | undefined {
  const { table } = request;
  const described = request.metadata === undefined ? table && describedBy(table) : builtAs(request.metadata);
  if (!described) return undefined;
  if (request.name !== undefined && described.name !== request.name)
    throw new CopseError(
      "python-project-name",
      `Project calls itself by another name, ${described.name}: \`${request.name}\``,
    );
  const environment = markerEnvironment(request.platform);
  const needed = neededOf(described, { environment, extras: request.extras.map(normaliseName) });
  return {
    name: described.name,
    version: described.version,
    requirements: [...new Set(needed.map((one) => formatRequirement(withoutMarker(one))))],
    metadata: request.metadata ?? metadataText(described),
    entryPoints: table ? entryPointsText(table) : "",
  };
}

function withoutMarker({ marker: _, ...rest }: Requirement): Requirement {
  return rest;
}

/** Undefined where what it depends on is told only by a build. */
function describedBy(project: Table): Described | undefined {
  const dynamic = textsOf(project["dynamic"]);
  if (dynamic.includes("dependencies") || dynamic.includes("optional-dependencies")) return undefined;
  const { name, version } = project;
  if (typeof name !== "string")
    throw new CopseError("python-project-invalid", "A project's pyproject.toml does not say its name");
  const optional = isTable(project["optional-dependencies"]) ? project["optional-dependencies"] : {};
  return {
    name: normaliseName(name),
    version: typeof version === "string" ? version : undefined,
    dependencies: [
      ...textsOf(project["dependencies"]).map((text) => ({
        requirement: parseRequirement(text),
        extra: undefined,
      })),
      ...Object.entries(optional).flatMap(([extra, texts]) =>
        textsOf(texts).map((text) => ({ requirement: parseRequirement(text), extra: normaliseName(extra) })),
      ),
    ],
  };
}

/** In metadata an extra is part of the marker, which is asked with the extras that are wanted. */
function builtAs(metadata: string): Described {
  const { name, version, requiresDist } = parseCoreMetadata(metadata);
  return {
    name,
    version: version.text,
    dependencies: requiresDist.map((requirement) => ({ requirement, extra: undefined })),
  };
}

/** An extra may ask for others of the same project: `all = ["mine[gpu,plots]"]`. */
function neededOf(
  { name, dependencies }: Described,
  asked: { readonly environment: MarkerEnvironment; readonly extras: readonly NormalizedName[] },
): Requirement[] {
  const extras = new Set(asked.extras);
  for (let before = -1; before !== extras.size; ) {
    before = extras.size;
    for (const one of applying(dependencies, asked.environment, extras))
      if (one.name === name) for (const extra of one.extras) extras.add(normaliseName(extra));
  }
  return applying(dependencies, asked.environment, extras).filter((one) => one.name !== name);
}

function applying(
  dependencies: readonly Dependency[],
  environment: MarkerEnvironment,
  extras: ReadonlySet<NormalizedName>,
): Requirement[] {
  return dependencies
    .filter(({ extra }) => extra === undefined || extras.has(extra))
    .filter(
      ({ requirement: { marker } }) => marker === undefined || evaluateMarker(marker, environment, extras),
    )
    .map(({ requirement }) => requirement);
}

function metadataText({ name, version = "0", dependencies }: Described): string {
  const lines = dependencies
    .filter(({ extra }) => extra === undefined)
    .map(({ requirement }) => `Requires-Dist: ${formatRequirement(requirement)}`);
  return ["Metadata-Version: 2.1", `Name: ${name}`, `Version: ${version}`, ...lines, ""].join("\n");
}

function entryPointsText(project: Table): string {
  const groups: readonly (readonly [string, unknown])[] = [
    ["console_scripts", project["scripts"]],
    ["gui_scripts", project["gui-scripts"]],
    ...Object.entries(isTable(project["entry-points"]) ? project["entry-points"] : {}),
  ];
  return groups
    .map(([group, table]) => {
      const lines = Object.entries(isTable(table) ? table : {}).map(([name, value]) => `${name} = ${value}`);
      return lines.length === 0 ? "" : `[${group}]\n${lines.join("\n")}\n`;
    })
    .join("");
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
