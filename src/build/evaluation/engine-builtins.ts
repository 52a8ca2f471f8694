/**
 * `builtins.copse`: what the package set needs of the engine beyond the Nix language.
 *
 * | name                         | does                                                              |
 * |------------------------------|-------------------------------------------------------------------|
 * | `resolveDebian { source, system, packages }` | the solved closure, from the lock or else the index |
 * | `debianSource { source, system, name }` | a source package's files, from the lock or else the index |
 * | `debianHas source name`      | whether the lock, or else the index, names a package              |
 * | `debianNearest source name`  | names that are spelled alike                                      |
 * | `debianKey source`           | what the lock files a source's answers under                      |
 * | `openSet { set, has, get, nearest }` | a set that answers for names it does not list             |
 * | `launcher`                   | the script that enters a root                                     |
 *
 * Python's functions are in `python/engine-python.ts`, those of R in `r-packages.ts`.
 *
 * What a source is says `debian-source.ts`. A name that the set lists never asks `has`. `attrNames` shows the listed names only.
 */
import { byteStringFromText } from "#base";
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
  OpenAttrs,
  Path,
  PrimOp,
  type PrimOpDefinition,
  type Value,
} from "#lang";
import { type Builtin, builtinTable, defineConstants } from "#lang/builtins";
import {
  type DebianPackage,
  type DebianSource,
  type DebianSourcePackage,
  type SourceRequest,
  suiteKey,
} from "#resolve";
import { readDebianSource, type StatedSource } from "./debian-source.ts";
import { attribute, forceText } from "./engine-values.ts";

export interface DebianQuestions {
  /** Only the lock is asked. */
  readonly isFrozen: boolean;
  resolve(request: DebianSource & { readonly packages: readonly string[] }): readonly DebianPackage[];
  source(request: DebianSource & SourceRequest): DebianSourcePackage;
  has(source: StatedSource, name: string): boolean;
  nearest(source: StatedSource, name: string): readonly string[];
}

function engineFunctions(debian: DebianQuestions): readonly PrimOpDefinition[] {
  return [
    {
      name: "resolveDebian",
      arity: 1,
      doc: "Solves Debian packages together: { source, system, packages } to the list of the closure's packages, each before what depends on it.",
      run: (evaluation, request) => resolveDebian(debian, evaluation, request as Lazy),
    },
    {
      name: "debianSource",
      arity: 1,
      doc: "A source package: { source, system, name, version ? null } to { name, version, format, files }.",
      run: (evaluation, request) => sourcePackage(debian, evaluation, request as Lazy),
    },
    {
      name: "debianHas",
      arity: 2,
      doc: "Whether a source has a package of this name.",
      run: (evaluation, source, name) =>
        debian.has(readDebianSource(evaluation, source as Lazy), forceText(name as Lazy)),
    },
    {
      name: "debianNearest",
      arity: 2,
      doc: "Names of a source's packages that are spelled like the given one.",
      run: (evaluation, source, name) =>
        debian
          .nearest(readDebianSource(evaluation, source as Lazy), forceText(name as Lazy))
          .map(byteStringFromText),
    },
    {
      name: "debianKey",
      arity: 1,
      doc: "What tells one source from another: what the lock files its answers under.",
      run: (evaluation, source) => byteStringFromText(suiteKey(readDebianSource(evaluation, source as Lazy))),
    },
    {
      name: "openSet",
      arity: 1,
      doc: "A set that also answers for names it does not list: { set, has = name: bool, get = name: value, nearest = name: [ name ] }.",
      run: (_evaluation, request) => openSet(debian, request as Lazy),
    },
  ];
}

function resolveDebian(debian: DebianQuestions, evaluation: Evaluation, lazy: Lazy): Value {
  const request = forceAttrs(lazy);
  const names = forceList(attribute(request, "packages"));
  const packages = debian.resolve({
    ...readDebianSource(evaluation, attribute(request, "source")),
    system: forceText(attribute(request, "system")),
    packages: names.map((name) => forceText(name)),
  });
  return packages.map((found) =>
    Attrs.fromSorted(PACKAGE_FIELDS, [
      found.architecture,
      found.archive,
      byteStringFromText(found.file),
      found.name,
      found.python,
      found.sha256,
      found.sizeBytes,
      found.urls.map(byteStringFromText),
      found.version,
    ]),
  );
}

function sourcePackage(debian: DebianQuestions, evaluation: Evaluation, lazy: Lazy): Value {
  const request = forceAttrs(lazy);
  const version = request.get("version");
  const found = debian.source({
    ...readDebianSource(evaluation, attribute(request, "source")),
    system: forceText(attribute(request, "system")),
    name: forceText(attribute(request, "name")),
    version: version === undefined || force(version) === null ? undefined : forceText(version),
  });
  const files = found.files.map((file) =>
    Attrs.fromSorted(FILE_FIELDS, [
      byteStringFromText(file.name),
      file.sha256,
      file.sizeBytes,
      file.urls.map(byteStringFromText),
    ]),
  );
  return Attrs.fromSorted(SOURCE_FIELDS, [files, found.format, found.name, found.version]);
}

const FILE_FIELDS = ["name", "sha256", "sizeBytes", "urls"];
const SOURCE_FIELDS = ["files", "format", "name", "version"];

const PACKAGE_FIELDS = [
  "architecture",
  "archive",
  "file",
  "name",
  "python",
  "sha256",
  "sizeBytes",
  "urls",
  "version",
];

function openSet(debian: DebianQuestions, lazy: Lazy): Value {
  const request = forceAttrs(lazy);
  const listed = forceAttrs(attribute(request, "set"));
  const known = new Map<string, Lazy | undefined>();
  const ask = (field: string, name: string): Value => call(force(attribute(request, field)), name);
  return new OpenAttrs(listed, {
    /** Each name is asked for once. */
    find(name) {
      if (!known.has(name)) {
        const has = forceBool(ask("has", name));
        known.set(name, has ? ask("get", name) : undefined);
      }
      return known.get(name);
    },
    hintFor(name) {
      const nearby = forceList(ask("nearest", name)).map((item) => forceStringNoContext(item));
      const looked = debian.isFrozen ? "; only what copse.lock names was looked at, as it is frozen" : "";
      return nearby.length === 0
        ? `no name is near to it${looked}`
        : `did you mean ${nearby.join(", ")}?${looked}`;
    },
  });
}

/** The language's builtins and `builtins.copse`; `further` are the functions for other kinds of packages than Debian's. */
export function withEngine(options: {
  readonly debian: DebianQuestions;
  readonly further: readonly PrimOpDefinition[];
  readonly launcher: string;
}): readonly Builtin[] {
  const functions = [...engineFunctions(options.debian), ...options.further];
  const copse = (evaluation: Evaluation): Attrs =>
    Attrs.fromEntries([
      ...functions.map((definition) => [definition.name, new PrimOp(definition, evaluation)] as const),
      ["launcher", new Path(options.launcher)],
    ]);
  return [
    ...builtinTable,
    ...defineConstants({ copse: { doc: "What copse's package set needs of the engine.", value: copse } }),
  ];
}
