/** What Nix's settings say to the evaluator. */
import { CopseError } from "#base";
import type { Settings } from "#build/settings";
import type { EvaluatorOptions, LintLevel } from "#lang";

export function evaluatorSettings(
  settings: Settings,
  options: { readonly readOnly: boolean },
): NonNullable<EvaluatorOptions["settings"]> {
  return {
    pureEval: settings["pure-eval"],
    restrictEval: settings["restrict-eval"],
    allowImportFromDerivation: settings["allow-import-from-derivation"],
    maxCallDepth: settings["max-call-depth"],
    traceVerbose: settings["trace-verbose"],
    abortOnWarn: settings["abort-on-warn"],
    pipeOperators: settings["experimental-features"].includes("pipe-operators"),
    readOnly: options.readOnly,
    experimentalFeatures: settings["experimental-features"],
    traceCalls: settings["trace-function-calls"],
    lint: {
      url: lintLevel(settings, "lint-url-literals"),
      absolutePath: lintLevel(settings, "lint-absolute-path-literals"),
      shortPath: lintLevel(settings, "lint-short-path-literals"),
    },
  };
}

type LintSetting = "lint-url-literals" | "lint-absolute-path-literals" | "lint-short-path-literals";

/** @throws CopseError `setting-value`. */
function lintLevel(settings: Settings, name: LintSetting): LintLevel {
  const level = settings[name];
  if (level === "ignore" || level === "warn" || level === "fatal") return level;
  throw new CopseError("setting-value", `setting '${name}' has invalid value '${level}'`, {
    hint: "write ignore, warn or fatal",
  });
}
