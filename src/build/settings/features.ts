/**
 * Settings that are there only while an experimental feature is on. Nix ignores such a setting otherwise, says so, and
 * does not show it; which of several lines of a configuration comes first makes no difference.
 */
import type { SettingName } from "./table.ts";

const FEATURE_OF: Partial<Record<SettingName, string>> = {
  "accept-flake-config": "flakes",
  "allow-dirty-locks": "flakes",
  "auto-allocate-uids": "auto-allocate-uids",
  "commit-lock-file-summary": "flakes",
  "flake-registry": "flakes",
  "impure-env": "configurable-impure-env",
  "use-registries": "flakes",
};

/** The feature that a setting lacks, where it cannot be used. */
export function missingFeature(name: SettingName, features: readonly string[]): string | undefined {
  const feature = FEATURE_OF[name];
  return feature === undefined || features.includes(feature) ? undefined : feature;
}
