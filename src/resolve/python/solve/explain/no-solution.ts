/**
 * The error for a request that cannot be satisfied: the few facts that exclude every solution, one sentence each, and
 * what would help.
 */
import { CopseError } from "#base";
import { factsUnder, type Incompatibility, shrinkCore } from "../../../pubgrub/mod.ts";
import { type Note, requirementText } from "../facts.ts";
import type { Library } from "../library.ts";
import type { IndexFile } from "../package-index.ts";
import type { PythonPackage } from "../packages.ts";
import type { PreparedRequest } from "../request.ts";
import { type Group, groupFacts } from "./groups.ts";
import { helpFor } from "./help.ts";
import { sentencesOf } from "./sentences.ts";

const MOST_SENTENCES = 18;

export interface NoSolutionContext<F extends IndexFile> {
  readonly library: Library<F>;
  readonly request: PreparedRequest;
  readonly root: PythonPackage;
}

export async function noSolution<F extends IndexFile>(
  proof: Incompatibility<PythonPackage, Note>,
  { library, request, root }: NoSolutionContext<F>,
): Promise<CopseError> {
  const groups = groupFacts(factsUnder(proof));
  // What the request says is left out last: a core that needs less of it explains more.
  const ordered = groups.toSorted((a, b) => Number(isOwn(a)) - Number(isOwn(b)));
  const shrunk = await shrinkCore(
    root,
    ordered.map(({ facts }) => facts),
  );
  const order = new Map(request.requirements.map((one, index) => [requirementText(one), index]));
  // The request's requirements in its own order.
  const core = groupFacts(shrunk.flat()).toSorted((a, b) => placeOf(a, order) - placeOf(b, order));
  const unknown = core.find(
    (group) => group.kind === "demand" && group.by === undefined && !library.loaded(group.needs).isKnown,
  );
  if (unknown?.kind === "demand") return unknownProject(unknown.needs);
  const sentences = sentencesOf(core, { library, request });
  const shown =
    sentences.length > MOST_SENTENCES
      ? [
          ...sentences.slice(0, MOST_SENTENCES - 1),
          `and ${sentences.length - MOST_SENTENCES + 1} more such facts`,
        ]
      : sentences;
  const { python, system } = request.target.platform;
  const asked = ownTexts(core).slice(0, 4).join(", ");
  const message = `No versions satisfy all that is asked of Python ${python} on ${system}: \`${asked}\``;
  return new CopseError("python-no-solution", [message, ...shown.map((one) => `  ${one}`)].join("\n"), {
    hint: await helpFor(core, { library, root }),
  });
}

function isOwn(group: Group): boolean {
  return group.kind === "demand" && group.by === undefined;
}

function placeOf(group: Group, order: ReadonlyMap<string, number>): number {
  if (!isOwn(group) || group.kind !== "demand") return order.size;
  return Math.min(
    ...group.requirements.map(({ requirement }) => order.get(requirementText(requirement)) ?? 0),
  );
}

function ownTexts(core: readonly Group[]): readonly string[] {
  const texts = core.flatMap((group) =>
    group.kind === "demand" && group.by === undefined
      ? group.requirements.map(({ requirement }) => requirementText(requirement))
      : [],
  );
  return [...new Set(texts)];
}

function unknownProject(name: string): CopseError {
  return new CopseError("python-package-unknown", `No Python package index has a project named \`${name}\``, {
    hint: "check the spelling, and whether the index that has it is configured",
  });
}
