/** Why a version of a project cannot be taken, as data: for grouping, for sentences, and for what would help. */
export type Reason =
  | { readonly kind: "python"; readonly requires: string }
  /** Wheels for other machines or interpreters, and no sdist. */
  | { readonly kind: "no-fitting-wheel"; readonly tags: readonly string[] }
  | { readonly kind: "only-sdist" }
  | { readonly kind: "only-wheels" }
  | { readonly kind: "yanked"; readonly why: string | undefined }
  | { readonly kind: "pre-release" }
  | { readonly kind: "constraint"; readonly requirement: string }
  /** The file's metadata cannot be had. */
  | { readonly kind: "metadata"; readonly problem: string };

/** Versions with equal keys are told together. */
export function reasonKey(reason: Reason): string {
  switch (reason.kind) {
    case "python":
      return `python ${reason.requires}`;
    case "constraint":
      return `constraint ${reason.requirement}`;
    // Of metadata and yanks the first explanation stands for all: one mistake goes through a project's old versions.
    default:
      return reason.kind;
  }
}
