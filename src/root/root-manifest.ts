/**
 * What a root is made of: a JSON file at the top of its store path, beside `delta/`.
 *
 * It names the trees by their logical store paths, in the order in which they are laid over one another:
 * packages first, then byte code. The delta comes last. Being a text with store paths in it, it is also what
 * makes the root refer to its packages.
 */
import { CopseError } from "#base";

export const ROOT_MANIFEST_VERSION = 1;

export interface ManifestDiversion {
  readonly by: string;
  readonly from: string;
  readonly to: string;
}

export interface RootManifest {
  readonly version: typeof ROOT_MANIFEST_VERSION;
  readonly suite: string;
  readonly system: string;
  /** Logical store paths, packages in dependency order, then byte code. */
  readonly trees: readonly string[];
  /** How many of `trees` are packages; the rest is byte code. */
  readonly packageCount: number;
  readonly diversions: readonly ManifestDiversion[];
  /** Files of packages that their maintainer scripts removed: absolute paths. Nearly always none. */
  readonly absent?: readonly string[];
}

/** The manifest as it is stored: one tree a line, the same bytes for the same root. */
export function formatRootManifest(manifest: RootManifest): string {
  const { version, suite, system, packageCount, diversions, absent = [], trees } = manifest;
  const parts = {
    version,
    suite,
    system,
    packageCount,
    diversions,
    ...(absent.length > 0 && { absent }),
    trees,
  };
  return `${JSON.stringify(parts, null, 1)}\n`;
}

/** Throws "root-manifest-invalid". */
export function parseRootManifest(text: string): RootManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CopseError("root-manifest-invalid", "Manifest of a root is not JSON", { cause });
  }
  if (!isRecord(value)) throw invalid("not an object");
  const { version, suite, system, trees, packageCount, diversions, absent = [] } = value;
  if (version !== ROOT_MANIFEST_VERSION) throw invalid(`version ${JSON.stringify(version)}`);
  if (typeof suite !== "string" || typeof system !== "string") throw invalid("suite or system");
  if (!Array.isArray(trees) || !trees.every((tree) => typeof tree === "string")) throw invalid("trees");
  if (typeof packageCount !== "number" || packageCount < 0 || packageCount > trees.length) {
    throw invalid("packageCount");
  }
  if (!Array.isArray(diversions)) throw invalid("diversions");
  if (!Array.isArray(absent) || !absent.every(isAbsolute)) throw invalid("absent");
  const read: RootManifest = {
    version,
    suite,
    system,
    trees,
    packageCount,
    diversions: diversions.map(parseDiversion),
  };
  return absent.length === 0 ? read : { ...read, absent };
}

function parseDiversion(value: unknown): ManifestDiversion {
  if (!isRecord(value)) throw invalid("diversions");
  const { by, from, to } = value;
  if (typeof by !== "string" || !isAbsolute(from) || !isAbsolute(to)) throw invalid("diversions");
  return { by, from, to };
}

function isAbsolute(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("/");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(what: string): CopseError {
  return new CopseError("root-manifest-invalid", `Manifest of a root has an invalid part: \`${what}\``);
}
