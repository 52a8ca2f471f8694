/**
 * The part of `builtins.copse` that is about projects which come as sources: folders at hand, trees of repositories.
 *
 * | name                              | does                                                                   |
 * |-----------------------------------|------------------------------------------------------------------------|
 * | `pythonProject { system, python, name, extras, project, metadata }` | what a project at hand is and depends on   |
 * | `pythonCompiles { requires, backend, setup, tables }` | whether a build makes more of it than its folder has |
 * | `pythonGitTree { url, commit, sha256 }` | the tree of a commit, as a store path                            |
 * | `pythonError code sentence`       | ends evaluation with an error of that code                             |
 */
import { byteStringFromText, CopseError } from "#base";
import { parseHash } from "#format";
import { normaliseName } from "#format/python";
import {
  Attrs,
  ContextString,
  type Evaluation,
  force,
  forceAttrs,
  type Lazy,
  type PrimOpDefinition,
  StringContext,
  type Value,
} from "#lang";
import { attribute, forceText } from "../engine-values.ts";
import { hasCompiledParts } from "./compiled-parts.ts";
import { readLocalProject, type Table } from "./local-project.ts";
import { plainValue } from "./plain-value.ts";
import { textList } from "./python-values.ts";

export const projectFunctions: readonly PrimOpDefinition[] = [
  {
    name: "pythonProject",
    arity: 1,
    doc: "What a project at hand is and depends on: { system, python, extras, project, metadata } to { name, version, requirements, metadata, entryPoints }; null where only a build knows.",
    run: (_evaluation, request) => localProject(forceAttrs(request as Lazy)),
  },
  {
    name: "pythonCompiles",
    arity: 1,
    doc: "Whether building a project makes more than its folder has: { requires, backend, setup, tables }.",
    run: (_evaluation, request) => compiles(forceAttrs(request as Lazy)),
  },
  {
    name: "pythonError",
    arity: 2,
    doc: "Ends evaluation with an error: its code, and a sentence with the package's name in backticks at its end.",
    run: (_evaluation, code, sentence) => {
      throw new CopseError(forceText(code as Lazy), forceText(sentence as Lazy));
    },
  },
  {
    name: "pythonGitTree",
    arity: 1,
    doc: "The tree of a git commit: { url, commit, sha256 } to a store path; the hash is that of its NAR.",
    run: (evaluation, request) => gitTree(evaluation, forceAttrs(request as Lazy)),
  },
];

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
    name:
      request.get("name") === undefined ? undefined : normaliseName(forceText(attribute(request, "name"))),
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

function compiles(request: Attrs): boolean {
  return hasCompiledParts({
    requires: textList(attribute(request, "requires")),
    backend: forceText(attribute(request, "backend")),
    setup: forceText(attribute(request, "setup")),
    tables: textList(attribute(request, "tables")),
  });
}

/** The tree of a commit in the store, fetched where it is not there yet. */
function gitTree(evaluation: Evaluation, request: Attrs): Value {
  const path = evaluation.host.fetch({
    method: "git",
    name: "source",
    args: { url: forceText(attribute(request, "url")), rev: forceText(attribute(request, "commit")) },
    expectedHash: parseHash(forceText(attribute(request, "sha256")), "sha256"),
  });
  return new ContextString(path, StringContext.of({ kind: "opaque", path }));
}
