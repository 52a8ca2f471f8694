/** What would help, from the facts that exclude a solution: without any one of them there would be one. */
import type { NormalizedName, Requirement } from "#format/python";
import { factUniverse, solve } from "../../../pubgrub/mod.ts";
import { relaxRequirement } from "../demands.ts";
import { type PythonFact, requirementText, setOfRequirement } from "../facts.ts";
import type { Library } from "../library.ts";
import type { IndexFile } from "../package-index.ts";
import type { PythonPackage } from "../packages.ts";
import type { Reason } from "../reason.ts";
import type { Group } from "./groups.ts";
import { joinWords, someOf } from "./version-text.ts";

interface HelpContext<F extends IndexFile> {
  readonly library: Library<F>;
  readonly root: PythonPackage;
}

export async function helpFor<F extends IndexFile>(
  groups: readonly Group[],
  context: HelpContext<F>,
): Promise<string> {
  const { library } = context;
  const demands = groups.filter((group) => group.kind === "demand");
  const help: string[] = [];
  const pythons = groups.flatMap((group) =>
    group.kind === "unavailable" && group.reason.kind === "python" ? [group.reason.requires] : [],
  );
  if (pythons.length > 0) help.push(`use another Python (${someOf([...new Set(pythons)], 3)})`);
  const late = demands.map(({ needs }) => needs).filter((name) => library.loaded(name).excludedFiles > 0);
  if (late.length > 0)
    help.push(`set a later exclude-newer (it leaves out files of ${someOf([...new Set(late)], 3)})`);
  const own = demands.filter(({ by }) => by === undefined).flatMap(({ requirements }) => requirements);
  const limited = own.filter(({ requirement }) => requirement.specifiers !== undefined);
  const texts = [...new Set(limited.map(({ requirement }) => `\`${requirementText(requirement)}\``))];
  if (texts.length > 0) help.push(`ask for something else than ${joinWords(texts.slice(0, 4), "or")}`);
  const bounds = await helpfulRelaxations(groups, context);
  if (bounds.length > 0) help.push(`do not heed a bound: ${joinWords(bounds.slice(0, 3), "or")}`);
  for (const group of groups)
    if (group.kind === "unavailable") help.push(...remedies(group.reason, group.name));
  if (help.length === 0)
    help.push(
      `leave out ${joinWords(
        own.map(({ requirement }) => `\`${requirement.name}\``),
        "or",
      )}`,
    );
  return [...new Set(help)].slice(0, 4).join("; or ");
}

/** Projects whose upper bounds, set by other packages, exclude the solution: tried, and found to help. */
async function helpfulRelaxations<F extends IndexFile>(
  groups: readonly Group[],
  { library, root }: HelpContext<F>,
): Promise<readonly string[]> {
  const facts = groups.flatMap((group) => group.facts);
  const bounded = new Set<NormalizedName>();
  for (const { package: by, note } of facts)
    if (by.kind !== "root" && note.kind === "demand" && hasUpperBound(note.requirement))
      bounded.add(note.requirement.name);
  const helpful: string[] = [];
  for (const name of bounded) {
    const relaxed = facts.map((fact) => relaxFact(fact, name, library));
    const outcome = await solve(root, factUniverse(relaxed));
    if (outcome.kind === "solution") helpful.push(`relax = [ "${name}" ]`);
  }
  return helpful;
}

function relaxFact<F extends IndexFile>(
  fact: PythonFact,
  name: NormalizedName,
  library: Library<F>,
): PythonFact {
  if (fact.kind !== "dependency" || fact.package.kind === "root") return fact;
  if (fact.note.kind !== "demand" || fact.note.requirement.name !== name) return fact;
  const requirement = relaxRequirement(fact.note.requirement, fact.package.name, [{ name }]);
  return { ...fact, allowed: setOfRequirement(library.loaded(name), requirement) };
}

function hasUpperBound({ specifiers }: Requirement): boolean {
  return (
    specifiers?.clauses.some(({ operator }) => ["<", "<=", "~=", "==", "==="].includes(operator)) ?? false
  );
}

function remedies(reason: Reason, name: string): string[] {
  switch (reason.kind) {
    case "only-sdist":
      return [`let ${name} be built from source (only-binary)`];
    case "only-wheels":
      return [`let wheels of ${name} be taken (no-binary)`];
    case "yanked":
      return [`pin the yanked version of ${name} with == if you do want it`];
    case "pre-release":
      return [`let pre-releases of ${name} be taken (prereleases)`];
    case "constraint":
      return [`lift the constraint \`${reason.requirement}\``];
    case "python":
    case "no-fitting-wheel":
    case "metadata":
      return [];
  }
}
