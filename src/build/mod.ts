/** Where evaluation meets the store: sessions, realising, progress. */

export { type DerivationHandle, derivationsIn } from "./evaluation/derivations.ts";
export { Evaluated } from "./evaluation/evaluated.ts";
export * from "./progress/mod.ts";
export type { RealiseOptions } from "./realise/realiser.ts";
export * from "./session.ts";
export * from "./shell-environment/bash-environment.ts";
export { needsTracer, provideTracer } from "./tracer.ts";
