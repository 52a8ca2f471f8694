/**
 * Where a file of a lock is today: `pypi:PROJECT/FILE`, or `pypi+INDEX:PROJECT/FILE` for one of an index of the manifest;
 * `pypi++:PROJECT/FILE` is one that has an address of its own, and may be at hand for all that.
 *
 * The lock names no host. Folders that `copse fetch` has filled are asked first, then the indexes as they are configured
 * now, the page of each being read only when those before it did not serve. That the bytes are the right ones is seen by
 * their hash, so that any index may have them: here the first one does not count.
 */
import { pathToFileURL } from "node:url";
import { CopseError } from "#base";
import type { Location, Locator } from "#fetch";
import { type NormalizedName, normaliseName } from "#format/python";
import { DIRECT, directFilePath } from "../direct/address.ts";
import type { SimpleIndex } from "./index-list.ts";
import { isPlainFileName } from "./project-file.ts";
import { type IndexServices, type OpenPythonIndexOptions, openIndexServices } from "./python-index.ts";

export type PythonLocatorOptions = Omit<OpenPythonIndexOptions, "sdists" | "refresh">;

/** Reads the configuration at the first use: who fetches nothing of Python's needs none. */
export function pythonLocator(options: PythonLocatorOptions): { readonly locate: Locator; close(): void } {
  let services: IndexServices | undefined;
  return {
    locate: (url) => {
      services ??= openIndexServices(options);
      return locatePythonFile(services, parsePypiUrl(url));
    },
    close: () => services?.client.close(),
  };
}

export interface PythonFileName {
  readonly project: NormalizedName;
  readonly file: string;
  readonly index: string | undefined;
}

/** Throws `url-unsupported`. */
export function parsePypiUrl(url: string): PythonFileName {
  const match = /^pypi(?:\+(\+|[a-z0-9][a-z0-9.-]{0,63}))?:([a-z0-9][a-z0-9-]*)\/([^/]+)$/.exec(url);
  const [, index, project = "", file = ""] = match ?? [];
  if (match && isPlainFileName(file)) return { index, project: normaliseName(project), file };
  throw new CopseError(
    "url-unsupported",
    `URL does not name a project and a file: \`${url.slice(0, 300)}\``,
    {
      hint: "write pypi:PROJECT/FILE, the project's name in its normal form",
    },
  );
}

/** Throws what reading the last index throws, when none of them has the file. */
export async function* locatePythonFile(
  { list, pages, pip, mirrors, cache }: IndexServices,
  { project, file, index }: PythonFileName,
): AsyncGenerator<Location> {
  const { routeFor } = pip.routes;
  for (const mirror of mirrors)
    yield { url: new URL(`${mirror}/pypi/${project}/${encodeURIComponent(file)}`), routeFor };
  if (index === DIRECT) {
    yield { url: pathToFileURL(directFilePath(cache.files.directory, { name: project, file })), routeFor };
    return;
  }
  let failure: unknown;
  let isFound = false;
  const { indexes, withLinks } =
    index === undefined ? await list.choose(project) : { indexes: [list.named(index)], withLinks: false };
  if (withLinks)
    for (const { url, file: name } of await pages.linked(project))
      if (name === file) yield { url: new URL(url), routeFor };
  // Where one mirror has not the file, another may still have it.
  for (const one of indexes.flatMap((index) => [index, ...(index.mirrors ?? [])])) {
    try {
      const url = await find(one);
      if (url === undefined) continue;
      isFound = true;
      yield { url: new URL(url), routeFor };
    } catch (error) {
      if (!(error instanceof CopseError)) throw error;
      failure = error;
    }
  }
  if (!isFound && failure !== undefined) throw failure;

  /** A page from the cache may be older than the file. */
  async function find(one: SimpleIndex): Promise<string | undefined> {
    for (const refresh of [false, true]) {
      const versions = await pages.project(one, project, refresh ? { refresh } : {});
      const found = versions?.flatMap(({ files }) => files).find((listed) => listed.file === file);
      if (found) return found.url;
    }
    return undefined;
  }
}
