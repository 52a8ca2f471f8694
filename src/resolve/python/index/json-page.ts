/**
 * A project's page in JSON (PEP 691, 700, 714).
 *
 * What the specification wants in one type may come in another from a server of somebody's own: a field of the wrong
 * type counts as absent; a page that is not of this shape at all is an error.
 */
import { CopseError } from "#base";
import { showUrl } from "#fetch";
import { checkSha256, fileKind, fileUrl, isPlainFileName, type ListedFile } from "./project-file.ts";
import { checkApiVersion } from "./simple-page.ts";

/** Throws `index-page-invalid`, `index-version`. */
export function parseJsonPage(text: string, url: URL): ListedFile[] {
  let page: unknown;
  try {
    page = JSON.parse(text);
  } catch (cause) {
    throw invalidPage(url, "no JSON", cause);
  }
  const { meta, files } = record(page) ?? {};
  if (!Array.isArray(files)) throw invalidPage(url, "no list of files");
  const version = record(meta)?.["api-version"];
  checkApiVersion(typeof version === "string" ? version : undefined, url);
  return files.flatMap((file) => {
    const listed = listedFile(record(file) ?? {}, url);
    return listed ? [listed] : [];
  });
}

function listedFile(file: Record<string, unknown>, base: URL): ListedFile | undefined {
  const name = file["filename"];
  const href = file["url"];
  if (typeof name !== "string" || typeof href !== "string") return undefined;
  if (fileKind(name) === undefined || !isPlainFileName(name)) return undefined;
  const address = fileUrl(href, base);
  if (!address) return undefined;
  const sha256 = checkSha256(record(file["hashes"])?.["sha256"]);
  const size = file["size"];
  const requiresPython = file["requires-python"];
  const yanked = file["yanked"];
  const uploadTime = file["upload-time"];
  const metadata = file["core-metadata"] ?? file["dist-info-metadata"] ?? file["data-dist-info-metadata"];
  return {
    file: name,
    url: address.url,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(typeof size === "number" && Number.isSafeInteger(size) && size >= 0 ? { size } : {}),
    ...(typeof requiresPython === "string" && requiresPython.trim() !== "" ? { requiresPython } : {}),
    ...(yanked === true || typeof yanked === "string" ? { yanked: yanked || true } : {}),
    ...(typeof uploadTime === "string" && isTime(uploadTime) ? { uploadTime } : {}),
    ...(metadata === undefined || metadata === false ? {} : { metadata: metadataHash(metadata) }),
  };
}

function metadataHash(value: unknown): { readonly sha256?: string } {
  const sha256 = checkSha256(record(value)?.["sha256"]);
  return sha256 === undefined ? {} : { sha256 };
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/.test(text);
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function invalidPage(url: URL, reason: string, cause?: unknown): CopseError {
  return new CopseError(
    "index-page-invalid",
    `Page of an index cannot be read (${reason}): \`${showUrl(url)}\``,
    {
      cause,
      hint: "the server breaks off, or is no index of Python packages",
    },
  );
}
