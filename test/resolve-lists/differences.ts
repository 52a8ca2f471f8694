/**
 * Where two answers differ, and whether the reason is a good one.
 *
 * Two solvers may both be right: where the newest versions of two projects exclude each other, one must give way. copse
 * lets the one that is asked for later give way, pip goes by what its backtracking comes to. So a difference is explained
 * if copse finds pip's answer valid, too (asked for pip's versions it arrives at them, all of them and no others), and of
 * what the list asks for, the first name that differs is newer with copse.
 */
import { compareVersions, parseRequirement, parseVersion } from "#format/python";

export type Answer = ReadonlyMap<string, string>;

/** One line for each name. */
export function differencesOf(ours: Answer, theirs: Answer): readonly string[] {
  return differingNames(ours, theirs).map(
    (name) => `${name}: copse ${ours.get(name) ?? "-"}, pip ${theirs.get(name) ?? "-"}`,
  );
}

function differingNames(ours: Answer, theirs: Answer): readonly string[] {
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return names.filter((name) => ours.get(name) !== theirs.get(name));
}

export type Verdict =
  | { readonly kind: "explained"; readonly reason: string }
  | { readonly kind: "unexplained"; readonly problem: string };

export async function judgeDifference(
  ours: Answer,
  theirs: Answer,
  {
    list,
    solveWith,
  }: {
    readonly list: readonly string[];
    /** copse's answer when these versions are demanded of whatever is taken. */
    readonly solveWith: (constraints: readonly string[]) => Promise<Answer>;
  },
): Promise<Verdict> {
  const asked = list.map((line) => parseRequirement(line).name as string);
  const first = asked.find((name) => ours.get(name) !== theirs.get(name));
  if (first === undefined)
    return {
      kind: "unexplained",
      problem: "nothing that the list asks for differs, but what follows from it does",
    };
  const [mine, other] = [ours.get(first)!, theirs.get(first)!];
  if (compareVersions(parseVersion(mine), parseVersion(other)) < 0)
    return { kind: "unexplained", problem: `pip has a newer ${first}, the first in the list that differs` };
  const constraints = [...theirs].map(([name, version]) => `${name}==${version}`);
  const again = differencesOf(await solveWith(constraints), theirs);
  if (again.length > 0)
    return { kind: "unexplained", problem: `copse does not arrive at pip's answer: ${again.join("; ")}` };
  return {
    kind: "explained",
    reason: `${first} is asked for first, and is newer with copse; pip's answer is valid too`,
  };
}
