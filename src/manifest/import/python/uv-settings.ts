/** `[tool.uv]` of pyproject.toml: indexes, where single packages come from, constraints, and how versions are chosen. */
import { dirname } from "node:path";
import { isName, normaliseName } from "#format/python";
import type { Draft, DraftPackage } from "../draft.ts";
import type { Place } from "../findings.ts";
import type { ProjectFile, ProjectFolder } from "../project-folder.ts";
import type { Tree } from "../tree/tree.ts";
import { addIndex, applyPipOption, dayOf } from "./pip-options.ts";
import { warnOfRev, withoutLogin } from "./requirement-entry.ts";

export interface UvImport {
  readonly draft: Draft;
  readonly folder: ProjectFolder;
  readonly file: ProjectFile;
}

export function importUvSettings(tree: Tree, { draft, file }: UvImport): void {
  const uv = tree.at("tool", "uv");
  if (!uv) return;
  const at = (one: Tree): Place => ({ file: file.shown, line: one.line });
  for (const index of uv.items("index")) {
    const url = index.text("url");
    if (url !== undefined) addIndex(draft, url, at(index), index.text("name"));
  }
  const old = [
    ["index-url", "--index-url"],
    ["extra-index-url", "--extra-index-url"],
    ["find-links", "--find-links"],
    ["no-binary-package", "--no-binary"],
    ["no-build-package", "--only-binary"],
  ] as const;
  for (const [key, name] of old)
    for (const value of uv.texts(key)) applyPipOption(draft, { name, value }, at(uv.at(key) as Tree));
  for (const [key, target] of [
    ["constraint-dependencies", draft.constraints],
    ["override-dependencies", draft.overrides],
  ] as const)
    for (const item of uv.items(key)) {
      const text = item.text();
      if (text !== undefined) target.set(text, at(item));
    }
  if (uv.flag("no-build")) draft.onlyBinary.add(":all:");
  const newer = uv.text("exclude-newer");
  if (newer !== undefined) {
    draft.excludeNewer = dayOf(newer);
    if (draft.excludeNewer === undefined)
      draft.findings.lose(at(uv.at("exclude-newer") as Tree), `exclude-newer is no date: \`${newer}\``);
  }
  const resolution = uv.text("resolution");
  if (resolution === "lowest" || resolution === "lowest-direct") draft.resolution = resolution;
  const prerelease = uv.text("prerelease");
  if (prerelease === "allow" || prerelease === "disallow") draft.prereleases = prerelease;
  for (const group of uv.texts("default-groups")) draft.defaultGroups.add(group);
  for (const key of [
    "workspace",
    "environments",
    "required-environments",
    "conflicts",
    "dependency-metadata",
    "no-build-isolation-package",
    "extra-build-dependencies",
  ]) {
    const found = uv.at(key);
    if (found) draft.findings.lose(at(found), `[tool.uv] ${key}`);
  }
}

/** `[tool.uv.sources]`: what a name in a list of requirements stands for. */
export class UvSources {
  readonly #sources: ReadonlyMap<string, Tree>;
  readonly #wanted: UvImport;

  constructor(tree: Tree, wanted: UvImport) {
    this.#wanted = wanted;
    this.#sources = new Map(
      tree
        .entries("tool", "uv", "sources")
        .flatMap(([name, one]) => (isName(name) ? [[normaliseName(name) as string, one]] : [])),
    );
  }

  /** One package for each source, or itself. `group`: a source may be for one alone. */
  apply(wanted: DraftPackage, group: string): readonly DraftPackage[] {
    const source = this.#sources.get(normaliseName(wanted.name));
    if (!source) return [wanted];
    const all = source.isList ? source.items() : [source];
    const ofGroup = all.filter((one) => (one.text("group") ?? one.text("extra") ?? group) === group);
    return ofGroup.length === 0 ? [wanted] : ofGroup.flatMap((one) => this.#placed(wanted, one));
  }

  #placed(wanted: DraftPackage, source: Tree): readonly DraftPackage[] {
    const { draft, file } = this.#wanted;
    const place = { file: file.shown, line: source.line };
    const marker = bothMarkers(wanted.marker, source.text("marker"));
    const index = source.text("index");
    if (index !== undefined) return [{ ...wanted, ...(marker && { marker }), index: draft.indexName(index) }];
    const parts = sourceParts(source, { ...this.#wanted, place });
    if (!parts) {
      draft.findings.lose(place, `where \`${wanted.name}\` comes from`);
      return [wanted];
    }
    if (wanted.version !== "")
      draft.findings.lose(
        wanted.place,
        `\`${wanted.name}${wanted.version}\`: the version, as it comes from one place`,
      );
    return [{ ...wanted, version: "", ...(marker && { marker }), ...parts }];
  }
}

/** git, url or path, with what belongs to it, as uv, poetry and Pipfile have it. */
export function sourceParts(
  source: Tree,
  { draft, folder, file, place }: UvImport & { readonly place: Place },
): Partial<DraftPackage> | undefined {
  const git = source.text("git");
  const subdirectory = source.text("subdirectory");
  if (git !== undefined) {
    const rev = source.text("rev") ?? source.text("tag") ?? source.text("branch") ?? source.text("ref");
    const { url, hadLogin } = withoutLogin(git);
    if (hadLogin)
      draft.findings.lose(place, "the login in an address of git: git's own credentials are used");
    warnOfRev({ draft, place }, url, rev);
    return {
      git: url,
      ...(rev !== undefined && { rev }),
      ...(subdirectory !== undefined && { subdirectory }),
    };
  }
  const url =
    source.text("url") ?? (/^https?:/.test(source.text("file") ?? "") ? source.text("file") : undefined);
  if (url !== undefined) return { url: withoutLogin(url).url };
  const path = source.text("path") ?? source.text("file");
  const from = dirname(file.path);
  if (path === undefined || !(folder.hasFile(path, from) || folder.hasFolder(path, from))) return undefined;
  const editable = source.flag("editable") ?? source.flag("develop") ?? false;
  return { path: folder.relative(path, from), ...(editable && folder.hasFolder(path, from) && { editable }) };
}

export function bothMarkers(a: string | undefined, b: string | undefined): string | undefined {
  if (!a || !b) return a || b || undefined;
  return `(${a}) and (${b})`;
}
