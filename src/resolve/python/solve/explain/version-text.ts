/**
 * Sets of versions in words, against the versions that there are: a set that takes the newest is "from 1.2", one that
 * takes all is "every version". Versions that do not matter (they cannot be installed anyway) may fall on either side,
 * whichever makes the text shorter.
 */
import { hasVersion, type VersionSet } from "../../../pubgrub/mod.ts";
import type { IndexFile } from "../package-index.ts";
import type { Project } from "../project.ts";

const MOST_RUNS = 3;

export interface VersionWords {
  readonly text: string;
  readonly isPlural: boolean;
}

/** `versions of numpy from 1.21`, `every version of numpy`, `numpy 2.0`, `numpy 1.5 to 1.7 and 2.0`. */
export function versionsInWords<F extends IndexFile>(
  project: Project<F>,
  set: VersionSet,
  indifferent: VersionSet = [],
): VersionWords {
  const { name, count } = project;
  const runs = runsOf(count, set, indifferent);
  const [first] = runs;
  if (!first) return { text: `no version of ${name}`, isPlural: false };
  if (count > 1 && first.from === 0 && first.to === count - 1)
    return { text: `every version of ${name}`, isPlural: false };
  if (runs.length === 1 && first.from === first.to)
    return { text: `${name} ${project.label(first.from)}`, isPlural: false };
  const words = runs.map(({ from, to }) => {
    if (from === to) return project.label(from);
    if (to === count - 1) return `from ${project.label(from)}`;
    if (from === 0) return `up to ${project.label(to)}`;
    return `${project.label(from)} to ${project.label(to)}`;
  });
  // The newest are the ones that people know.
  const hidden = words.length - MOST_RUNS;
  const shown =
    hidden > 0
      ? [...words.slice(-MOST_RUNS), `${hidden} ${hidden === 1 ? "range" : "ranges"} before`]
      : words;
  const isOpen = words[0]!.startsWith("up to ") || words.at(-1)!.startsWith("from ");
  return {
    text: isOpen ? `versions of ${name} ${joinWords(shown)}` : `${name} ${joinWords(shown)}`,
    isPlural: true,
  };
}

interface Run {
  readonly from: number;
  readonly to: number;
}

function runsOf(count: number, set: VersionSet, indifferent: VersionSet): readonly Run[] {
  const runs: { from: number; to: number }[] = [];
  let bridged = true;
  for (let ordinal = 0; ordinal < count; ordinal++) {
    if (hasVersion(set, ordinal)) {
      const run = runs.at(-1);
      if (run && bridged) run.to = ordinal;
      else runs.push({ from: ordinal, to: ordinal });
      bridged = true;
    } else if (!hasVersion(indifferent, ordinal)) {
      bridged = false;
    }
  }
  return runs;
}

export function joinWords(words: readonly string[], last = "and"): string {
  if (words.length <= 1) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** At most `limit` of them, and how many more there are. */
export function someOf(words: readonly string[], limit: number): string {
  if (words.length <= limit) return joinWords(words);
  return `${words.slice(0, limit).join(", ")} and ${words.length - limit} more`;
}
