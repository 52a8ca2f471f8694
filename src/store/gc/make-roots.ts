/**
 * Making roots. Copse's own are below `gcroots/copse`, one for each environment of a project: a link, or a directory of
 * links where several paths are kept. Beside the store stands whose they are, `<copseDir>/projects/<name>`: the
 * directory of the project. When that is gone, so is the root at the next collection, as with Nix's `result` links.
 */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { CopseError } from "#base";
import { encodeNix32, hashBytes, isStorePath, STORE_DIR, type StorePath, storePathBase } from "#format";
import { fileError } from "#host";
import type { StorePlace } from "../place/store-place.ts";
import type { StoreContext } from "../store-context.ts";
import { removeTree } from "../trees/place-tree.ts";

const ROOT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export interface RootOptions {
  /** The directory whose end is also the root's. Without it, the root stays until it is replaced. */
  readonly project?: string | undefined;
}

/** A name below `gcroots/copse`; what had that name before is replaced. Returns the link, or the directory of links. */
export function addRoot(
  context: StoreContext,
  name: string,
  options: RootOptions & { readonly paths: readonly StorePath[] },
): string {
  if (!ROOT_NAME.test(name)) {
    throw new CopseError("store-root-name", `Invalid name for a root: \`${name}\``);
  }
  const { place } = context;
  const root = `${place.stateDir}/gcroots/copse/${name}`;
  try {
    mkdirSync(dirname(root), { recursive: true });
    const [first, ...more] = options.paths;
    if (first !== undefined && more.length === 0) replaceLink(root, first);
    else replaceGroup(context, root, options.paths);
    if (options.project !== undefined) writeProject(place, name, options.project);
  } catch (error) {
    throw fileError(error, root);
  }
  return root;
}

/**
 * Makes the user's link lead to a store path, and makes that link a root. Something else than a link into a
 * store at that place is not touched: throws CopseError `store-root-occupied`.
 */
export function addIndirectRoot(context: StoreContext, link: string, path: StorePath): void {
  const userLink = resolve(link);
  const existing = lstatSync(userLink, { throwIfNoEntry: false });
  if (existing !== undefined && !(existing.isSymbolicLink() && leadsIntoStore(context, userLink))) {
    throw new CopseError("store-root-occupied", `There is something else already: \`${userLink}\``);
  }
  try {
    replaceLink(userLink, context.realPath(path));
    registerIndirectRoot(context, userLink);
  } catch (error) {
    throw fileError(error, userLink);
  }
}

/** Makes a link that is there already a root. Named as C++ Nix names it, so that the same link is one root. */
export function registerIndirectRoot(context: StoreContext, userLink: string): void {
  const name = encodeNix32(hashBytes("sha1", Buffer.from(userLink)).digest);
  const directory = `${context.place.stateDir}/gcroots/auto`;
  // Not every Nix makes it before it is needed.
  mkdirSync(directory, { recursive: true });
  replaceLink(`${directory}/${name}`, userLink);
}

/** Removes roots of projects that are gone. Returns their names. */
export function removeRootsOfLostProjects(place: StorePlace): string[] {
  const directory = projectsDirectory(place);
  return list(directory).filter((name) => {
    const project = readFileSync(`${directory}/${name}`, "utf8");
    // A project on a disk that is not there now is gone too: its environment is made again when it comes back.
    if (lstatSync(project, { throwIfNoEntry: false }) !== undefined) return false;
    removeTree(`${place.stateDir}/gcroots/copse/${name}`);
    removeTree(`${directory}/${name}`);
    return true;
  });
}

function replaceGroup(context: StoreContext, root: string, paths: readonly StorePath[]): void {
  const made = context.tempPath();
  mkdirSync(made);
  for (const path of new Set(paths)) symlinkSync(path, `${made}/${storePathBase(path)}`);
  // The links of before stay roots while the new ones are put beside them.
  if (lstatSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) removeTree(root);
  mkdirSync(root, { recursive: true });
  for (const name of readdirSync(made)) renameSync(`${made}/${name}`, `${root}/${name}`);
  const wanted = new Set(paths.map(storePathBase));
  for (const name of readdirSync(root)) if (!wanted.has(name)) removeTree(`${root}/${name}`);
  removeTree(made);
}

function writeProject(place: StorePlace, name: string, project: string): void {
  const directory = projectsDirectory(place);
  mkdirSync(directory, { recursive: true });
  const temporary = `${directory}/.${name}.${process.pid}`;
  writeFileSync(temporary, resolve(project));
  renameSync(temporary, `${directory}/${name}`);
}

function projectsDirectory(place: StorePlace): string {
  return `${place.copseDir}/projects`;
}

/** Of this store, or, as a link may be older than the store's move, of any. */
function leadsIntoStore({ place }: StoreContext, link: string): boolean {
  const target = resolve(dirname(link), readlinkSync(link));
  if (target.startsWith(`${place.realStoreDir}/`)) return true;
  const base = /\/store\/([^/]+)/.exec(target)?.[1];
  return base !== undefined && isStorePath(`${STORE_DIR}/${base}`);
}

function replaceLink(link: string, target: string): void {
  const temporary = `${link}.tmp-${process.pid}`;
  removeTree(temporary);
  symlinkSync(target, temporary);
  if (lstatSync(link, { throwIfNoEntry: false })?.isDirectory()) removeTree(link);
  renameSync(temporary, link);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => ROOT_NAME.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
