/**
 * Where copse's own files are. It runs from two places: from `src`, TypeScript as it is, or from a bundle of the same
 * modules below `dist` (see scripts/bundle.sh), whose few files load several times faster. Whoever needs a file of
 * copse by its path, or starts a thread on one of its modules, asks here.
 */
import { fileURLToPath } from "node:url";

const HERE = import.meta.url;
const BUNDLE_MARK = "/dist/";
const isBundled = !HERE.endsWith("/src/base/installation.ts");
const markAt = HERE.lastIndexOf(BUNDLE_MARK);
const root = isBundled ? HERE.slice(0, markAt + 1) : new URL("../..", HERE).href;
/** A bundle lies in a folder of its own below `dist`. */
const modules = isBundled ? HERE.slice(0, HERE.indexOf("/", markAt + BUNDLE_MARK.length) + 1) : `${root}src/`;

/** A file or folder by its path in the repository: `pkgs`, `src/sandbox/enter.sh`. */
export function installedPath(path: string): string {
  return fileURLToPath(new URL(path, root));
}

/** A module that a thread starts with, by its path in `src` without ending. It is an entry of the bundle. */
export function threadModule(path: string): URL {
  return new URL(isBundled ? `${path}.js` : `${path}.ts`, modules);
}

/** The bundle that runs, which is never changed once it is made; undefined when running from source. */
export const bundleFolder: string | undefined = isBundled ? fileURLToPath(modules) : undefined;
