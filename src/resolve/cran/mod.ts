/** R packages: Debian's binaries, and the sources of the repositories that R's configuration names. */
export { describeCandidate, type RCandidate } from "./candidate.ts";
export { CranIndex, type CranIndexServices, openCranIndex } from "./cran-index.ts";
export { debianRNames } from "./debian-r.ts";
export type { LockedR, LockedRPackage } from "./lock/lock-schema.ts";
export type { RRequests } from "./r-requests.ts";
export * from "./resolve-r.ts";
export { solveR } from "./solve/solve.ts";
