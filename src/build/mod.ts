/** Where evaluation meets the store: sessions, realising, progress. */

export { type DerivationHandle, derivationsIn } from "./evaluation/derivations.ts";
export { Evaluated } from "./evaluation/evaluated.ts";
export * from "./progress/mod.ts";
export type { RealiseSettings } from "./realise/realiser.ts";
export * from "./session.ts";
