/**
 * The files of Python packages that a lock names, and by which URLs they are fetched. Trees of repositories are
 * apart: they are fetched by git. */
import { dirname } from "node:path";
import type { Lock } from "../../lock.ts";
import { addressesOf } from "../direct/address.ts";
import { originOfLocked } from "../direct/origin.ts";
import { fileAddress } from "../requests/request.ts";
import type { LockedPythonPackage } from "./lock-schema.ts";

/** Below `pypi/PROJECT`, whichever index has them: their hashes tell them apart. */
export function lockedPythonFiles(lock: Lock) {
  return [...lock.python.data.values()].flatMap(({ packages }) =>
    packages.flatMap((one) => {
      const urls = urlsOf(one, dirname(lock.path));
      const file = { file: `${one.name}/${one.file}`, size: one.size, sha256: one.sha256 };
      return urls.length === 0 ? [] : [{ ...file, archive: "pypi", urls }];
    }),
  );
}

export interface LockedTree {
  readonly url: string;
  readonly commit: string;
  /** Of the tree as a NAR. */
  readonly sha256: string;
}

/** The trees of repositories that a lock names. */
export function lockedPythonTrees(lock: Lock): LockedTree[] {
  return [...lock.python.data.values()].flatMap(({ packages }) =>
    packages.flatMap(({ origin, sha256 }) => {
      const git = origin && originOfLocked({ origin, sha256 }, dirname(lock.path)).git;
      return git ? [{ ...git, sha256 }] : [];
    }),
  );
}

function urlsOf(one: LockedPythonPackage, folder: string): readonly string[] {
  if (!one.origin) return [fileAddress(one)];
  const { address } = originOfLocked({ origin: one.origin, sha256: one.sha256 }, folder);
  return address === undefined ? [] : addressesOf({ ...one, address });
}
