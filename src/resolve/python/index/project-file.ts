/** One file of a project, as an index lists it. */
import type { NormalizedName } from "#format/python";
import type { IndexFile } from "../solve/package-index.ts";

export type ProjectFile = IndexFile;

/** What an index lists, before it is known which index it was. */
export type ListedFile = Omit<ProjectFile, "index">;

export type { NormalizedName };

const SDIST_SUFFIXES = [".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz"] as const;

export type FileKind = "wheel" | "sdist";

/** Undefined for eggs, installers and what else old projects hold: nothing here installs those. */
export function fileKind(file: string): FileKind | undefined {
  const name = file.toLowerCase();
  if (name.endsWith(".whl")) return "wheel";
  return SDIST_SUFFIXES.some((suffix) => name.endsWith(suffix)) ? "sdist" : undefined;
}

/** A file's name must be able to stand in a folder by itself. */
export function isPlainFileName(file: string): boolean {
  return /^[A-Za-z0-9][^/\\\x00-\x1f\x7f]{0,250}$/.test(file) && !file.includes("..");
}

const SHA256 = /^[0-9a-f]{64}$/i;

/** A SHA-256 in lower case, or undefined for what is none. */
export function checkSha256(text: unknown): string | undefined {
  return typeof text === "string" && SHA256.test(text) ? text.toLowerCase() : undefined;
}

const PLAIN_ADDRESS = /^https:\/\/[a-z0-9.-]+(?::[1-9]\d*)?\/[\w.~!*+,;=@/-]+$/;

/**
 * The address of a file on a page: resolved, without login and fragment. Undefined for what nothing here can fetch: a
 * page of the network must not make us read files of this machine.
 */
export function fileUrl(
  href: string,
  base: URL,
): { readonly url: string; readonly fragment: string } | undefined {
  // Parsing is most of the cost of a large page, and changes nothing in an address like nearly all of them.
  if (PLAIN_ADDRESS.test(href) && !href.includes("/.")) return { url: href, fragment: "" };
  const url = URL.parse(href.trim(), base.href);
  if (!url) return undefined;
  const isAllowed =
    url.protocol === "https:" ||
    url.protocol === "http:" ||
    (url.protocol === "file:" && base.protocol === "file:");
  if (!isAllowed) return undefined;
  const fragment = url.hash.slice(1);
  url.hash = "";
  url.username = "";
  url.password = "";
  return { url: url.href, fragment };
}

/** The last part of a URL's path, percent signs undone. */
export function fileNameOf(url: string): string {
  const path = URL.parse(url)?.pathname ?? "";
  const last = path.replace(/\/+$/, "").split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
