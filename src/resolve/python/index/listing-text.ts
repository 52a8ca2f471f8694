/**
 * The files of a project as the cache keeps them: by version, a line to a file, its fields parted by tabs.
 *
 *     the beginning of all addresses
 *     VERSION  BYTES  VERSION  BYTES ...
 *     FILE  REST-OF-ADDRESS  SHA256  SIZE  REQUIRES-PYTHON  YANKED  TIME  METADATA
 *     ...
 *
 * A project may have thousands of files, and a solve looks at those of a few versions. So the versions stand in order
 * before the files, with the length of their lines: what nobody asks for is never turned into text. A tab, newline or
 * backslash in a field (a reason for yanking, say) is escaped.
 */
import type { FilesOfVersion } from "#format/python";
import type { ListedFile } from "./project-file.ts";

/** Changes with what `formatListing` writes: an older copse's cache is then not read. */
export const LISTING_FORM = "listing-3";

/** A project's files, oldest version first. */
export type Listing = readonly FilesOfVersion<ListedFile>[];

const NEWLINE = 0x0a;

export function formatListing(listing: Listing): Buffer {
  const prefix = commonPrefix(listing.flatMap(({ files }) => files.map(({ url }) => url)));
  const blocks = listing.map(({ files }) =>
    Buffer.from(files.map((file) => `${formatLine(file, prefix)}\n`).join("")),
  );
  const versions = listing.map(({ text }, at) => `${escapeField(text)}\t${blocks[at]!.length}`).join("\t");
  return Buffer.concat([Buffer.from(`${escapeField(prefix)}\n${versions}\n`), ...blocks]);
}

export function parseListing(bytes: Buffer): Listing {
  const behindPrefix = bytes.indexOf(NEWLINE);
  const behindVersions = bytes.indexOf(NEWLINE, behindPrefix + 1);
  const prefix = unescapeField(bytes.toString("utf8", 0, behindPrefix));
  const versions = bytes.toString("utf8", behindPrefix + 1, behindVersions);
  if (versions === "") return [];
  const fields = versions.split("\t");
  const page = { prefix, bytes };
  const listing: KeptVersion[] = [];
  let start = behindVersions + 1;
  for (let at = 0; at < fields.length; at += 2) {
    const end = start + Number(fields[at + 1]);
    listing.push(new KeptVersion(unescapeField(fields[at]!), page, [start, end]));
    start = end;
  }
  return listing;
}

interface KeptPage {
  readonly prefix: string;
  readonly bytes: Buffer;
}

class KeptVersion implements FilesOfVersion<ListedFile> {
  readonly text: string;
  readonly #page: KeptPage;
  readonly #start: number;
  readonly #end: number;
  #files: readonly ListedFile[] | undefined;

  constructor(text: string, page: KeptPage, [start, end]: readonly [number, number]) {
    this.text = text;
    this.#page = page;
    this.#start = start;
    this.#end = end;
  }

  get files(): readonly ListedFile[] {
    this.#files ??= this.#parse();
    return this.#files;
  }

  #parse(): readonly ListedFile[] {
    const { prefix, bytes } = this.#page;
    const lines = bytes.toString("utf8", this.#start, this.#end).split("\n");
    // Behind the last newline there is nothing.
    return lines.slice(0, -1).map((line) => parseLine(line, prefix));
  }
}

function formatLine(file: ListedFile, prefix: string): string {
  const rest = file.url.slice(prefix.length);
  const isNamed = rest.endsWith(file.file) && !rest.startsWith("=");
  const { yanked, metadata } = file;
  // What can hold anything is escaped; the rest has been checked to be hashes, numbers and times.
  return [
    escapeField(file.file),
    escapeField(isNamed ? rest.slice(0, -file.file.length) : `=${rest}`),
    file.sha256 ?? "",
    file.size ?? "",
    escapeField(file.requiresPython ?? ""),
    yanked === undefined ? "" : yanked === true ? "!" : escapeField(`!${yanked}`),
    file.uploadTime ?? "",
    metadata === undefined ? "" : `!${metadata.sha256 ?? ""}`,
  ].join("\t");
}

function parseLine(line: string, prefix: string): ListedFile {
  const isEscaped = line.includes("\\");
  let at = 0;
  // Slices of the line: no array of them, and nothing at all for a field that is empty.
  const next = (): string => {
    const end = line.indexOf("\t", at);
    const field = end === -1 ? line.slice(at) : line.slice(at, end);
    at = end === -1 ? line.length : end + 1;
    return isEscaped ? unescapeField(field) : field;
  };
  const file = next();
  const rest = next();
  const listed: { -readonly [K in keyof ListedFile]: ListedFile[K] } = {
    file,
    url: rest.startsWith("=") ? prefix + rest.slice(1) : prefix + rest + file,
  };
  const sha256 = next();
  if (sha256 !== "") listed.sha256 = sha256;
  const size = next();
  if (size !== "") listed.size = Number(size);
  const requiresPython = next();
  if (requiresPython !== "") listed.requiresPython = requiresPython;
  const yanked = next();
  if (yanked !== "") listed.yanked = yanked.length === 1 ? true : yanked.slice(1);
  const uploadTime = next();
  if (uploadTime !== "") listed.uploadTime = uploadTime;
  const metadata = next();
  if (metadata !== "") listed.metadata = metadata.length === 1 ? {} : { sha256: metadata.slice(1) };
  return listed;
}

function escapeField(text: string): string {
  return /[\\\t\n]/.test(text) ? text.replaceAll(/[\\\t\n]/g, escapeCharacter) : text;
}

function escapeCharacter(character: string): string {
  return character === "\\" ? "\\\\" : character === "\t" ? "\\t" : "\\n";
}

function unescapeField(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\(.)/g, (_, letter: string) =>
    letter === "t" ? "\t" : letter === "n" ? "\n" : letter,
  );
}

function commonPrefix(texts: readonly string[]): string {
  const [first = "", ...others] = texts;
  let length = first.length;
  for (const text of others) {
    while (length > 0 && !text.startsWith(first.slice(0, length))) length--;
    if (length === 0) break;
  }
  // Half an address is no saving worth a puzzle: up to a slash.
  return first.slice(0, first.lastIndexOf("/", length - 1) + 1);
}
