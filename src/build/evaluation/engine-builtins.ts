/**
 * `builtins.copse`: what the package set needs of the engine beyond the Nix language.
 *
 * | name                         | does                                                              |
 * |------------------------------|-------------------------------------------------------------------|
 * | `resolveDebian { suite, system, packages }` | the solved closure, from the lock or else the index |
 * | `debianHas suite name`       | whether the lock, or else the index, names a package              |
 * | `debianNearest suite name`   | names that are spelled alike                                      |
 * | `openSet { set, has, get, nearest }` | a set that answers for names it does not list             |
 * | `launcher`                   | the script that enters a root                                     |
 *
 * A name that the set lists never asks `has`. `attrNames` shows the listed names only.
 */
import { byteStringFromText, textFromByteString } from "#base";
import {
  Attrs,
  call,
  type Evaluation,
  evalError,
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
  suggest,
  type Value,
} from "#lang";
import { type Builtin, builtinTable, defineConstants } from "#lang/builtins";
import type { DebianPackage } from "#resolve";

export interface DebianQuestions {
  /** Only the lock is asked. */
  readonly isFrozen: boolean;
  resolve(request: { suite: string; system: string; packages: readonly string[] }): readonly DebianPackage[];
  has(suite: string, name: string): boolean;
  nearest(suite: string, name: string): readonly string[];
}

function engineFunctions(debian: DebianQuestions): readonly PrimOpDefinition[] {
  return [
    {
      name: "resolveDebian",
      arity: 1,
      doc: "Solves Debian packages together: { suite, system, packages } to the list of the closure's packages, each before what depends on it.",
      run: (_evaluation, request) => resolveDebian(debian, request as Lazy),
    },
    {
      name: "debianHas",
      arity: 2,
      doc: "Whether a suite has a package of this name.",
      run: (_evaluation, suite, name) => debian.has(textOf(suite as Lazy), textOf(name as Lazy)),
    },
    {
      name: "debianNearest",
      arity: 2,
      doc: "Names of a suite's packages that are spelled like the given one.",
      run: (_evaluation, suite, name) =>
        debian.nearest(textOf(suite as Lazy), textOf(name as Lazy)).map(byteStringFromText),
    },
    {
      name: "openSet",
      arity: 1,
      doc: "A set that also answers for names it does not list: { set, has = name: bool, get = name: value, nearest = name: [ name ] }.",
      run: (_evaluation, request) => openSet(debian, request as Lazy),
    },
  ];
}

function textOf(lazy: Lazy): string {
  return textFromByteString(forceStringNoContext(lazy));
}

function attribute(attrs: Attrs, name: string): Lazy {
  const value = attrs.get(name);
  if (value === undefined)
    throw evalError("missing-attribute", `attribute '${name}' missing`, {
      hint: suggest(name, attrs.names()),
    });
  return value;
}

function resolveDebian(debian: DebianQuestions, lazy: Lazy): Value {
  const request = forceAttrs(lazy);
  const names = forceList(attribute(request, "packages"));
  const packages = debian.resolve({
    suite: textOf(attribute(request, "suite")),
    system: textOf(attribute(request, "system")),
    packages: names.map((name) => textOf(name)),
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
      found.version,
    ]),
  );
}

const PACKAGE_FIELDS = [
  "architecture",
  "archive",
  "file",
  "name",
  "python",
  "sha256",
  "sizeBytes",
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

/** The language's builtins and `builtins.copse`. */
export function withEngine(options: {
  readonly debian: DebianQuestions;
  readonly launcher: string;
}): readonly Builtin[] {
  const functions = engineFunctions(options.debian);
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
