/** Where evaluation meets the store: sessions, realising, progress. */

export { type DerivationHandle, derivationsIn } from "./evaluation/derivations.ts";
export { Evaluated } from "./evaluation/evaluated.ts";
export * from "./progress/mod.ts";
export { Realiser } from "./realise/open-realiser.ts";
export { type RealiseSettings, realise } from "./realise/realiser.ts";
export * from "./session.ts";
