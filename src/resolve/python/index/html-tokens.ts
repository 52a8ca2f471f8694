/**
 * The tags of an HTML page, as browsers and Python's `html.parser` find them; text between tags is skipped.
 * https://html.spec.whatwg.org/multipage/parsing.html#tokenization
 *
 * A page of links needs `<a>`, `<base>` and `<meta>` alone, so there is no tree: one pass over the text, attributes in
 * any quotes or none, comments and the contents of `<script>` and the like stepped over. Nothing is malformed; what is
 * cut off at the end of the page is no tag.
 */
import { decodeEntities } from "./html-entities.ts";

export interface HtmlTag {
  /** In lower case. */
  readonly name: string;
  /** Names in lower case, the first of each counts. A value is undefined where only a name stands. */
  readonly attributes: ReadonlyMap<string, string | undefined>;
}

const ATTRIBUTE = /([^\s"'<>/=\0][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?/gy;
const SKIP = /[\s/]+/gy;

/** Elements whose contents are text, whatever stands in them. */
const RAW_TEXT = new Set(["script", "style", "title", "textarea", "xmp", "noframes", "iframe"]);

export function* htmlTags(html: string): Generator<HtmlTag> {
  let at = 0;
  for (;;) {
    at = html.indexOf("<", at);
    if (at === -1) return;
    const next = html[at + 1] ?? "";
    if (html.startsWith("<!--", at)) {
      at = endOfComment(html, at);
    } else if (next === "!" || next === "?" || next === "/") {
      at = after(html, ">", at);
    } else if (/[a-z]/i.test(next)) {
      const read = readTag(html, at + 1);
      if (!read) return;
      yield read.tag;
      at = read.end;
      if (RAW_TEXT.has(read.tag.name)) at = endOfRawText(html, at, read.tag.name);
    } else at++;
    if (at === -1) return;
  }
}

function readTag(html: string, start: number): { readonly tag: HtmlTag; readonly end: number } | undefined {
  let at = start;
  while (at < html.length && !/[\s/>]/.test(html[at] as string)) at++;
  const name = html.slice(start, at).toLowerCase();
  const attributes = new Map<string, string | undefined>();
  for (;;) {
    SKIP.lastIndex = at;
    if (SKIP.test(html)) at = SKIP.lastIndex;
    if (at >= html.length) return undefined;
    if (html[at] === ">") return { tag: { name, attributes }, end: at + 1 };
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(html);
    if (!match) {
      at++;
      continue;
    }
    at = ATTRIBUTE.lastIndex;
    const key = (match[1] as string).toLowerCase();
    const value = match[2] ?? match[3] ?? match[4];
    if (!attributes.has(key)) attributes.set(key, value === undefined ? undefined : decodeEntities(value));
  }
}

/** `<!-->` and `<!--->` are whole comments; `--!>` ends one too. */
function endOfComment(html: string, start: number): number {
  const short = /^<!--(?:>|->)/.exec(html.slice(start, start + 6));
  if (short) return start + short[0].length;
  const end = /--!?>/g;
  end.lastIndex = start + 4;
  return end.test(html) ? end.lastIndex : -1;
}

function endOfRawText(html: string, start: number, name: string): number {
  const end = new RegExp(`</${name}(?=[\\s/>])`, "gi");
  end.lastIndex = start;
  return end.test(html) ? after(html, ">", end.lastIndex) : -1;
}

function after(html: string, text: string, from: number): number {
  const at = html.indexOf(text, from);
  return at === -1 ? -1 : at + text.length;
}
