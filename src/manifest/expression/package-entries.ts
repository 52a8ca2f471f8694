/**
 * Python packages in all the forms in which copse.toml can have them, as requirements of PEP 508:
 *
 *     "monai[all]>=1.3"                                        as it is
 *     { name = "monai", extras = ["all"], version = ">=1.3" }  monai[all]>=1.3
 *     { name = "lab", git = "https://…/lab", rev = "v2" }      lab @ git+https://…/lab@v2
 *     { name = "mine", path = ".", editable = true }           mine, and a folder beside it
 *     monai = ">=1.3"                                          monai>=1.3, in a table [python.packages]
 */
import { CopseError } from "#base";
import type { pythonPackages } from "../definition/python.ts";
import { type Manifest, type ManifestPath, placeOf } from "../manifest.ts";
import type { Read } from "../schema/shapes.ts";

export type PackagesData = Read<typeof pythonPackages>;

type Item = Extract<PackagesData, readonly unknown[]>[number];
type NamedItem = Exclude<Item, string>;

export interface PackageEntry {
  /** By PEP 503, but for requirements that are no PEP 508. */
  readonly name: string;
  /** As it was written. */
  readonly given: string;
  readonly requirement: string;
  /** A folder or file of the user's own. */
  readonly path?: string | undefined;
  readonly isEditable: boolean;
  readonly index?: string | undefined;
  readonly origin: ManifestPath;
}

/** @throws CopseError `manifest-package` for what contradicts itself. */
export function packageEntries(
  manifest: Pick<Manifest, "source" | "document">,
  packages: PackagesData | undefined,
  origin: ManifestPath,
): PackageEntry[] {
  if (!packages) return [];
  if (!(packages instanceof Map))
    return (packages as Extract<PackagesData, readonly unknown[]>).map((item, at) =>
      typeof item === "string"
        ? plainEntry(item, [...origin, at])
        : namedEntry(manifest, item, [...origin, at]),
    );
  return [...packages].map(([name, value]: [string, string | Omit<NamedItem, "name">]) =>
    namedEntry(manifest, typeof value === "string" ? { name, version: value } : { ...value, name }, [
      ...origin,
      name,
    ]),
  );
}

export function normalisedName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** What a requirement is for. It is parsed whole when it is checked. */
function plainEntry(requirement: string, origin: ManifestPath): PackageEntry {
  const given = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(requirement)?.[1] ?? requirement;
  return { name: normalisedName(given), given, requirement, isEditable: false, origin };
}

function namedEntry(
  manifest: Pick<Manifest, "source" | "document">,
  item: NamedItem,
  origin: ManifestPath,
): PackageEntry {
  const { name, git, url, path, version, marker } = item;
  const fault = (message: string, hint?: string): never => {
    throw new CopseError("manifest-package", message, { span: placeOf(manifest, origin), hint });
  };
  const places = [git, url, path].filter((place) => place !== undefined);
  if (places.length > 1) fault(`A package comes from one place, \`git\`, \`url\` or \`path\`: \`${name}\``);
  if (places.length > 0 && version !== undefined && version !== "*")
    fault(`A package that comes from one place has no choice of versions: \`${name}\``);
  if (item.editable && path === undefined)
    fault(`Only a package with a \`path\` can be editable: \`${name}\``);
  if (git === undefined && (item.rev !== undefined || item.subdirectory !== undefined))
    fault(`Only a package with \`git\` has a revision or a subdirectory: \`${name}\``);
  const extras = item.extras?.length ? `[${item.extras.join(",")}]` : "";
  const reference =
    git !== undefined
      ? ` @ ${gitReference(git, item)}`
      : url !== undefined
        ? ` @ ${url}`
        : (version ?? "*") === "*"
          ? ""
          : comparison(version as string);
  return {
    name: normalisedName(name),
    given: name,
    requirement: `${name}${extras}${reference}${marker === undefined ? "" : ` ; ${marker}`}`,
    ...(path !== undefined && { path }),
    ...(item.index !== undefined && { index: item.index }),
    isEditable: item.editable ?? false,
    origin,
  };
}

/** pip's form of a git address. */
function gitReference(git: string, item: Pick<NamedItem, "rev" | "subdirectory">): string {
  const address = git.startsWith("/") ? `file://${git}` : /^\.\.?(?:\/|$)/.test(git) ? `file:${git}` : git;
  const fragment = item.subdirectory === undefined ? "" : `#subdirectory=${item.subdirectory}`;
  return `git+${address}${item.rev === undefined ? "" : `@${item.rev}`}${fragment}`;
}

/** `2.1` alone means that version, as people write it. */
function comparison(version: string): string {
  return /^[0-9]/.test(version) ? `==${version}` : version;
}
