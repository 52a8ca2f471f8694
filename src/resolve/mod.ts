/** What a request for packages means today, and the lock that keeps it meaning the same tomorrow. */
export * from "./debian/indexes.ts";
export * from "./debian/keyring.ts";
export { nearestNames } from "./debian/nearest-names.ts";
export * from "./debian/release.ts";
export * from "./debian/repository.ts";
export * from "./debian/resolve-debian.ts";
export * from "./debian/services.ts";
export { type SolveRequest, solveDebian } from "./debian/solve.ts";
export { type Candidate, type IndexSource, PackageUniverse } from "./debian/universe.ts";
export * from "./debian-requests.ts";
export * from "./lock.ts";
export * from "./lock-schema.ts";
export type { ResolveServiceData } from "./service-worker.ts";
