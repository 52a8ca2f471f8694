/**
 * What a path depends on, as a tree of text. A path that was shown already is not opened again but marked `[...]`, and
 * of the paths below one, those that others of them need come first: that keeps the tree flat.
 *
 *     /nix/store/…-app
 *     ├───/nix/store/…-glibc
 *     └───/nix/store/…-python
 *         └───/nix/store/…-glibc [...]
 */
import type { StorePath } from "#format";
import { dependenciesFirst } from "#store";

/** Direct references of a path; throws for one that is not valid. */
export type ReferencesOf = (path: StorePath) => readonly StorePath[];

export const TREE = { branch: "├───", last: "└───", line: "│   ", blank: "    " } as const;

/** One tree for each path; what an earlier one showed counts as shown. */
export function* dependencyTree(paths: readonly StorePath[], referencesOf: ReferencesOf): Generator<string> {
  const shown = new Set<StorePath>();
  for (const path of paths) yield* branch(path, { first: "", rest: "" }, { shown, referencesOf });
}

interface Drawing {
  readonly shown: Set<StorePath>;
  readonly referencesOf: ReferencesOf;
}

interface Frame {
  readonly path: StorePath;
  readonly first: string;
  readonly rest: string;
}

// With a stack of its own: chains of references can be long.
function* branch(
  path: StorePath,
  pad: { readonly first: string; readonly rest: string },
  { shown, referencesOf }: Drawing,
): Generator<string> {
  const stack: Frame[] = [{ path, ...pad }];
  for (let frame = stack.pop(); frame !== undefined; frame = stack.pop()) {
    if (shown.has(frame.path)) {
      yield `${frame.first}${frame.path} [...]`;
      continue;
    }
    shown.add(frame.path);
    yield `${frame.first}${frame.path}`;
    const below = dependenciesFirst(referencesOf(frame.path), referencesOf);
    for (let i = below.length - 1; i >= 0; i--) {
      const isLast = i === below.length - 1;
      stack.push({
        path: below[i]!,
        first: frame.rest + (isLast ? TREE.last : TREE.branch),
        rest: frame.rest + (isLast ? TREE.blank : TREE.line),
      });
    }
  }
}
