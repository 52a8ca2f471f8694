/**
 * copse.toml as it was read: its data, and where in the text each part stands.
 *
 * Reading checks the form alone, as it happens at every start of a command; whether names that are referred to exist,
 * and requirements mean something, `check.ts` says before anything is made of it.
 */
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { byteStringFromBytes, byteStringFromText, CopseError, type Source, type Span } from "#base";
import {
  TomlArray,
  type TomlExtent,
  type TomlNode,
  TomlParser,
  TomlSyntaxError,
  TomlTable,
} from "#format/toml";
import { type ManifestData, manifestShape } from "./definition/manifest.ts";
import { readDocument } from "./schema/read.ts";

export const MANIFEST_FILE = "copse.toml";

/** Keys and positions in lists that lead to a value. */
export type ManifestPath = readonly (string | number)[];

export interface Manifest {
  /** Absolute. */
  readonly file: string;
  readonly folder: string;
  readonly name: string;
  readonly source: Source;
  readonly document: TomlTable;
  readonly data: ManifestData;
}

const MAX_BYTES = 4 * 1024 * 1024;

/** @throws CopseError `manifest-unreadable`, `manifest-syntax`, and what `readDocument` throws. */
export function readManifest(file: string): Manifest {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new CopseError("manifest-unreadable", `File cannot be read: \`${file}\``, { cause });
  }
  return parseManifest(file, bytes);
}

export function parseManifest(file: string, bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_BYTES)
    throw new CopseError("manifest-syntax", `File is too large for a manifest: \`${file}\``);
  const source = { name: byteStringFromText(file), text: byteStringFromBytes(bytes) };
  const document = parseDocument(source);
  const data = readDocument(document, manifestShape, source);
  const folder = dirname(file);
  return { file, folder, name: data.name ?? nameOfFolder(folder), source, document, data };
}

/** A folder may be called what no project can be. */
function nameOfFolder(folder: string): string {
  const name = basename(folder)
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "");
  return name === "" ? "project" : name;
}

function parseDocument(source: Source): TomlTable {
  try {
    return new TomlParser(source.text).parse();
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    const reason = error.message.replace(/^\[error\] (?:toml::\w+: )?/, "");
    const start = error.offset ?? 0;
    const hint = /[Dd]ates and times/.test(reason) ? 'write a date in quotes: "2024-03-01"' : undefined;
    throw new CopseError("manifest-syntax", `This is no TOML: \`${reason}\``, {
      span: { source, start, end: start + 1 },
      hint,
    });
  }
}

/** Where a value stands; where it does not, what it would be part of. */
export function placeOf(manifest: Pick<Manifest, "source" | "document">, path: ManifestPath): Span {
  let node: TomlNode | undefined = manifest.document;
  let extent: TomlExtent = { start: 0, end: 0 };
  for (const step of path) {
    if (node instanceof TomlTable && typeof step === "string") {
      const name: string = byteStringFromText(step);
      const place = node.places.get(name);
      if (!place) break;
      node = node.members.get(name);
      // Of a table that has a header, the header; of one that dotted keys made, its key.
      extent = place.value;
    } else if (node instanceof TomlArray && typeof step === "number") {
      const found: TomlExtent | undefined = node.extents[step];
      if (!found) break;
      node = node.items[step];
      extent = found;
    } else break;
  }
  return { source: manifest.source, ...extent };
}
