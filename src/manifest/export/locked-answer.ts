/** Which of the lock's answers is to be exported: that of one environment, for one Python and one system. */
import { CopseError } from "#base";
import type { LockedPython, LockedPythonRequest } from "#resolve";
import type { PackageEntry } from "../expression/package-entries.ts";
import { answerOf } from "../locked-answer.ts";

export interface AnswerChoice {
  /** Of copse.toml's environment; undefined where there is none, and the lock's only request is meant. */
  readonly entries: readonly PackageEntry[] | undefined;
  /** In Nix's words: `x86_64-linux`. */
  readonly system: string;
  /** `3.11`; undefined for whichever is locked. */
  readonly python: string | undefined;
}

export interface ChosenAnswer {
  readonly system: string;
  /** `3.11` */
  readonly python: string;
  readonly request: LockedPythonRequest;
}

/** @throws CopseError `export-unlocked`, `export-ambiguous`. */
export function chooseAnswer(data: ReadonlyMap<string, LockedPython>, choice: AnswerChoice): ChosenAnswer {
  const sections = [...data].map(([key, section]) => {
    const [python = "", system = ""] = key.split(" ");
    return { python, system, section };
  });
  const { entries } = choice;
  const found = sections
    .filter(({ system, python }) => system === choice.system && python === (choice.python ?? python))
    .flatMap(({ section, ...platform }) => {
      const answer = entries && answerOf(entries, section.requests);
      const meant = entries ? (answer ? [answer] : []) : section.requests;
      return meant.map((request) => ({ ...platform, request }));
    });
  const [first, second] = found;
  if (!first) throw unlocked(sections, choice);
  if (!second || entries) return first;
  throw new CopseError(
    "export-ambiguous",
    `The lock has several answers, for ${choice.system}: \`${found.length}\``,
    {
      hint: "export beside the copse.toml that asks for one of them, or name its Python with --python",
    },
  );
}

function unlocked(
  sections: readonly { readonly python: string; readonly system: string }[],
  { system, python }: AnswerChoice,
): CopseError {
  const platform = `${python === undefined ? "" : `Python ${python} on `}${system}`;
  const known = sections.map((one) => `Python ${one.python} on ${one.system}`);
  return new CopseError("export-unlocked", `The lock has no answer of Python packages for \`${platform}\``, {
    hint:
      known.length === 0
        ? "`copse lock` writes one"
        : `it has answers for ${known.join(", ")}; \`copse lock\` renews them`,
  });
}
