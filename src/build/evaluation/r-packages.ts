/**
 * What `pkgs/r` asks the engine for:
 *
 * | name                                                              | does                                                |
 * |-------------------------------------------------------------------|-----------------------------------------------------|
 * | `resolveR { source, system, demands, snapshot, from, constraints ? [ ], suggests ? [ ] }` | the closure, from the lock or else the repositories |
 * | `rHas { source, system, snapshot, from, name, nearest }`          | whether the lock, or else a repository, has a name  |
 * | `rNearest { source, system, snapshot, from, name }`               | names that are spelled alike                        |
 *
 * `source` is Debian's (`debian-source.ts`); `snapshot` is a day of CRAN or null; `from` is "binaries-first" or "sources".
 */
import { byteStringFromText, CopseError, nearestNames } from "#base";
import {
  Attrs,
  type Evaluation,
  force,
  forceAttrs,
  forceList,
  type Lazy,
  type PrimOpDefinition,
  type Value,
} from "#lang";
import type { RPackage, RRequests, RSource } from "#resolve";
import { readDebianSource } from "./debian-source.ts";
import { attribute, forceText } from "./engine-values.ts";

export interface RQuestions {
  readonly requests: RRequests;
  /** Only the lock is asked. */
  readonly isFrozen: boolean;
}

export function rFunctions(questions: RQuestions): readonly PrimOpDefinition[] {
  return [
    {
      name: "resolveR",
      arity: 1,
      doc: "Solves R packages together: { source, system, demands, snapshot, from, constraints, suggests } to { version, packages }, each package before what depends on it.",
      run: (evaluation, request) => resolve(questions, evaluation, request as Lazy),
    },
    {
      name: "rHas",
      arity: 1,
      doc: "Whether the lock, or else a repository of R packages, has a name: { source, system, snapshot, from, name, nearest }.",
      run: (evaluation, request) => has(questions, evaluation, request as Lazy),
    },
    {
      name: "rNearest",
      arity: 1,
      doc: "Names of R packages that are spelled like the given one: { source, system, snapshot, from, name }.",
      run: (evaluation, request) => nearest(questions, evaluation, request as Lazy),
    },
  ];
}

function resolve({ requests }: RQuestions, evaluation: Evaluation, lazy: Lazy): Value {
  const request = forceAttrs(lazy);
  const demands = forceList(attribute(request, "demands")).map((one) => forceText(one));
  const texts = (name: string) => forceList(request.get(name) ?? []).map((one) => forceText(one));
  const { version, packages } = requests.resolve({
    ...readSource(evaluation, request),
    ...{ demands, constraints: texts("constraints"), suggests: texts("suggests") },
  });
  return Attrs.fromEntries([
    ["packages", packages.map(packageValue)],
    ["version", byteStringFromText(version)],
  ]);
}

function packageValue(one: RPackage): Attrs {
  const common = [
    ["dependencies", one.dependencies.map(byteStringFromText)],
    ["kind", one.kind],
    ["name", byteStringFromText(one.name)],
    ["version", byteStringFromText(one.version ?? "")],
  ] as const;
  if (one.kind === "debian")
    return Attrs.fromEntries([...common, ["debian", byteStringFromText(one.debian)]]);
  return Attrs.fromEntries([
    ...common,
    ["compiled", one.compiled],
    ["sha256", one.sha256],
    ["sizeBytes", one.size],
    ["url", byteStringFromText(one.url ?? "")],
  ]);
}

function has({ requests, isFrozen }: RQuestions, evaluation: Evaluation, lazy: Lazy): boolean {
  const request = forceAttrs(lazy);
  const source = readSource(evaluation, request);
  const name = forceText(attribute(request, "name"));
  const isName = (one: string) => one.toLowerCase() === name.toLowerCase();
  if (requests.locked(source).some(isName)) return true;
  if (isFrozen) return false;
  const names = requests.names(source);
  if (names) return names.some(isName);
  const alike = forceList(attribute(request, "nearest")).map((one) => forceText(one));
  throw new CopseError(
    "cran-unconfigured",
    `Debian has no R package of this name, and no repository of R packages is configured: \`${name}\``,
    {
      hint: `${alike.length > 0 ? `did you mean ${alike.join(", ")}? otherwise ` : ""}name a repository as for R, with options(repos = c(CRAN = "https://MIRROR")) in ~/.Rprofile, or below [sources] of copse's config.toml: cran = "https://MIRROR"`,
    },
  );
}

function nearest({ requests, isFrozen }: RQuestions, evaluation: Evaluation, lazy: Lazy): Value {
  const request = forceAttrs(lazy);
  const source = readSource(evaluation, request);
  const known = (isFrozen ? undefined : requests.names(source)) ?? requests.locked(source);
  return nearestNames(forceText(attribute(request, "name")), [...known]).map(byteStringFromText);
}

function readSource(evaluation: Evaluation, request: Attrs): RSource {
  const snapshot = force(attribute(request, "snapshot"));
  const from = forceText(attribute(request, "from"));
  if (from !== "binaries-first" && from !== "sources")
    throw new CopseError("source-invalid", `R packages cannot be taken from \`${from}\``);
  return {
    debian: {
      ...readDebianSource(evaluation, attribute(request, "source")),
      system: forceText(attribute(request, "system")),
    },
    snapshot: snapshot === null ? undefined : forceText(attribute(request, "snapshot")),
    from,
  };
}
