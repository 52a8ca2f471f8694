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
 * | `pythonLibraries { … }`           | Debian packages that wheels use without saying so                      |
 * | `pythonBuildNeeds { …, file, find }` | what an sdist needs to be built, from the lock or else found out  |
 *
 * Projects that come as sources have functions of their own: engine-projects.ts.
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
  forceBool,
  forceList,
  forceStringNoContext,
  type Lazy,
  type PrimOpDefinition,
  type Value,
} from "#lang";
import type { BuildNeeds, PythonPackage, PythonRequest, UnbuiltSdist } from "#resolve";
import { attribute, forceText } from "../engine-values.ts";
import { projectFunctions } from "./engine-projects.ts";
import {
  optionalList,
  type PythonPlatform,
  packageValue,
  readPlatform,
  sdistValue,
  textList,
} from "./python-values.ts";

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
  /** Of a project that is no locked package. */
  readonly isAtHand: boolean;
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
    ...projectFunctions,
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

function libraries(python: PythonQuestions, evaluation: Evaluation, request: Attrs): Value {
  const packages = forceList(attribute(request, "packages")).map((one): WheelTree => {
    const attrs = forceAttrs(one);
    return {
      name: forceText(attribute(attrs, "name")),
      file: forceText(attribute(attrs, "file")),
      dependencies: textList(attribute(attrs, "dependencies")),
      system: optionalList(attribute(attrs, "system")),
      isAtHand: forceBool(attribute(attrs, "isAtHand")),
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
