/** One sentence for each group of facts, in the order in which a person would follow them: from the request down. */

import { assertNever } from "#base";
import type { NormalizedName } from "#format/python";
import { requirementText } from "../facts.ts";
import type { Library } from "../library.ts";
import type { IndexFile } from "../package-index.ts";
import type { Reason } from "../reason.ts";
import type { PreparedRequest } from "../request.ts";
import type { Group } from "./groups.ts";
import { joinWords, someOf, versionsInWords } from "./version-text.ts";

type Demand = Extract<Group, { kind: "demand" }>;

export interface SentenceContext<F extends IndexFile> {
  readonly library: Library<F>;
  readonly request: PreparedRequest;
}

export function sentencesOf<F extends IndexFile>(
  groups: readonly Group[],
  context: SentenceContext<F>,
): readonly string[] {
  const demands = groups.filter((group) => group.kind === "demand");
  const own = demands.filter(({ by }) => by === undefined);
  const sentences: string[] = [];
  if (own.length > 0) sentences.push(requestSentence(own));
  for (const { needs } of own) sentences.push(...missing(needs, own, context));
  const told = new Set<NormalizedName>();
  const tell = (name: NormalizedName): void => {
    if (told.has(name)) return;
    told.add(name);
    for (const group of groups)
      if (group.kind === "unavailable" && group.name === name)
        sentences.push(unavailableSentence(group, context));
    const next = demands.filter(({ by }) => by === name);
    for (const group of next) sentences.push(demandSentence(group, context));
    for (const { needs } of next) tell(needs);
  };
  for (const { needs } of own) tell(needs);
  // What is not reached from what is asked for: nothing, as long as proofs begin at the root.
  for (const { by } of demands) if (by !== undefined) tell(by);
  return [...new Set(sentences)];
}

function requestSentence(own: readonly Demand[]): string {
  const texts = own.flatMap(({ requirements }) =>
    requirements.map(({ requirement }) => `\`${requirementText(requirement)}\``),
  );
  return `you ask for ${joinWords([...new Set(texts)])}`;
}

/** What no index has, or has in no such version. */
function missing<F extends IndexFile>(
  name: NormalizedName,
  demands: readonly Demand[],
  { library }: SentenceContext<F>,
): string[] {
  const empty = demands.filter(({ needs, allowed }) => needs === name && allowed.length === 0);
  return empty.map((demand) => absence(demand, library));
}

function absence<F extends IndexFile>({ needs, requirements }: Demand, library: Library<F>): string {
  const project = library.loaded(needs);
  const texts = someOf(
    requirements.map(({ requirement }) => `\`${requirementText(requirement)}\``),
    3,
  );
  if (!project.isKnown) return `no index has a project \`${needs}\``;
  if (project.count === 0)
    return project.excludedFiles > 0
      ? `nothing of ${needs} was uploaded before the day of exclude-newer`
      : `the index has no files of ${needs}`;
  const newest = `the newest is ${project.label(project.count - 1)}`;
  const later = project.excludedFiles > 0 ? ", and exclude-newer leaves out what came later" : "";
  return `no version of ${needs} is ${texts}; ${newest}${later}`;
}

function demandSentence<F extends IndexFile>(demand: Demand, { library }: SentenceContext<F>): string {
  const project = library.loaded(demand.by!);
  const needed = library.loaded(demand.needs);
  const subject = versionsInWords(project, demand.versions, project.knownUnavailable(project.all));
  const by = demand.extra === undefined ? subject.text : `${subject.text} with extra \`${demand.extra}\``;
  const verb = subject.isPlural ? "need" : "needs";
  const texts = demand.requirements.map(({ requirement }) => `\`${requirementText(requirement)}\``);
  if (demand.allowed.length === 0)
    return `${by} ${verb} ${someOf(texts, 3)}, and ${absence(demand, library)}`;
  if (texts.length <= 2) return `${by} ${verb} ${joinWords(texts, "or")}`;
  const words = versionsInWords(needed, demand.allowed, needed.knownUnavailable(needed.all));
  return `${by} ${verb} ${words.text}, each its own: ${someOf(texts, 3)}`;
}

function unavailableSentence<F extends IndexFile>(
  { name, versions, reason }: Extract<Group, { kind: "unavailable" }>,
  { library, request }: SentenceContext<F>,
): string {
  const subject = versionsInWords(library.loaded(name), versions);
  return `${subject.text} ${predicate(reason, subject.isPlural, request)}`;
}

function predicate(reason: Reason, plural: boolean, { target }: PreparedRequest): string {
  const verb = (many: string, one: string) => (plural ? many : one);
  const { system, python } = target.platform;
  switch (reason.kind) {
    case "python":
      return `${verb("need", "needs")} Python ${reason.requires}, and this is ${python}`;
    case "no-fitting-wheel":
      return `${verb("have", "has")} no wheel for Python ${python} on ${system} and no sdist, only ${someOf(reason.tags, 3)}`;
    case "only-sdist":
      return `${verb("have", "has")} only an sdist, and only wheels are to be taken`;
    case "only-wheels":
      return `${verb("have", "has")} only wheels, and only sdists are to be taken`;
    case "yanked":
      return `${verb("were", "was")} yanked${reason.why === undefined ? "" : ` (${shorten(reason.why)})`}`;
    case "pre-release":
      return `${verb("are pre-releases", "is a pre-release")}, which are not to be taken`;
    case "constraint":
      return `${verb("are", "is")} outside of the constraint \`${reason.requirement}\``;
    case "metadata":
      return `${verb("have", "has")} metadata that cannot be used: ${shorten(reason.problem)}`;
    default:
      return assertNever(reason);
  }
}

function shorten(text: string): string {
  // Where it was found is said by the name already.
  const line = text
    .replace(/: `[^`]*`$/, "")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}
