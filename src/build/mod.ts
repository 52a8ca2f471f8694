/** Where evaluation meets the store: sessions, realising, progress. */
export * from "./progress/mod.ts";
export { type RealiseSettings, realise } from "./realise/realiser.ts";
export { Realiser } from "./realise/open-realiser.ts";
export { Evaluated } from "./evaluation/evaluated.ts";
export { type DerivationHandle, derivationsIn } from "./evaluation/derivations.ts";
export * from "./session.ts";
