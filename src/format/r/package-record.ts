/**
 * A package as its DESCRIPTION tells of it, or the entry in a repository's PACKAGES that was made from that.
 *
 * Of both, only what a resolution needs is read. An index may have several entries for one name: other versions, and such
 * as are for other versions of R, in folders of their own (`Path`).
 */
import { CopseError } from "#base";
import { type DcfRecord, parseDcf } from "./dcf.ts";
import { isRPackageName, parseRDemands, type RDemand } from "./demand.ts";
import { isRVersion, type RVersion } from "./version.ts";

export interface RPackageRecord {
  readonly name: string;
  readonly version: RVersion;
  /** What must be there for it to be loaded or built: Depends, Imports, LinkingTo, in this order, `R` among them. */
  readonly demands: readonly RDemand[];
  /** What it can make use of: Suggests. */
  readonly suggests: readonly RDemand[];
  readonly needsCompilation: boolean;
}

export interface RIndexEntry extends RPackageRecord {
  /** Below `src/contrib`. */
  readonly file: string;
  readonly md5?: string | undefined;
  readonly sha256?: string | undefined;
}

/** Comes with R itself, at R's version. */
export const basePackages: ReadonlySet<string> = new Set([
  ...["base", "compiler", "datasets", "graphics", "grDevices", "grid", "methods", "parallel", "splines"],
  ...["stats", "stats4", "tcltk", "tools", "utils"],
]);

/**
 * Entries of a PACKAGES file. Those that no Unix can use, or whose name, version or path are none, are left out, as
 * `available.packages()` does; `place` is for messages. Throws CopseError `r-dcf-invalid`.
 */
export function* parsePackagesIndex(text: string, place: string): Generator<RIndexEntry, void, void> {
  for (const record of parseDcf(text, place)) {
    const common = readRecord(record);
    if (!common || (record.get("OS_type") ?? "unix") !== "unix") continue;
    const folder = record.get("Path");
    const name = record.get("File") ?? `${common.name}_${common.version}.tar.gz`;
    const file = folder === undefined ? name : `${folder}/${name}`;
    if (!isPlainPath(file)) continue;
    yield {
      ...common,
      file,
      md5: hexadecimal(record.get("MD5sum"), 32),
      sha256: hexadecimal(record.get("SHA256"), 64),
    };
  }
}

/** A package's DESCRIPTION. Throws CopseError `r-description-invalid` and `r-dcf-invalid`. */
export function parseDescription(text: string, place: string): RPackageRecord {
  const record = parseDcf(text, place).next().value;
  const read = record && readRecord(record);
  if (read) return read;
  throw new CopseError("r-description-invalid", `DESCRIPTION has no valid Package and Version: \`${place}\``);
}

function readRecord(record: DcfRecord): RPackageRecord | undefined {
  const name = record.get("Package") ?? "";
  const version = record.get("Version") ?? "";
  if (!isRPackageName(name) || !isRVersion(version)) return undefined;
  const compiles = record.get("NeedsCompilation");
  return {
    name,
    version,
    demands: ["Depends", "Imports", "LinkingTo"].flatMap((field) => parseRDemands(record.get(field))),
    suggests: parseRDemands(record.get("Suggests")),
    // An index that does not say is one of sources that nobody has built: a compiler must be at hand.
    needsCompilation: compiles === undefined || compiles.toLowerCase() !== "no",
  };
}

/** A relative path that stays where it is. */
function isPlainPath(path: string): boolean {
  if (path.length > 300 || !/^[A-Za-z0-9._+/-]+$/.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function hexadecimal(text: string | undefined, digits: number): string | undefined {
  const lower = text?.toLowerCase();
  return lower?.length === digits && /^[0-9a-f]+$/.test(lower) ? lower : undefined;
}
