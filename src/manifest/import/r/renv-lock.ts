/**
 * renv.lock: JSON, each package with its version, where it came from, and in newer ones what it needs.
 *
 * CRAN's index has the current versions alone. Where the lock's repository is one of a certain day, that day is
 * carried over, and the versions with it; else versions become the lowest that will do.
 */
import { isRPackageName } from "#format/r";
import type { Draft } from "../draft.ts";
import { someOf } from "../findings.ts";
import type { ProjectFile } from "../project-folder.ts";
import { parseJsonTree } from "../tree/parse-tree.ts";
import type { Tree } from "../tree/tree.ts";
import { BASE_PACKAGES } from "./base-packages.ts";

export interface RenvImport {
  readonly draft: Draft;
  /** A DESCRIPTION says which packages are wanted. */
  readonly hasWishes: boolean;
}

export function importRenvLock(file: ProjectFile, { draft, hasWishes }: RenvImport): void {
  draft.files.push(file.shown);
  draft.usesR = true;
  const tree = parseJsonTree(file);
  const place = (line: number | undefined) => ({ file: file.shown, line });
  const version = tree.at("R", "Version");
  if (version)
    draft.findings.lose(place(version.line), `R ${version.text()}: Debian's suite says the version of R`);
  const repositories = tree.items("R", "Repositories");
  for (const one of repositories) draft.snapshot ??= /\b(\d{4}-\d\d-\d\d)\b/.exec(one.text("URL") ?? "")?.[1];
  const packages = tree
    .entries("Packages")
    .filter(([name]) => isRPackageName(name) && !BASE_PACKAGES.has(name));
  const wanted = new Set(hasWishes ? [...draft.r.keys()] : topLevel(packages));
  const relation = draft.snapshot === undefined ? ">=" : "==";
  for (const [name, one] of packages) {
    const source = one.text("Source");
    if (source !== undefined && source !== "Repository" && source !== "CRAN" && source !== "Bioconductor") {
      draft.findings.lose(place(one.line), `\`${name}\` from ${source} ${remoteOf(one)}`.trim());
      continue;
    }
    const exact = one.text("Version");
    if (wanted.has(name)) draft.r.set(name, exact === undefined ? "" : `${relation} ${exact}`);
  }
  if (draft.snapshot === undefined && packages.length > 0)
    draft.findings.lose(
      place(tree.at("Packages")?.line),
      `exact versions of ${packages.length} R packages: CRAN's index has the current ones; name a day with \`[r] snapshot\``,
    );
  else if (wanted.size < packages.length)
    draft.findings.lose(
      place(tree.at("Packages")?.line),
      `versions of what other packages need, as CRAN's of ${draft.snapshot} says them: ${someOf(packages.map(([name]) => name).filter((name) => !wanted.has(name)))}`,
    );
}

function remoteOf(one: Tree): string {
  const [user, repository] = [one.text("RemoteUsername"), one.text("RemoteRepo")];
  return user === undefined || repository === undefined ? "" : `(${user}/${repository})`;
}

/** Packages that no other of the lock needs; all, where it does not tell what they need. */
function topLevel(packages: readonly (readonly [string, Tree])[]): readonly string[] {
  const needed = new Set<string>();
  for (const [, one] of packages)
    for (const field of ["Requirements", "Depends", "Imports", "LinkingTo"])
      for (const text of one.texts(field))
        for (const part of text.split(",")) needed.add(part.trim().split(/[\s(]/)[0] ?? "");
  const names = packages.map(([name]) => name);
  return needed.size === 0 ? names : names.filter((name) => !needed.has(name));
}
