/**
 * Projects' pages and pages of links, over HTTP through the cache or from this machine's disk.
 *
 * An index is hostile until read: sizes are bounded, files of other projects are dropped, and every failure names the
 * index and the project.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CopseError } from "#base";
import { type Answer, type HttpCache, type PipConfiguration, showUrl } from "#fetch";
import { groupByVersion, type NormalizedName } from "#format/python";
import { withoutForeignWheels } from "./foreign-wheels.ts";
import { parseHtmlPage } from "./html-page.ts";
import type { SimpleIndex } from "./index-list.ts";
import { formatListing, LISTING_FORM, type Listing, parseListing } from "./listing-text.ts";
import { fileKind, isPlainFileName, type ListedFile } from "./project-file.ts";
import { belongsTo } from "./project-names.ts";
import { ACCEPT_SIMPLE, parseSimplePage } from "./simple-page.ts";

const MAX_PAGE_BYTES = 256 * 1024 * 1024;

export interface PageReaderOptions {
  readonly pip: PipConfiguration;
  readonly cache: HttpCache;
}

export interface ReadOptions {
  readonly refresh?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class PageReader {
  readonly #pip: PipConfiguration;
  readonly #cache: HttpCache;
  /** Pages of links hold files of all projects: they are read once in a run. */
  readonly #links = new Map<string, Promise<readonly ListedFile[]>>();

  constructor({ pip, cache }: PageReaderOptions) {
    this.#pip = pip;
    this.#cache = cache;
  }

  /** A project's files in one index, or undefined where it has none. Throws with the index and the project named. */
  async project(
    index: SimpleIndex,
    project: NormalizedName,
    options: ReadOptions = {},
  ): Promise<Listing | undefined> {
    const url = new URL(`${index.url.pathname.replace(/\/+$/, "")}/${project}/`, index.url);
    url.search = index.url.search;
    try {
      if (url.protocol === "file:") return await localProject(url, project);
      return await this.#read(url, {
        ...options,
        list: (files) =>
          groupByVersion(
            files.filter(({ file }) => belongsTo(file, project)),
            project,
          ),
      });
    } catch (error) {
      throw explain(error, { index: index.label, project });
    }
  }

  /** What find-links names, of one project. */
  async linked(project: NormalizedName, options: ReadOptions = {}): Promise<ListedFile[]> {
    const found: ListedFile[] = [];
    for (const { url } of this.#pip.findLinks) {
      if (!this.#links.has(url.href)) {
        const page = this.#linkPage(url, options);
        this.#links.set(url.href, page);
        // What failed is asked again by whoever asks next.
        page.catch(() => this.#links.delete(url.href));
      }
      const files = await (this.#links.get(url.href) as Promise<readonly ListedFile[]>);
      found.push(...files.filter(({ file }) => belongsTo(file, project)));
    }
    return found;
  }

  async #linkPage(url: URL, options: ReadOptions): Promise<readonly ListedFile[]> {
    try {
      if (url.protocol === "file:") return await localLinks(fileURLToPath(url));
      if (!this.#pip.routes.isSecure(url))
        throw new CopseError(
          "pip-index-insecure",
          `Page is spoken to without encryption: \`${showUrl(url)}\``,
          {
            hint: `use https, or trust the host in pip's configuration: trusted-host = ${url.hostname}`,
          },
        );
      // Of which project a file is, and so which version, is seen when a project is asked for.
      const list = (files: readonly ListedFile[]): Listing => [{ text: "", files }];
      return (await this.#read(url, { ...options, list }))?.flatMap(({ files }) => files) ?? [];
    } catch (error) {
      throw explain(error, { index: showUrl(url), project: undefined });
    }
  }

  async #read(
    url: URL,
    { list, ...options }: ReadOptions & { readonly list: (files: readonly ListedFile[]) => Listing },
  ): Promise<Listing | undefined> {
    const { routes } = this.#pip;
    return this.#cache.read({
      url,
      routeFor: routes.routeFor,
      headers: { accept: ACCEPT_SIMPLE },
      form: LISTING_FORM,
      maxBytes: MAX_PAGE_BYTES,
      reduce: (answer) => list(withoutForeignWheels(parseSimplePage(answer))),
      encode: formatListing,
      decode: parseListing,
      isMissing: (answer) => isBareBucket(answer, routes.loginFor(url)),
      ...options,
    });
  }
}

/**
 * An index that is a bare bucket of files says "access denied" of what it does not have. Where a login is sent, the same
 * answer can mean that the login is refused, and then going on to the next index would be wrong.
 */
function isBareBucket({ status, bytes }: Answer, login: string | undefined): boolean {
  return (
    status === 403 && login === undefined && bytes.subarray(0, 2000).includes("<Code>AccessDenied</Code>")
  );
}

async function localProject(url: URL, project: NormalizedName): Promise<Listing | undefined> {
  const page = new URL("index.html", url);
  let html: string;
  try {
    html = await readFile(page, "utf8");
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  const files = parseHtmlPage(html, page).filter(({ file }) => belongsTo(file, project));
  return groupByVersion(files, project);
}

/** A folder's files and the links of the pages in it; or one page; or one file. */
async function localLinks(path: string): Promise<ListedFile[]> {
  const info = await stat(path);
  const paths = info.isDirectory() ? (await readdir(path)).sort().map((name) => join(path, name)) : [path];
  const found: ListedFile[] = [];
  for (const file of paths) {
    const name = file.slice(file.lastIndexOf("/") + 1);
    if (fileKind(name) !== undefined && isPlainFileName(name)) {
      const { size } = await stat(file);
      found.push({ file: name, url: pathToFileURL(file).href, size });
    } else if (/\.html?$/i.test(name) || !info.isDirectory()) {
      found.push(...parseHtmlPage(await readFile(file, "utf8"), pathToFileURL(file)));
    }
  }
  return found;
}

function isAbsent(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "ENOENT" || code === "ENOTDIR";
}

/** The failure of a page, told in terms of what was wanted: the project and the index, and a way out. */
function explain(
  error: unknown,
  { index, project }: { readonly index: string; readonly project: NormalizedName | undefined },
): unknown {
  if (!(error instanceof CopseError)) {
    if (!isFileError(error)) return error;
    return new CopseError(
      "index-unreadable",
      `Place of Python packages cannot be read (${error.code}): \`${index}\``,
      {
        cause: error,
        hint: "correct it in pip's configuration or in the manifest",
      },
    );
  }
  const reason = error.message.replace(/: `[^`]*`$/, "");
  const what =
    project === undefined ? "Links cannot be read" : `Files of the project ${project} cannot be listed`;
  return new CopseError(error.code, `${what} (${lowerFirst(reason)}) in the index \`${index}\``, {
    cause: error,
    hint:
      error.hint ?? "try again later, or name another index in pip's configuration or below [python.indexes]",
  });
}

function isFileError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
