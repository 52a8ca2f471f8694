/** What Nix says of names that store paths cannot have. */
import { CopseError } from "#base";
import { evalError } from "../runtime/mod.ts";

const MAX_LENGTH = 211;

/** Undefined for a good name. */
export function storeNameProblem(name: string): string | undefined {
  if (name === "") return "name must not be empty";
  if (name.length > MAX_LENGTH) return `name '${name}' must be no longer than ${MAX_LENGTH} characters`;
  if (name === "." || name === "..") return `name '${name}' is not valid`;
  const dotPart = /^\.\.?(?=-)/.exec(name)?.[0];
  if (dotPart !== undefined) {
    return `name '${name}' is not valid: first dash-separated component must not be '${dotPart}'`;
  }
  const illegal = /[^0-9A-Za-z+\-._?=]/.exec(name)?.[0];
  return illegal === undefined ? undefined : `name '${name}' contains illegal character '${illegal}'`;
}

/** Runs what makes a store path of a name; should the name be at fault, says so in Nix's words. */
export function withNameErrors<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof CopseError) || error.code !== "store-path-name") throw error;
    throw evalError("invalid-value", storeNameProblem(name) ?? error.message, {
      hint: error.hint,
      cause: error,
    });
  }
}
