/** What a request for packages means today, and the lock that keeps it meaning the same tomorrow. */
export * from "./cpython/mod.ts";
export * from "./cran/mod.ts";
export { basesOf, type SuiteName } from "./debian/archive/bases.ts";
export * from "./debian/archive/keyring.ts";
export * from "./debian/archive/release.ts";
export * from "./debian/archive/repository.ts";
export { packageOfLibrary } from "./debian/contents/library-index.ts";
export * from "./debian/index/indexes.ts";
export * from "./debian/resolve-debian.ts";
export * from "./debian/resolve-source.ts";
export * from "./debian/services.ts";
export type { PinStatement } from "./debian/solve/pins.ts";
export { type SolveRequest, solveDebian } from "./debian/solve/solve.ts";
export { type Candidate, type IndexSource, PackageUniverse } from "./debian/solve/universe.ts";
export * from "./debian/source.ts";
export * from "./debian-requests.ts";
export * from "./keep-locked.ts";
export { jsonSource, type LocatedJson, parseLocatedJson } from "./located-json.ts";
export * from "./lock.ts";
export { parseLock } from "./lock-reader.ts";
export * from "./lock-schema.ts";
export { formatLock } from "./lock-writer.ts";
export { mendLock } from "./mend-lock.ts";
export type { Origin, PackageOrigin } from "./python/direct/origin.ts";
export * from "./python/lock/lock-schema.ts";
export type {
  PythonPackage,
  PythonRequest,
  PythonSettings,
  UnbuiltSdist,
} from "./python/requests/request.ts";
export * from "./python-requests.ts";
export * from "./requests.ts";
export type { ResolveServiceData } from "./service-worker.ts";
export { writeLock } from "./write-lock.ts";
