/**
 * Whether a derivation can be built on this machine: its system, and the features that it requires.
 */
import { accessSync, constants } from "node:fs";
import { CopseError, textFromByteString } from "#base";
import { type Derivation, hasKnownOutputPaths } from "#format";
import type { Settings } from "../../settings/mod.ts";
import type { DerivationOptions } from "../derivation-options.ts";

export const KVM_DEVICE = "/dev/kvm";

/** What this machine is, in Nix's words. */
export function ownSystem(settings: Settings): string {
  if (settings.system !== "") return settings.system;
  const architecture = { x64: "x86_64", arm64: "aarch64" }[process.arch as string] ?? process.arch;
  return `${architecture}-linux`;
}

function otherSystems(settings: Settings): readonly string[] {
  // The kernel runs the programs of its 32-bit predecessor.
  return process.arch === "x64"
    ? ["i686-linux", ...settings["extra-platforms"]]
    : settings["extra-platforms"];
}

/** Features that builds may rely on. A derivation with `sandboxRoot` is built here in any case. */
export function ownFeatures(settings: Settings): ReadonlySet<string> {
  const stated = settings["system-features"];
  if (stated.length > 0) return new Set([...stated, "copse-root"]);
  const features = ["benchmark", "big-parallel", "copse-root", "nixos-test"];
  if (isUsable(KVM_DEVICE)) features.push("kvm");
  if (settings["experimental-features"].includes("ca-derivations")) features.push("ca-derivations");
  return new Set(features.sort());
}

function isUsable(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Features that Nix has and that cannot be had here, each with what it would be for. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ["uid-range", "builds that have many user ids"],
  ["recursive-nix", "builds that call Nix on the store they are built in"],
  ["builder-rpc-v0", "builds that register their outputs themselves"],
]);

export interface BuildRequest {
  readonly drvPath: string;
  readonly drv: Derivation;
  readonly options: DerivationOptions;
  readonly settings: Settings;
}

/** Throws CopseError `build-rejected`, in Nix's words. */
export function checkRequirements({ drvPath, drv, options, settings }: BuildRequest): void {
  let problem = "";
  const here = ownSystem(settings);
  if (
    !drv.builder.startsWith("builtin:") &&
    drv.system !== here &&
    !otherSystems(settings).includes(drv.system)
  ) {
    problem += `\nReason: platform mismatch\nRequired system: '${textFromByteString(drv.system)}'\nCurrent system: '${here}'`;
  }
  const own = hasKnownOutputPaths(drv) ? [] : ["ca-derivations"];
  const required = [...new Set([...options.requiredSystemFeatures, ...own])].sort();
  const available = ownFeatures(settings);
  const missing = required.filter((feature) => !available.has(feature) || REFUSED.has(feature));
  if (missing.length > 0) {
    problem += `\nReason: missing system features\nRequired features: {${required.join(", ")}}`;
    problem += `\nAvailable features: {${[...available].sort().join(", ")}}`;
  }
  if (problem === "") return;
  const refused = missing.flatMap((feature) => {
    const purpose = REFUSED.get(feature);
    return purpose === undefined ? [] : `the feature ${feature}, ${purpose}, is not part of copse`;
  });
  throw new CopseError("build-rejected", `Cannot build '${drvPath}'.${problem}`, {
    ...(refused.length > 0 && { hint: refused.join("\n") }),
  });
}
