/**
 * What Nix calls experimental, and has only where the setting `experimental-features` names it. A store path that was
 * made with such a feature is refused by those who have not switched it on, so it is asked for wherever Nix asks.
 */
import { CopseError } from "./errors.ts";

/** What Nix knows and copse has not: switched on or off, it is refused by name. */
const NOT_HERE: ReadonlySet<string> = new Set(["git-hashing", "impure-derivations"]);

/** Throws CopseError `experimental-feature`. `reason`: what it is wanted for. */
export function requireFeature(enabled: readonly string[], feature: string, reason?: string): void {
  if (!enabled.includes(feature)) throw disabledFeature(feature, reason);
  if (!NOT_HERE.has(feature)) return;
  throw new CopseError(
    "experimental-feature",
    `experimental Nix feature '${feature}' is not part of copse${inBrackets(reason)}`,
  );
}

/** In Nix's words. */
export function disabledFeature(feature: string, reason?: string): CopseError {
  return new CopseError(
    "experimental-feature",
    `experimental Nix feature '${feature}' is disabled${inBrackets(reason)}; add '--extra-experimental-features ${feature}' to enable it`,
    {
      hint: NOT_HERE.has(feature)
        ? `copse accepts the setting, but ${feature} is not part of it`
        : `or write \`extra-experimental-features = ${feature}\` in nix.conf`,
    },
  );
}

function inBrackets(reason: string | undefined): string {
  return reason === undefined ? "" : ` (${reason})`;
}
