/**
 * A page of links: a project's page in HTML, or any page that find-links names.
 * https://packaging.python.org/en/latest/specifications/simple-repository-api/ (PEP 503, 592, 629, 658, 714)
 *
 * One `<a>` a file; what is known of it stands in the fragment of its address and in `data-` attributes, escaped.
 */
import { CopseError } from "#base";
import { showUrl } from "#fetch";
import { htmlTags } from "./html-tokens.ts";
import {
  checkSha256,
  fileKind,
  fileNameOf,
  fileUrl,
  isPlainFileName,
  type ListedFile,
} from "./project-file.ts";
import { checkApiVersion } from "./simple-page.ts";

/** A page of links without any file is a project without any; one that asks for something is a login, or an excuse. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(["form", "input", "button", "script", "iframe"]);

/** Throws `index-version`, `index-page-invalid`. `url` is where the page was found. */
export function parseHtmlPage(html: string, url: URL): ListedFile[] {
  let base = url;
  let isBaseSet = false;
  let isForPeople = false;
  const files: ListedFile[] = [];
  for (const { name, attributes } of htmlTags(html)) {
    if (name === "a") {
      const file = linkedFile(attributes, base);
      if (file) files.push(file);
    } else if (name === "base" && !isBaseSet) {
      const href = attributes.get("href");
      if (href === undefined) continue;
      isBaseSet = true;
      base = URL.parse(href, url.href) ?? url;
    } else if (name === "meta" && attributes.get("name")?.toLowerCase() === "pypi:repository-version") {
      checkApiVersion(attributes.get("content"), url);
    } else if (FOR_PEOPLE.has(name)) isForPeople = true;
  }
  if (files.length === 0 && isForPeople)
    throw new CopseError(
      "index-page-invalid",
      `Server sent a page for people instead of links: \`${showUrl(url)}\``,
      {
        hint: "a login page of the network or of a proxy may stand in between; check the index' address, too",
      },
    );
  return files;
}

function linkedFile(attributes: ReadonlyMap<string, string | undefined>, base: URL): ListedFile | undefined {
  const address = fileUrl(attributes.get("href") ?? "", base);
  if (!address) return undefined;
  const file = fileNameOf(address.url);
  if (fileKind(file) === undefined || !isPlainFileName(file)) return undefined;
  const sha256 = checkSha256(new URLSearchParams(address.fragment).get("sha256"));
  const requiresPython = attributes.get("data-requires-python")?.trim();
  const metadata = attributes.get("data-core-metadata") ?? attributes.get("data-dist-info-metadata");
  return {
    file,
    url: address.url,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(requiresPython ? { requiresPython } : {}),
    ...(attributes.has("data-yanked") ? { yanked: attributes.get("data-yanked")?.trim() || true } : {}),
    ...(metadata === undefined || metadata === "false" ? {} : { metadata: metadataHash(metadata) }),
  };
}

/** `sha256=…`, or `true` where the hash is not said. */
function metadataHash(text: string): { readonly sha256?: string } {
  const sha256 = checkSha256(/(?:^|[;&\s])sha256=([0-9a-f]+)/i.exec(text)?.[1]);
  return sha256 === undefined ? {} : { sha256 };
}
