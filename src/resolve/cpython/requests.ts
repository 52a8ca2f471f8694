/** CPython's sources for synchronous callers: the lock is asked at once; only what it does not answer goes to the service. */
import type { Bridge } from "#fetch";
import type { Lock } from "../lock.ts";
import { parseWantedPython } from "../pythons/wanted-python.ts";
import { type CpythonQuestion, cpythonUrl, type LockedCpython } from "./lock.ts";
import { cpythonLockMissing } from "./resolve-cpython.ts";

export interface CpythonSource {
  /** `3.12.8` */
  readonly release: string;
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  readonly urls: readonly string[];
}

export interface CpythonRequests {
  /** As `resolveCpython`; what is new stands in the lock's file when this returns. */
  source(question: CpythonQuestion): CpythonSource;
}

export interface CpythonRequestsOptions {
  readonly lock: Lock;
  readonly bridge: Bridge;
  readonly frozen: boolean;
  /** Answer each question anew at its first mention. */
  readonly update: boolean;
}

export function cpythonRequests({ lock, bridge, frozen, update }: CpythonRequestsOptions): CpythonRequests {
  const updated = new Set<string>();
  return {
    source(question) {
      parseWantedPython(question.version);
      const isUpdate = update && !updated.has(question.version);
      const known = isUpdate ? undefined : lock.cpython.answer(question);
      if (known) return withUrls(known);
      if (frozen) throw cpythonLockMissing(question);
      const found = bridge.call<LockedCpython>("resolveCpython", {
        ...question,
        ...{ lockPath: lock.path, update: isUpdate },
      });
      lock.reload();
      updated.add(question.version);
      // What is asked for counts as asked for, whoever has answered.
      lock.cpython.answer(question);
      return withUrls(found);
    },
  };
}

function withUrls(found: LockedCpython): CpythonSource {
  return { ...found, urls: [cpythonUrl(found)] };
}
