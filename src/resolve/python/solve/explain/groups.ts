/** Facts that make one sentence: who needs what, or which versions cannot be taken for the same reason. */
import type { NormalizedName, Requirement } from "#format/python";
import { intersectionOf, unionOf, type VersionSet } from "../../../pubgrub/mod.ts";
import type { PythonFact } from "../facts.ts";
import type { PythonPackage } from "../packages.ts";
import { type Reason, reasonKey } from "../reason.ts";

export type Group =
  | {
      readonly kind: "demand";
      /** Undefined: the request itself. */
      readonly by: NormalizedName | undefined;
      readonly extra: NormalizedName | undefined;
      readonly needs: NormalizedName;
      readonly versions: VersionSet;
      /** What any of the versions would allow. */
      readonly allowed: VersionSet;
      readonly requirements: readonly { readonly requirement: Requirement; readonly versions: VersionSet }[];
      readonly facts: readonly PythonFact[];
    }
  | {
      readonly kind: "unavailable";
      readonly name: NormalizedName;
      readonly versions: VersionSet;
      readonly reason: Reason;
      readonly facts: readonly PythonFact[];
    }
  /** Extras that go with their project: needed for the proof, not for the reader. */
  | { readonly kind: "silent"; readonly facts: readonly PythonFact[] };

export function groupFacts(facts: readonly PythonFact[]): readonly Group[] {
  return [...Map.groupBy(facts, groupKey).values()].map(groupOf);
}

function groupKey(fact: PythonFact): string {
  const by = packageKey(fact.package);
  if (fact.note.kind === "reason") return `unavailable ${by} ${reasonKey(fact.note.reason)}`;
  if (fact.note.kind === "same-version" || fact.kind !== "dependency") return "silent";
  // The request's requirements are told one by one: they are what can be changed.
  const text = fact.package.kind === "root" ? String(fact.note.requirement.specifiers ?? "") : "";
  return `demand ${by} ${nameOf(fact.needs)} ${text}`;
}

function packageKey(one: PythonPackage): string {
  if (one.kind === "root") return "";
  return one.kind === "extra" ? `${one.name}[${one.extra}]` : one.name;
}

function nameOf(one: PythonPackage): NormalizedName | undefined {
  return one.kind === "root" ? undefined : one.name;
}

function groupOf(facts: readonly PythonFact[]): Group {
  const [first] = facts as readonly [PythonFact];
  const versions = facts.reduce<VersionSet>((set, fact) => unionOf(set, fact.versions), []);
  if (first.note.kind === "reason")
    return { kind: "unavailable", name: nameOf(first.package)!, versions, reason: first.note.reason, facts };
  if (first.note.kind === "same-version" || first.kind !== "dependency") return { kind: "silent", facts };
  const byText = new Map<string, { requirement: Requirement; versions: VersionSet }>();
  let allowed: VersionSet = [];
  for (const [key, same] of Map.groupBy(facts, (fact) => fact.versions.join())) {
    const all = same.filter((fact) => fact.kind === "dependency");
    // One version may have several requirements on the same project, all of which count.
    allowed = unionOf(allowed, all.map((fact) => fact.allowed).reduce(intersectionOf));
    for (const { note, versions: mine } of all) {
      if (note.kind !== "demand") throw new Error(`Not a demand: ${key}`);
      const text = String(note.requirement.specifiers ?? note.requirement.url ?? "");
      const before = byText.get(text);
      byText.set(text, {
        requirement: note.requirement,
        versions: before ? unionOf(before.versions, mine) : mine,
      });
    }
  }
  return {
    kind: "demand",
    by: nameOf(first.package),
    extra: first.package.kind === "extra" ? first.package.extra : undefined,
    needs: nameOf(first.needs)!,
    versions,
    allowed,
    requirements: [...byText.values()],
    facts,
  };
}
