/**
 * What packages and versions came and went between two closures. Names and versions are read off the store paths: an
 * output's name at the end is not part of either, and the version begins at the first dash that no letter follows.
 *
 *     python: 3.11 → 3.12, +2.9 MiB
 *     scipy: 1.11 → ∅
 */
import { type StorePath, storePathName } from "#format";
import type { PathInfo } from "#store";

export interface PackageChange {
  readonly name: string;
  /** Versions only before, and only after; "" where a name has none. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly sizeDeltaBytes: number;
}

/** Smaller changes of size alone are not worth a line. */
const NOTABLE_BYTES = 8 * 1024;

/** By name. A package counts whose versions differ, or whose size does notably. */
export function closureDiff(before: readonly PathInfo[], after: readonly PathInfo[]): PackageChange[] {
  const [old, now] = [packagesOf(before), packagesOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.flatMap((name): PackageChange[] => {
    const [was, is] = [old.get(name) ?? NOTHING, now.get(name) ?? NOTHING];
    const removed = [...was.versions].filter((version) => !is.versions.has(version)).sort();
    const added = [...is.versions].filter((version) => !was.versions.has(version)).sort();
    const sizeDeltaBytes = is.sizeBytes - was.sizeBytes;
    const isChanged = removed.length > 0 || added.length > 0 || Math.abs(sizeDeltaBytes) >= NOTABLE_BYTES;
    return isChanged ? [{ name, removed, added, sizeDeltaBytes }] : [];
  });
}

export function isNotable(change: PackageChange): boolean {
  return Math.abs(change.sizeDeltaBytes) >= NOTABLE_BYTES;
}

/** `1.0, ε`: ε stands for no version, ∅ for none at all. */
export function showVersions(versions: readonly string[]): string {
  if (versions.length === 0) return "∅";
  const shown = versions.map((version) => version || "ε").map((version) => Buffer.from(version));
  return shown.sort(Buffer.compare).map(String).join(", ");
}

interface Package {
  readonly versions: Set<string>;
  sizeBytes: number;
}

const NOTHING: Package = { versions: new Set(), sizeBytes: 0 };

function packagesOf(infos: readonly PathInfo[]): Map<string, Package> {
  const packages = new Map<string, Package>();
  for (const { path, narSize } of infos) {
    const { name, version } = splitName(path);
    const known = packages.get(name) ?? { versions: new Set(), sizeBytes: 0 };
    known.versions.add(version);
    known.sizeBytes += narSize;
    packages.set(name, known);
  }
  return packages;
}

/** An output's name cannot be told from the end of a version in letters: `1.0-unstable` loses its own, too. */
function splitName(path: StorePath): { name: string; version: string } {
  const whole = storePathName(path);
  const [, withoutOutput = whole] = /^(.*)-(?:[a-z]+|lib32|lib64)$/.exec(whole) ?? [];
  const [, name = withoutOutput, version = ""] = /^(.*?)-([^A-Za-z].*)$/.exec(withoutOutput) ?? [];
  return { name, version };
}
