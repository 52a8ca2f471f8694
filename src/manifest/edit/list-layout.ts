/**
 * How a list looks after an edit. toml-patch keeps a list on the line that it is on, however long that becomes, and a
 * comment behind it in the column where it was. Here a list that an edit has made longer than a line gets a line for each
 * item, and the comment is as far from the list as its author had it.
 */
import { byteStringFromText, bytesFromByteString } from "#base";
import { TomlArray, type TomlExtent, type TomlNode, TomlTable } from "#format/toml";
import { type Manifest, parseManifest } from "../manifest.ts";

const LINE_LENGTH = 100;

/** `path` leads to the list, in tables. */
export function layOutList(before: Manifest, after: Manifest, path: readonly string[]): Manifest {
  if (after.source.text === before.source.text) return after;
  const found = listAt(after, path);
  if (!found) return after;
  const { text } = after.source;
  const { start, end } = found.extent;
  const written = text.slice(start, end);
  const lineStart = text.lastIndexOf("\n", start) + 1;
  const isLong = !written.includes("\n") && end - lineStart > LINE_LENGTH;
  const list = isLong ? onLines(found.list, text) : written;
  const behind = text.slice(end);
  const comment = /^ +(?=#)/.exec(behind)?.[0];
  const gap = comment === undefined ? undefined : (gapBehind(before, path) ?? " ");
  const rest = gap === undefined ? behind : gap + behind.slice(comment?.length);
  const laidOut = text.slice(0, start) + list + rest;
  return laidOut === text ? after : parseManifest(after.file, bytesFromByteString(laidOut));
}

function onLines({ extents }: TomlArray, text: string): string {
  const items = extents.map(({ start, end }) => `  ${text.slice(start, end)},\n`);
  return `[\n${items.join("")}]`;
}

/** White space between a list and the comment behind it. */
function gapBehind(manifest: Manifest, path: readonly string[]): string | undefined {
  const found = listAt(manifest, path);
  return found && /^ +(?=#)/.exec(manifest.source.text.slice(found.extent.end))?.[0];
}

function listAt(
  { document }: Pick<Manifest, "document">,
  path: readonly string[],
): { readonly list: TomlArray; readonly extent: TomlExtent } | undefined {
  let node: TomlNode = document;
  let extent: TomlExtent | undefined;
  for (const name of path) {
    if (!(node instanceof TomlTable)) return undefined;
    const key = byteStringFromText(name);
    extent = node.places.get(key)?.value;
    const next = node.members.get(key);
    if (next === undefined) return undefined;
    node = next;
  }
  return node instanceof TomlArray && !node.ofTables && extent ? { list: node, extent } : undefined;
}
