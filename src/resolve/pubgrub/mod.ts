/**
 * PubGrub: version solving by conflict-driven learning, with an account of why there is no solution.
 *
 * Written from Natalie Weizenbaum's description (the algorithm of Dart's pub): facts about packages are
 * *incompatibilities*, sets of terms that cannot all hold. Unit propagation derives what must follow from the
 * decisions so far; a conflict is resolved into a new incompatibility that rules out its root cause for good.
 *
 * It knows nothing of Python: packages are any values with identity, versions are ordinals (see version-set.ts).
 */
export * from "./core.ts";
export * from "./incompatibility.ts";
export * from "./solver.ts";
export * from "./version-set.ts";
