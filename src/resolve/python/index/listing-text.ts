/**
 * The files of a project as the cache keeps them: a line to a file, its fields parted by tabs.
 *
 * Reading this is several times as fast as parsing the JSON it came from, and it is a third of the size: most of an
 * address is the same for all files, and its end is the file's name. A tab, newline or backslash in a field (a reason
 * for yanking, say) is escaped.
 */
import type { ListedFile } from "./project-file.ts";

/** Changes with what `formatListing` writes: an older copse's cache is then not read. */
export const LISTING_FORM = "listing-2";

export function formatListing(files: readonly ListedFile[]): string {
  const prefix = commonPrefix(files.map(({ url }) => url));
  const lines = files.map((file) => {
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
  });
  return [escapeField(prefix), ...lines].join("\n");
}

export function parseListing(text: string): ListedFile[] {
  const lines = text.split("\n");
  const prefix = unescapeField(lines[0] ?? "");
  const files: ListedFile[] = [];
  for (let i = 1; i < lines.length; i++) files.push(parseLine(lines[i] as string, prefix));
  return files;
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
