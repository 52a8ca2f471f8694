/**
 * R packages for synchronous callers: the lock is asked at once; only what it does not answer goes to the service thread.
 */
import type { Bridge } from "#fetch";
import type { Lock } from "../lock.ts";
import { questionKey } from "./lock/answers.ts";
import {
  cranNames,
  lockedRAnswer,
  type RAnswer,
  type RRequest,
  type RServices,
  type RSource,
  resolveR,
  rLockMissing,
  rLockRequest,
  rSectionKey,
} from "./resolve-r.ts";

export interface RRequests {
  /** As `resolveR`; what is new stands in the lock's file when this returns. */
  resolve(request: RRequest): RAnswer;
  /** Names of the lock's section. */
  locked(source: RSource): readonly string[];
  /** As `cranNames`. */
  names(source: RSource): readonly string[] | undefined;
}

export interface RRequestsOptions {
  readonly lock: Lock;
  readonly bridge: Bridge;
  readonly frozen: boolean;
  /** Answer each request anew at its first mention. */
  readonly update: boolean;
}

export function rRequests({ lock, bridge, frozen, update }: RRequestsOptions): RRequests {
  const updated = new Set<string>();
  const names = new Map<string, readonly string[] | undefined>();
  return {
    resolve(request) {
      const wanted = rLockRequest(request);
      const key = `${wanted.section}\n${questionKey(wanted)}`;
      const isUpdate = update && !updated.has(key);
      const known = isUpdate ? undefined : lockedRAnswer(lock, request);
      if (known) return known;
      if (frozen) throw rLockMissing(request);
      const answer = bridge.call<RAnswer>("resolveR", {
        ...request,
        ...{ lockPath: lock.path, frozen, update: isUpdate },
      });
      lock.reload();
      updated.add(key);
      // What is asked for counts as asked for, whoever has answered.
      lockedRAnswer(lock, request);
      return answer;
    },
    locked: (source) => lock.r.section(rSectionKey(source))?.packages.map(({ name }) => name) ?? [],
    names(source) {
      const key = rSectionKey(source);
      if (!names.has(key)) names.set(key, bridge.call<readonly string[] | undefined>("cranNames", source));
      return names.get(key);
    },
  };
}

/** The service's side: methods that are given the open lock. */
export const rServiceMethods = {
  async resolveR(
    request: RRequest & { readonly update?: boolean },
    lock: Lock,
    services: RServices,
  ): Promise<RAnswer> {
    const answer = await resolveR({ ...request, lock, services });
    lock.save();
    return answer;
  },
  cranNames: (source: RSource, services: RServices) => cranNames({ ...source, services }),
};
