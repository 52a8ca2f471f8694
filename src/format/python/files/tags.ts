/**
 * Compatibility tags, `cp311-abi3-manylinux_2_17_x86_64`: interpreter, ABI and platform that a wheel is for (PEP 425; the
 * packaging guide's "Platform compatibility tags"). In the name of a wheel each of the three may be several, joined by
 * dots, which stand for all combinations. Case does not count.
 */
import { CopseError } from "#base";

/** What the name of a wheel says, in lower case. */
export interface TagSet {
  readonly interpreters: readonly string[];
  readonly abis: readonly string[];
  readonly platforms: readonly string[];
}

/** Throws CopseError `python-tag-invalid`. */
export function parseTagSet(text: string): TagSet {
  const parts = text
    .toLowerCase()
    .split("-")
    .map((part) => part.split("."));
  const [interpreters, abis, platforms] = parts;
  const valid =
    parts.length === 3 &&
    parts.every((part) => part.every((tag) => tag !== "")) &&
    interpreters!.every((tag) => /^[a-z_][a-z0-9_]*$/.test(tag));
  if (!valid)
    throw new CopseError("python-tag-invalid", `Not the tags of a Python package: \`${text.slice(0, 200)}\``);
  return { interpreters: interpreters!, abis: abis!, platforms: platforms! };
}

/** All combinations. */
export function* expandTags({ interpreters, abis, platforms }: TagSet): Generator<string, void, void> {
  for (const interpreter of interpreters)
    for (const abi of abis) for (const platform of platforms) yield `${interpreter}-${abi}-${platform}`;
}

/** Ranks of tags, 0 for the best. */
export function rankTags(tags: Iterable<string>): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const tag of tags) if (!ranks.has(tag)) ranks.set(tag, ranks.size);
  return ranks;
}

/** The rank of the best tag, less being better; undefined if the wheel does not fit. */
export function rankOfTags(tags: TagSet, ranks: ReadonlyMap<string, number>): number | undefined {
  let best: number | undefined;
  for (const tag of expandTags(tags)) {
    const rank = ranks.get(tag);
    if (rank !== undefined && (best === undefined || rank < best)) best = rank;
  }
  return best;
}
