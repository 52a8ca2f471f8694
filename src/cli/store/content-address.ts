/** Whether a path's name follows from its contents, as it claims. Nobody needs to vouch for such a path. */
import { isCopseError } from "#base";
import { makeFixedOutputPath, makeTextPath, parseHash, type StorePath, storePathName } from "#format";
import type { PathInfo } from "#store";

export function isContentAddressed(info: PathInfo): boolean {
  if (info.ca === undefined) return false;
  try {
    return pathFromAddress(info, info.ca) === info.path;
  } catch (error) {
    // A claim that cannot be read, or that does not go with references, is none.
    if (isCopseError(error)) return false;
    throw error;
  }
}

function pathFromAddress({ path, references }: PathInfo, ca: string): StorePath | undefined {
  const [, method, digest] = /^(text|fixed(?::r)?):([^:]+:[^:]+)$/.exec(ca) ?? [];
  if (digest === undefined) return undefined;
  const hash = parseHash(digest);
  const name = storePathName(path);
  if (method === "text") return makeTextPath({ name, hash, references });
  return makeFixedOutputPath({
    name,
    method: method === "fixed:r" ? "nar" : "flat",
    hash,
    references: references.filter((reference) => reference !== path),
    self: references.includes(path),
  });
}
