/**
 * Where a locked package came from that is of no index: the address of the requirement, and, of a repository, the commit
 * that it stood for. The package's `sha256` is that of its file; of a repository, that of the tree as a NAR.
 */
import { formatDirectUrl } from "#format/python";
import { parseDirectReference } from "./reference.ts";

export interface Origin {
  /** As the requirement has it. */
  readonly url: string;
  /** Of a git repository. */
  readonly commit?: string | undefined;
}

/** What building it takes. */
export interface PackageOrigin {
  readonly git: { readonly url: string; readonly commit: string } | undefined;
  /** Of a file: where it is. */
  readonly address: string | undefined;
  readonly subdirectory: string | undefined;
  /** direct_url.json (PEP 610). */
  readonly directUrl: string;
}

interface LockedOrigin {
  readonly origin: Origin;
  readonly sha256: string;
}

/** `folder` is where relative addresses begin. Throws as `parseDirectReference` does. */
export function originOfLocked({ origin, sha256 }: LockedOrigin, folder: string): PackageOrigin {
  const reference = parseDirectReference(origin.url, folder);
  const { subdirectory } = reference;
  const within = subdirectory === undefined ? {} : { subdirectory };
  if (reference.kind === "file") {
    const url = reference.address;
    const directUrl = formatDirectUrl({ kind: "archive", url, hashes: { sha256 }, ...within });
    return { git: undefined, address: url, subdirectory, directUrl };
  }
  const { repository: url, revision } = reference;
  const commit = origin.commit as string;
  const directUrl = formatDirectUrl({
    ...{ kind: "vcs", vcs: "git", url, commit },
    ...(revision !== undefined && { revision }),
    ...within,
  });
  return { git: { url, commit }, address: undefined, subdirectory, directUrl };
}
