import type { Settings } from "#build/settings";

/** The settings on which a value depends, for the keys of caches. */
export function evaluationKey(settings: Settings): readonly unknown[] {
  return KEY_SETTINGS.map((name) => settings[name]);
}

const KEY_SETTINGS = [
  "pure-eval",
  "restrict-eval",
  "allowed-uris",
  "allow-import-from-derivation",
  "eval-system",
  "system",
  "max-call-depth",
  "experimental-features",
] as const;
