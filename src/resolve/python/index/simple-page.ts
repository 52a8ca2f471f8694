/**
 * Which kind of page a server sent: JSON is asked for, HTML is taken, and of an index that speaks a later major version
 * of the interface nothing is taken (PEP 629).
 */
import { CopseError } from "#base";
import { type Answer, showUrl } from "#fetch";
import { parseHtmlPage } from "./html-page.ts";
import { parseJsonPage } from "./json-page.ts";
import type { ListedFile } from "./project-file.ts";

export const ACCEPT_SIMPLE =
  "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";

/** Throws `index-page-invalid`, `index-version`. */
export function parseSimplePage(answer: Pick<Answer, "bytes" | "contentType" | "url">): ListedFile[] {
  const { bytes, contentType, url } = answer;
  const [type = "", ...parameters] = contentType
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  switch (type) {
    case "application/vnd.pypi.simple.v1+json":
    case "application/json":
      return parseJsonPage(bytes.toString("utf8"), url);
    case "application/vnd.pypi.simple.v1+html":
    case "application/xhtml+xml":
    case "text/html":
      return parseHtmlPage(decode(bytes, parameters), url);
    default:
      throw new CopseError(
        "index-page-invalid",
        `Server sent something else than a page of an index (${type.slice(0, 80) || "no type"}): \`${showUrl(url)}\``,
        { hint: "an index answers with text/html or application/vnd.pypi.simple.v1+json; check its address" },
      );
  }
}

/** Throws `index-version`. Without a version it is 1.0. */
export function checkApiVersion(version: string | undefined, url: URL): void {
  const major = /^(\d+)\.\d+$/.exec(version?.trim() ?? "1.0")?.[1];
  if (major === "1") return;
  throw new CopseError(
    "index-version",
    `Index speaks version ${(version ?? "").slice(0, 20)} of the interface, and 1 is understood: \`${showUrl(url)}\``,
    { hint: "a newer copse may understand it; another index can be named in the meantime" },
  );
}

function decode(bytes: Buffer, parameters: readonly string[]): string {
  const charset = parameters
    .find((one) => one.startsWith("charset="))
    ?.slice(8)
    .replaceAll('"', "");
  try {
    return new TextDecoder(charset || "utf-8").decode(bytes);
  } catch {
    // A name of an encoding that nobody knows.
    return bytes.toString("utf8");
  }
}
