/** Where `<name>` is found: entries `NAME=PLACE`, or folders in which any name is looked for. */
import { byteStringFromText, CopseError, installedPath, textFromByteString } from "#base";
import { call, type EvalHost, type Evaluator, force, type Lazy, Path } from "#lang";

/** The package set that comes with copse: what `<nixpkgs>` means unless something else is said. */
export const PACKAGE_SET = installedPath("pkgs");

/** What Nix brings along under `<nix/…>`. */
const OWN_EXPRESSIONS = installedPath("pkgs/nix");

/** `nixpkgs` is copse's own set where no entry names it; `<nix/fetchurl.nix>` is there in any case. */
export function searchPathOf(given: readonly string[]): EvalHost["searchPath"] {
  const entries = given.map(parseEntry);
  const own = [{ prefix: "nix", path: byteStringFromText(OWN_EXPRESSIONS) }];
  if (entries.some((entry) => entry.prefix === "nixpkgs")) return [...entries, ...own];
  return [...entries, { prefix: "nixpkgs", path: byteStringFromText(PACKAGE_SET) }, ...own];
}

/** Whether `<nixpkgs>` is the package set that comes with copse. */
export function isOwnPackageSet(given: readonly string[]): boolean {
  const path = searchPathOf(given).find((entry) => entry.prefix === "nixpkgs")?.path;
  return path === byteStringFromText(PACKAGE_SET);
}

function parseEntry(entry: string): { prefix: string; path: string } {
  const equals = entry.indexOf("=");
  if (equals === 0)
    throw new CopseError("search-path-invalid", `Entry of a search path has no name: \`${entry}\``);
  return {
    prefix: equals < 0 ? "" : byteStringFromText(entry.slice(0, equals)),
    path: byteStringFromText(entry.slice(equals + 1)),
  };
}

/** The file that `<name>` means. @throws CopseError `thrown` where no entry has it. */
export function findOnSearchPath(evaluator: Evaluator, name: string): string {
  const builtin = (wanted: string) => evaluator.builtins.get(wanted) as Lazy;
  return evaluator.enter(() => {
    const found = call(call(force(builtin("findFile")), builtin("nixPath")), byteStringFromText(name));
    if (found instanceof Path) return textFromByteString(found.path);
    throw new Error("findFile gives a path");
  });
}
