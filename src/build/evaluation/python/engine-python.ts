/**
 * The part of `builtins.copse` that is about Python packages (pkgs/python).
 *
 * | name                              | does                                                                   |
 * |-----------------------------------|------------------------------------------------------------------------|
 * | `resolvePython { system, python, glibc, requirements, settings, metadataOf }` | packages, each after what it depends on |
 * | `pythonHas { system, python, glibc, settings } name`  | whether the lock, or else an index, has a project  |
 * | `pythonNearest { … } name`        | names in the lock that are spelled alike                               |
 * | `pythonName text`                 | a project's name as PEP 503 normalises it                              |
 * | `pythonRequirement text`          | `{ name, extras, url }` of a PEP 508 requirement                  |
 * | `pythonProject { system, python, extras, project, metadata }` | what a project at hand is and depends on   |
 * | `pythonLibraries { … }`           | Debian packages that wheels use without saying so                      |
 * | `pythonBuildNeeds { …, file, find }` | what an sdist needs to be built, from the lock or else found out  |
 *
 * `metadataOf sdist` and `find null` are functions of the package set: they build in the sandbox, and give back text.
 */
import { byteStringFromText, bytesFromByteString, CopseError, nearestNames } from "#base";
import { normaliseName, parseRequirement } from "#format/python";
import {
  Attrs,
  call,
  type Evaluation,
  force,
  forceAttrs,
  forceList,
  forceStringNoContext,
  type Lazy,
  type PrimOpDefinition,
  type Value,
} from "#lang";
import type { BuildNeeds, PythonPackage, PythonRequest, PythonSettings, UnbuiltSdist } from "#resolve";
import { attribute, forceText } from "../engine-values.ts";
import { readLocalProject, type Table } from "./local-project.ts";
import { plainValue } from "./plain-value.ts";

export type PythonPlatform = Omit<PythonRequest, "requirements">;

export interface PythonQuestions {
  resolve(request: PythonRequest, metadataOf: (sdist: UnbuiltSdist) => Uint8Array): readonly PythonPackage[];
  has(platform: PythonPlatform, name: string): boolean;
  names(platform: PythonPlatform): readonly string[];
  libraries(request: LibrariesRequest): readonly string[];
  buildNeeds(request: {
    readonly platform: PythonPlatform;
    readonly file: string;
    readonly find: () => BuildNeeds;
  }): BuildNeeds;
}

/** Of one environment: its wheels unpacked, and what its root has anyway. */
export interface LibrariesRequest {
  readonly platform: PythonPlatform;
  /** Of the Debian packages. */
  readonly source: Lazy;
  readonly evaluation: Evaluation;
  /** Asked for where somebody must know. */
  readonly rootPackages: () => readonly string[];
  readonly packages: readonly WheelTree[];
}

export interface WheelTree {
  readonly name: string;
  readonly file: string;
  readonly dependencies: readonly string[];
  readonly system: readonly string[] | undefined;
  /** The unpacked tree, as an expression that is forced where somebody must look into it. */
  readonly tree: Lazy;
}

export function pythonFunctions(python: PythonQuestions): readonly PrimOpDefinition[] {
  return [
    {
      name: "resolvePython",
      arity: 1,
      doc: "Solves Python packages together: { system, python, glibc, requirements, settings ? { }, metadataOf } to the list of packages, each after what it depends on.",
      run: (_evaluation, request) => resolvePython(python, forceAttrs(request as Lazy)),
    },
    {
      name: "pythonHas",
      arity: 2,
      doc: "Whether the lock, or else an index of Python packages, has a project of this name.",
      run: (_evaluation, platform, name) =>
        python.has(readPlatform(forceAttrs(platform as Lazy)), forceText(name as Lazy)),
    },
    {
      name: "pythonNearest",
      arity: 2,
      doc: "Names of locked Python packages that are spelled like the given one.",
      run: (_evaluation, platform, name) =>
        nearestNames(forceText(name as Lazy), [
          ...python.names(readPlatform(forceAttrs(platform as Lazy))),
        ]).map(byteStringFromText),
    },
    {
      name: "pythonName",
      arity: 1,
      doc: "The name of a Python project, normalised (PEP 503).",
      run: (_evaluation, text) => normaliseName(forceText(text as Lazy)),
    },
    {
      name: "pythonRequirement",
      arity: 1,
      doc: "A requirement (PEP 508) as { name, extras, url }.",
      run: (_evaluation, text) => {
        const requirement = parseRequirement(forceText(text as Lazy));
        return Attrs.fromEntries([
          ["name", normaliseName(requirement.name)],
          ["extras", requirement.extras.map(byteStringFromText)],
          ["url", requirement.url === undefined ? null : byteStringFromText(requirement.url)],
        ]);
      },
    },
    {
      name: "pythonProject",
      arity: 1,
      doc: "What a project at hand is and depends on: { system, python, extras, project, metadata } to { name, version, requirements, metadata, entryPoints }; null where only a build knows.",
      run: (_evaluation, request) => localProject(forceAttrs(request as Lazy)),
    },
    {
      name: "pythonLibraries",
      arity: 1,
      doc: "Debian packages with libraries that wheels use undeclared: { system, python, glibc, settings, source, rootPackages, packages = [ { name, file, dependencies, system, tree } ] } to names.",
      run: (evaluation, request) => libraries(python, evaluation, forceAttrs(request as Lazy)),
    },
    {
      name: "pythonBuildNeeds",
      arity: 1,
      doc: "What a locked sdist needs to be built: { system, python, glibc, settings, file, find } to { requires, tools }; `find null` gives them as JSON where the lock does not have them.",
      run: (_evaluation, request) => buildNeeds(python, forceAttrs(request as Lazy)),
    },
  ];
}

function resolvePython(python: PythonQuestions, request: Attrs): Value {
  const packages = python.resolve(
    { ...readPlatform(request), requirements: textList(attribute(request, "requirements")) },
    (sdist) => {
      const text = call(force(attribute(request, "metadataOf")), sdistValue(sdist));
      return bytesFromByteString(forceStringNoContext(text));
    },
  );
  return packages.map(packageValue);
}

function localProject(request: Attrs): Value {
  const orNothing = <T>(name: string, read: (lazy: Lazy) => T): T | undefined => {
    const value = attribute(request, name);
    return force(value) === null ? undefined : read(value);
  };
  const project = readLocalProject({
    platform: {
      system: forceText(attribute(request, "system")),
      python: forceText(attribute(request, "python")),
    },
    extras: textList(attribute(request, "extras")),
    table: orNothing("project", (value) => plainValue(value) as Table),
    metadata: orNothing("metadata", forceText),
  });
  if (!project) return null;
  return Attrs.fromEntries([
    ["entryPoints", byteStringFromText(project.entryPoints)],
    ["metadata", byteStringFromText(project.metadata)],
    ["name", project.name],
    ["requirements", project.requirements.map(byteStringFromText)],
    ["version", project.version === undefined ? null : byteStringFromText(project.version)],
  ]);
}

function libraries(python: PythonQuestions, evaluation: Evaluation, request: Attrs): Value {
  const packages = forceList(attribute(request, "packages")).map((one): WheelTree => {
    const attrs = forceAttrs(one);
    return {
      name: forceText(attribute(attrs, "name")),
      file: forceText(attribute(attrs, "file")),
      dependencies: textList(attribute(attrs, "dependencies")),
      system: optionalList(attribute(attrs, "system")),
      tree: attribute(attrs, "tree"),
    };
  });
  return python
    .libraries({
      platform: readPlatform(request),
      source: attribute(request, "source"),
      evaluation,
      rootPackages: () => textList(attribute(request, "rootPackages")),
      packages,
    })
    .map(byteStringFromText);
}

function buildNeeds(python: PythonQuestions, request: Attrs): Value {
  const { requires, tools } = python.buildNeeds({
    platform: readPlatform(request),
    file: forceText(attribute(request, "file")),
    find: () => {
      const text = forceStringNoContext(call(force(attribute(request, "find")), null));
      const found = JSON.parse(
        Buffer.from(bytesFromByteString(text)).toString("utf8"),
      ) as Partial<BuildNeeds>;
      return { requires: checkTexts(found.requires), tools: checkTexts(found.tools) };
    },
  });
  return Attrs.fromEntries([
    ["requires", requires.map(byteStringFromText)],
    ["tools", tools.map(byteStringFromText)],
  ]);
}

function checkTexts(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  throw new CopseError("python-build-requires", "Build requirements are no list of texts", {
    hint: "requires, below [build-system] in the project's pyproject.toml, is one",
  });
}

function readPlatform(request: Attrs): PythonPlatform {
  const settings = request.get("settings");
  return {
    system: forceText(attribute(request, "system")),
    python: forceText(attribute(request, "python")),
    glibc: forceText(attribute(request, "glibc")),
    // The package set has looked at their names; what they hold is checked where it is used.
    settings: settings === undefined ? {} : (plainValue(settings) as PythonSettings),
  };
}

function packageValue(one: PythonPackage): Value {
  return Attrs.fromEntries([
    ["dependencies", one.dependencies.map(byteStringFromText)],
    ["file", byteStringFromText(one.file)],
    ["isWheel", one.kind === "wheel"],
    ["name", one.name],
    ["sha256", one.sha256],
    ["sizeBytes", one.sizeBytes ?? null],
    ["system", one.system ? one.system.map(byteStringFromText) : null],
    ["urls", one.urls.map(byteStringFromText)],
    ["version", byteStringFromText(one.version)],
  ]);
}

function sdistValue(sdist: UnbuiltSdist): Value {
  return Attrs.fromEntries([
    ["file", byteStringFromText(sdist.file)],
    ["name", sdist.name],
    ["sha256", sdist.sha256],
    ["sizeBytes", sdist.sizeBytes ?? null],
    ["urls", sdist.urls.map(byteStringFromText)],
    ["version", byteStringFromText(sdist.version)],
  ]);
}

function textList(lazy: Lazy): string[] {
  return forceList(lazy).map((one) => forceText(one));
}

function optionalList(lazy: Lazy): string[] | undefined {
  return force(lazy) === null ? undefined : textList(lazy);
}
