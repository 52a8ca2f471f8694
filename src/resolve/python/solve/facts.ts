/** Facts about Python packages, in the solver's terms, each with what a person would call its reason. */
import { formatSpecifier, type NormalizedName, type Requirement } from "#format/python";
import type { Fact, VersionSet } from "../../pubgrub/mod.ts";
import type { IndexFile } from "./package-index.ts";
import type { NamedPackage, PythonPackage } from "./packages.ts";
import type { Project } from "./project.ts";
import type { Reason } from "./reason.ts";

/** Why a fact holds. */
export type Note =
  | { readonly kind: "demand"; readonly requirement: Requirement }
  /** An extra goes with its project. */
  | { readonly kind: "same-version" }
  | { readonly kind: "reason"; readonly reason: Reason };

export type PythonFact = Fact<PythonPackage, Note>;

/** Thrown through the solver when a dependency names a URL that was not known of: start again, knowing it. */
export class UrlFound {
  readonly name: NormalizedName;
  readonly url: string;
  constructor(name: NormalizedName, url: string) {
    this.name = name;
    this.url = url;
  }
}

export function setOfRequirement<F extends IndexFile>(
  project: Project<F>,
  { url, specifiers }: Requirement,
): VersionSet {
  return url === undefined ? project.setOf(specifiers) : project.setOfUrl(url);
}

/** Without marker: that has been settled. */
export function requirementText({ name, extras, specifiers, url }: Requirement): string {
  const named = extras.length > 0 ? `${name}[${extras.join(",")}]` : name;
  if (url !== undefined) return `${named} @ ${url}`;
  return specifiers ? `${named}${specifiers.clauses.map(formatSpecifier).join(",")}` : named;
}

export function unavailableFact(one: NamedPackage, versions: VersionSet, reason: Reason): PythonFact {
  return { kind: "unavailable", package: one, versions, note: { kind: "reason", reason } };
}
