/** One program by both evaluators: what they print, what they refuse, which derivations they write. */
import { writeFileSync } from "node:fs";
import type { Answer, Evaluator } from "./evaluators.ts";
import { type Case, formatProgram, type Program, type ProgramPart } from "./generate/program.ts";

export interface Difference {
  readonly seed: number;
  /** A program that shows it, as small as it could be made. */
  readonly program: string;
  readonly judge: Answer;
  readonly copse: Answer;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Cases and derivations that evaluated in both. */
  readonly agreed: number;
  /** What C++ Nix said of those that both refused. */
  readonly refusals: readonly string[];
  /** Both refused, with different first lines. */
  readonly otherMessages: readonly Difference[];
}

export interface Comparing {
  readonly judge: Evaluator;
  readonly copse: Evaluator;
  readonly fixtures: string;
  /** Where a program's file may be written; each evaluation overwrites it. */
  readonly scratch: string;
}

export function compareProgram(program: Program, comparing: Comparing): Comparison {
  const differences: Difference[] = [];
  const otherMessages: Difference[] = [];
  let agreed = 0;
  const refusals: string[] = [];

  const ask = (part: ProgramPart): { judge: Answer; copse: Answer; text: string } => {
    const text = formatProgram(program, comparing.fixtures, part);
    writeFileSync(comparing.scratch, text, "latin1");
    const by = (evaluator: Evaluator): Answer =>
      part.derivations.length > 0
        ? evaluator.instantiate(comparing.scratch)
        : evaluator.values(comparing.scratch, program.form);
    return { judge: by(comparing.judge), copse: by(comparing.copse), text };
  };

  /** Halves what differs or fails until it is a single case. */
  const compare = (part: ProgramPart): void => {
    const size = part.cases.length + part.derivations.length;
    if (size === 0) return;
    const { judge, copse, text } = ask(part);
    if (judge.kind === "value" && copse.kind === "value" && judge.text === copse.text) {
      agreed += size;
    } else if (size > 1) {
      for (const half of halves(part)) compare(half);
    } else if (judge.kind === "error" && copse.kind === "error") {
      refusals.push(judge.message);
      if (judge.message !== copse.message)
        otherMessages.push({ seed: program.seed, program: text, judge, copse });
    } else {
      differences.push({ seed: program.seed, program: text, judge, copse });
    }
  };

  compare({ cases: [], derivations: program.derivations });
  compare({ cases: program.cases.filter(({ isSound }) => isSound), derivations: [] });
  for (const each of program.cases.filter(({ isSound }) => !isSound))
    compare({ cases: [each], derivations: [] });
  return { differences, agreed, refusals, otherMessages };
}

function halves(part: ProgramPart): ProgramPart[] {
  const cut = <T>(items: readonly T[]): [T[], T[]] => {
    const middle = Math.ceil(items.length / 2);
    return [items.slice(0, middle), items.slice(middle)];
  };
  const [firstCases, otherCases] = cut<Case>(part.cases);
  const [firstDrvs, otherDrvs] = cut<string>(part.derivations);
  return [
    { cases: firstCases, derivations: firstDrvs },
    { cases: otherCases, derivations: otherDrvs },
  ];
}
