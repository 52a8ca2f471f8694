/**
 * Requirements, in the forms that pip takes, as packages of copse.toml:
 *
 *     numpy>=1.26 ; python_version < "3.13"        by name
 *     lab @ git+https://host/lab.git@v2            by name and place
 *     git+https://host/lab.git@v2#egg=lab          by place alone, if it tells the name
 *     https://host/lab-1.0-py3-none-any.whl
 *     ./lib[extra]   ./dist/lab-1.0.tar.gz         of the project itself
 */
import { CopseError } from "#base";
import {
  formatMarker,
  isName,
  parseLegacyRequirement,
  parseRequirement,
  type Requirement,
  type Specifiers,
} from "#format/python";
import type { Draft, DraftPackage } from "../draft.ts";
import type { Place } from "../findings.ts";
import type { ProjectFolder } from "../project-folder.ts";
import { nameOfProject } from "./project-name.ts";

export interface EntryContext {
  readonly draft: Draft;
  readonly folder: ProjectFolder;
  /** Where relative paths begin: absolute. */
  readonly from: string;
  readonly place: Place;
  /** With `-e`, or what a tool says likewise. */
  readonly editable?: boolean | undefined;
}

// Far beyond what anybody writes: patterns below take time that grows faster than the text.
const MAX_LENGTH = 4096;

/** The package, or undefined where it cannot be carried over, which the findings then say. */
export function entryOfRequirement(text: string, context: EntryContext): DraftPackage | undefined {
  const { draft, place } = context;
  const wanted = text.trim();
  if (wanted.length > MAX_LENGTH) {
    draft.findings.lose(place, `a requirement of ${wanted.length} characters`);
    return undefined;
  }
  try {
    return isPlaceAlone(wanted, context) ? entryOfPlace(wanted, context) : entryByName(wanted, context);
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    draft.findings.lose(place, `\`${wanted}\` is no requirement that can be read: ${error.message}`);
    return undefined;
  }
}

function entryByName(text: string, context: EntryContext): DraftPackage | undefined {
  const requirement = readRequirement(text);
  // As it was written, since people know it so.
  const name = /^\s*([A-Za-z0-9._-]*[A-Za-z0-9])/.exec(text)?.[1] ?? requirement.name;
  const plain = { ...partsOf(requirement), name, place: context.place };
  if (requirement.url === undefined) return plain;
  return withPlace(plain, requirement.url, context);
}

/** A list may be from before the rules were enforced. */
function readRequirement(text: string): Requirement {
  try {
    return parseRequirement(text);
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    return parseLegacyRequirement(text);
  }
}

function partsOf({ extras, specifiers, marker }: Requirement) {
  return {
    extras: [...extras],
    version: specifiers ? inOrder(specifiers) : "",
    ...(marker && { marker: formatMarker(marker) }),
  };
}

/** As it was written: `>=1.26,<2`. */
function inOrder({ clauses }: Specifiers): string {
  const text = (clause: Specifiers["clauses"][number]) =>
    clause.kind === "identical"
      ? `===${clause.text}`
      : `${clause.operator}${clause.version.text.trim()}${clause.wildcard ? ".*" : ""}`;
  return clauses.map(text).join(",");
}

function isPlaceAlone(text: string, { folder, from, editable }: EntryContext): boolean {
  if (/^[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?\s*@/.test(text)) return false;
  if (
    editable ||
    /^(?:[a-z+]+:\/\/|file:)/i.test(text) ||
    /^\.{0,2}\//.test(text) ||
    /^\.{1,2}(?:$|\[)/.test(text)
  )
    return true;
  const path = withoutExtras(text.split(";")[0]?.trim() ?? "").path;
  return (
    (path.includes("/") || /\.(?:whl|zip|tar\.gz|tgz|tar\.bz2|tar\.xz)$/i.test(path)) &&
    folder.hasFile(path, from)
  );
}

function entryOfPlace(text: string, context: EntryContext): DraftPackage | undefined {
  const { draft, place } = context;
  // Behind an address, a semicolon that begins a marker has white space before it.
  const [, address = "", marker] = /^(.*?)(?:\s+;\s*(.*))?$/s.exec(text) ?? [];
  const { path, extras } = withoutExtras(address);
  const url = URL.parse(path);
  const fragment = new URLSearchParams(url?.hash.slice(1));
  const egg = withoutExtras(fragment.get("egg") ?? "");
  const name = isName(egg.path) ? egg.path : nameOfFile(url ? decoded(url.pathname) : path);
  const plain = {
    name: name ?? "",
    extras: [...new Set([...extras, ...egg.extras])],
    version: "",
    ...(marker && { marker: marker.trim() }),
    place,
  };
  const found = withPlace(plain, path, context);
  if (!found) return undefined;
  if (found.name !== "") return found;
  draft.findings.lose(place, `\`${text}\` does not say which package it is: write \`NAME @ ADDRESS\``);
  return undefined;
}

/** Adds where the package is to be had. */
function withPlace(plain: DraftPackage, address: string, context: EntryContext): DraftPackage | undefined {
  const { draft, place } = context;
  if (address.startsWith("git+")) return { ...plain, ...gitParts(address.slice(4), context) };
  if (/^(?:hg|svn|bzr)\+/.test(address)) {
    draft.findings.lose(place, `\`${address}\`: only git is read, no other version control`);
    return undefined;
  }
  if (/^https?:\/\//i.test(address)) {
    const { url, hadLogin } = withoutLogin(address);
    if (hadLogin) draft.findings.lose(place, `the login in an address: put it into ~/.netrc`);
    if (!/[#&]sha256=/.test(address))
      draft.findings.mayChange(place, `\`${withoutFragment(url)}\` has no hash`);
    return { ...plain, url: withoutFragment(url) };
  }
  return withPath(plain, address, context);
}

function withPath(plain: DraftPackage, address: string, context: EntryContext): DraftPackage | undefined {
  const { draft, folder, from, place, editable } = context;
  const path = address.startsWith("file:")
    ? decoded(address.replace(/^file:(?:\/\/)?/, "").split("#")[0] ?? "")
    : address;
  const start = folder.hasFolder(path, from) || folder.hasFile(path, from) ? from : folder.root;
  const isFolder = folder.hasFolder(path, start);
  if (!isFolder && !folder.hasFile(path, start)) {
    draft.findings.lose(place, `\`${address}\` is not in this project`);
    return undefined;
  }
  const name =
    plain.name !== "" ? plain.name : isFolder ? nameOfProject(folder, path, start) : nameOfFile(path);
  return {
    ...plain,
    name: name ?? "",
    path: folder.relative(path, start),
    ...(editable && isFolder && { editable: true }),
  };
}

/** `https://host/lab.git@v2#egg=lab&subdirectory=x`; also `git@host:lab.git`, as git itself has it. */
export function gitParts(
  address: string,
  { draft, place }: Pick<EntryContext, "draft" | "place">,
): Pick<DraftPackage, "git" | "rev" | "subdirectory"> {
  const [before = "", hash = ""] = address.split("#", 2);
  const subdirectory = new URLSearchParams(hash).get("subdirectory") ?? undefined;
  const at = before.lastIndexOf("@");
  const hasRev = at > before.indexOf("/", before.indexOf("://") + 3);
  const rev = hasRev ? before.slice(at + 1) : undefined;
  const { url, hadLogin } = withoutLogin(hasRev ? before.slice(0, at) : before);
  if (hadLogin) draft.findings.lose(place, "the login in an address of git: git's own credentials are used");
  warnOfRev({ draft, place }, url, rev);
  return { git: url, ...(rev && { rev }), ...(subdirectory && { subdirectory }) };
}

export function warnOfRev(
  { draft, place }: Pick<EntryContext, "draft" | "place">,
  git: string,
  rev: string | undefined,
): void {
  if (rev === undefined) draft.findings.mayChange(place, `\`${git}\` names no commit`);
  else if (!/^[0-9a-f]{40}$/.test(rev))
    draft.findings.mayChange(place, `\`${git}\` at \`${rev}\`: a branch or a tag can move`);
}

/** An address without user name and password. `ssh://git@host` needs its user. */
export function withoutLogin(address: string): { readonly url: string; readonly hadLogin: boolean } {
  const match = /^(https?:\/\/)([^/@]*@)(.*)$/is.exec(address);
  return match ? { url: `${match[1]}${match[3]}`, hadLogin: true } : { url: address, hadLogin: false };
}

function withoutFragment(url: string): string {
  const [before = "", fragment = ""] = url.split("#", 2);
  const kept = new URLSearchParams(fragment).get("subdirectory");
  return kept === null ? before : `${before}#subdirectory=${kept}`;
}

function withoutExtras(text: string): { readonly path: string; readonly extras: readonly string[] } {
  const match = /^(.*?)\s*\[([^\]]*)\]$/s.exec(text);
  if (!match) return { path: text, extras: [] };
  const extras = (match[2] ?? "").split(",").map((extra) => extra.trim());
  return { path: match[1] ?? "", extras: extras.filter(isName) };
}

/** The project that a wheel or an sdist is of, by its name. */
function nameOfFile(path: string): string | undefined {
  const file = path.split("/").at(-1) ?? "";
  const wheel = /^([A-Za-z0-9._]+)-[^-]+(?:-[^-]+)?-[^-]+-[^-]+-[^-]+\.whl$/.exec(file);
  const sdist = /^([A-Za-z0-9._-]+?)-v?[0-9][^-]*\.(?:tar\.gz|zip|tgz|tar\.bz2|tar\.xz)$/i.exec(file);
  const name = wheel?.[1] ?? sdist?.[1];
  return name !== undefined && isName(name) ? name : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
