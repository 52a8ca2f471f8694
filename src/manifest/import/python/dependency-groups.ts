/**
 * `[dependency-groups]` of pyproject.toml (the packaging guide's "Dependency Groups", once PEP 735): lists of
 * requirements that may include one another by `{include-group = "other"}`.
 */
import { isName, normaliseName } from "#format/python";
import type { Tree } from "../tree/tree.ts";

export interface GroupRequirement {
  readonly text: string;
  readonly line: number;
}

// Groups that include one another twice each would grow beyond all bounds.
const MAX_REQUIREMENTS = 10_000;

/** Each group with those that it includes. */
export function dependencyGroups(
  table: Tree | undefined,
  lose: (at: Tree, text: string) => void,
): ReadonlyMap<string, readonly GroupRequirement[]> {
  const lists = new Map(
    (table?.entries() ?? []).flatMap(([name, list]) =>
      isName(name) ? [[normaliseName(name) as string, list] as const] : [],
    ),
  );
  const expand = (name: string, open: readonly string[], found: GroupRequirement[]): void => {
    for (const item of lists.get(name)?.items() ?? []) {
      const text = item.text();
      const included = item.text("include-group");
      if (found.length >= MAX_REQUIREMENTS) return;
      if (text !== undefined) found.push({ text, line: item.line });
      else if (included === undefined || !isName(included)) lose(item, `an entry of the group \`${name}\``);
      else {
        const next = normaliseName(included);
        if ([...open, name].includes(next)) lose(item, `the group \`${next}\` includes itself`);
        else if (!lists.has(next)) lose(item, `there is no group \`${next}\``);
        else expand(next, [...open, name], found);
      }
    }
  };
  return new Map(
    [...lists.keys()].map((name) => {
      const found: GroupRequirement[] = [];
      expand(name, [], found);
      return [name, found];
    }),
  );
}
