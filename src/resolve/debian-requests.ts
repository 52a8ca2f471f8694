/**
 * Debian packages for synchronous callers: the lock is asked here, at once; only what it does not answer
 * starts the service thread.
 */
import type { Bridge } from "#fetch";
import { repositoryUris } from "./debian/archive/bases.ts";
import { type DebianAnswer, lockedDebianAnswer, lockMissing } from "./debian/resolve-debian.ts";
import {
  type DebianSourcePackage,
  lockedDebianSource,
  type SourceRequest,
  sourceMissing,
} from "./debian/resolve-source.ts";
import { type DebianSource, suiteKey } from "./debian/source.ts";
import type { Lock } from "./lock.ts";
import type { LibrariesCall, ResolveServiceRequest, ServiceRequest } from "./service-worker.ts";

export interface DebianRequestsOptions {
  readonly lock: Lock;
  readonly bridge: Bridge;
  readonly frozen: boolean;
  /** Answer each request anew at its first mention. */
  readonly update: boolean;
}

export interface DebianRequests {
  /** As `resolveDebian`; what is new stands in the lock's file when this returns. */
  resolve(request: DebianSource & { readonly packages: readonly string[] }): DebianAnswer;
  /** As `resolveDebianSource`. */
  source(request: DebianSource & SourceRequest): DebianSourcePackage;
  /** As `debianNames`. */
  names(source: DebianSource): readonly string[];
  /** For each library, packages that have it where the linker finds it; those that nobody has are missing. */
  packagesWithLibraries(
    source: DebianSource,
    libraries: readonly string[],
  ): ReadonlyMap<string, readonly string[]>;
  /** Addresses of the repositories that requests have stated, by name. */
  readonly repositories: ReadonlyMap<string, readonly string[]>;
}

export function debianRequests(options: DebianRequestsOptions): DebianRequests {
  const { lock, bridge, frozen } = options;
  const lockPath = lock.path;
  const names = new Map<string, readonly string[]>();
  const updated = new Set<string>();
  const repositories = new Map<string, readonly string[]>();
  const remember = (source: DebianSource) => {
    for (const one of source.repositories ?? []) repositories.set(one.name, repositoryUris(one));
  };
  return {
    repositories,
    resolve(request) {
      remember(request);
      const key = `${suiteKey(request)} ${request.system}`;
      const update = options.update && !updated.has(key);
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
    packagesWithLibraries(source, libraries) {
      const call: LibrariesCall = { ...source, libraries };
      return bridge.call<ReadonlyMap<string, readonly string[]>>("debianLibraries", call);
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
  };
}
