/**
 * Debian packages for synchronous callers: the lock is asked here, at once; only what it does not answer
 * starts the service thread.
 */
import { threadModule } from "#base";
import { type Bridge, createBridge } from "#fetch";
import { repositoryUris } from "./debian/archive/bases.ts";
import { type DebianAnswer, lockedDebianAnswer, lockMissing } from "./debian/resolve-debian.ts";
import {
  type DebianSourcePackage,
  lockedDebianSource,
  type SourceRequest,
  sourceMissing,
} from "./debian/resolve-source.ts";
import { type DebianSource, suiteKey } from "./debian/source.ts";
import { type Lock, openLock } from "./lock.ts";
import type { ResolveServiceData, ResolveServiceRequest, ServiceRequest } from "./service-worker.ts";

export interface DebianRequestsOptions {
  readonly lockPath: string;
  readonly frozen?: boolean | undefined;
  /** Answer each request anew at its first mention. */
  readonly update?: boolean | undefined;
  readonly service?: ResolveServiceData | undefined;
}

export interface DebianRequests {
  /** As `resolveDebian`; what is new stands in the lock's file when this returns. */
  resolve(request: DebianSource & { readonly packages: readonly string[] }): DebianAnswer;
  /** As `resolveDebianSource`. */
  source(request: DebianSource & SourceRequest): DebianSourcePackage;
  /** As `debianNames`. */
  names(source: DebianSource): readonly string[];
  /** Addresses of the repositories that requests have stated, by name. */
  readonly repositories: ReadonlyMap<string, readonly string[]>;
  /** The lock as of now; `prune` and `save` drop what was not asked for. */
  readonly lock: Lock;
  close(): void;
}

export function openDebianRequests(options: DebianRequestsOptions): DebianRequests {
  const { lockPath, frozen } = options;
  const lock = openLock(lockPath, { frozen });
  const bridge: Bridge = createBridge(threadModule("resolve/service-worker"), {
    data: options.service ?? { progress: process.stderr.isTTY ? "line" : "none" },
  });
  const names = new Map<string, readonly string[]>();
  const updated = new Set<string>();
  const repositories = new Map<string, readonly string[]>();
  const remember = (source: DebianSource) => {
    for (const one of source.repositories ?? []) repositories.set(one.name, repositoryUris(one));
  };
  return {
    lock,
    repositories,
    resolve(request) {
      remember(request);
      const key = `${suiteKey(request)} ${request.system}`;
      const update = options.update === true && !updated.has(key);
      const known = update ? undefined : lockedDebianAnswer(lock, request);
      if (known) return known;
      if (frozen) throw lockMissing(request, request.packages);
      const call: ResolveServiceRequest = { ...request, lockPath, frozen, update };
      const answer = bridge.call<DebianAnswer>("resolveDebian", call);
      updated.add(key);
      lock.reload();
      lockedDebianAnswer(lock, request);
      return answer;
    },
    source(request) {
      remember(request);
      const known = options.update ? undefined : lockedDebianSource(lock, request);
      if (known) return known;
      if (frozen) throw sourceMissing(request);
      const call: ServiceRequest & SourceRequest = { ...request, lockPath, frozen };
      const answer = bridge.call<DebianSourcePackage>("resolveDebianSource", call);
      lock.reload();
      lockedDebianSource(lock, request);
      return answer;
    },
    names(source) {
      const key = `${suiteKey(source)} ${source.system}`;
      let found = names.get(key);
      if (!found) {
        const call: ServiceRequest = { ...source, lockPath, frozen };
        found = bridge.call<readonly string[]>("debianNames", call);
        names.set(key, found);
      }
      return found;
    },
    close: () => bridge.close(),
  };
}
