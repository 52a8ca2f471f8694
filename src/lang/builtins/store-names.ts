/** Names that store paths cannot have, as errors of the language. */
import { CopseError } from "#base";
import { evalError } from "../runtime/mod.ts";

/** Runs what makes a store path of a name, which may be at fault. */
export function withNameErrors<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof CopseError) || error.code !== "store-path-name") throw error;
    throw evalError("invalid-value", error.message, { hint: error.hint, cause: error });
  }
}
