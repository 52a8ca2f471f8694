/**
 * Edits of copse.toml as a text. The text is parsed to plain values, these are changed, and toml-patch carries the
 * difference over into the text. What comes out is read again: an edit never leaves a file that cannot be read.
 */
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { parse, patch } from "@decimalturn/toml-patch";
import { byteStringFromText, bytesFromByteString, CopseError } from "#base";
import { TomlTable } from "#format/toml";
import { type Manifest, parseManifest } from "../manifest.ts";

/** Plain values of TOML. */
export type TomlValue = string | number | boolean | TomlValue[] | TomlObject;
export interface TomlObject {
  [name: string]: TomlValue;
}

/**
 * The manifest after `change`; nothing is written. A table that `change` is to add members to is made first, with a header of
 * its own where it has none. @throws CopseError what reading the result throws.
 */
export function editManifest(
  manifest: Manifest,
  change: (document: TomlObject) => void,
  { table = [] }: { readonly table?: readonly string[] } = {},
): Manifest {
  const text = withHeader(manifest, table);
  const document = parse(text) as TomlObject;
  change(document);
  const edited = patch(text, document, { bracketSpacing: false });
  return parseManifest(manifest.file, Buffer.from(edited));
}

/** toml-patch would write a new table into its parent, in braces. */
function withHeader(manifest: Manifest, path: readonly string[]): string {
  const text = manifestText(manifest);
  let node: TomlTable = manifest.document;
  for (const name of path) {
    const next = node.members.get(byteStringFromText(name));
    if (next === undefined) {
      const header = `[${path.map((each) => (/^[A-Za-z0-9_-]+$/.test(each) ? each : JSON.stringify(each))).join(".")}]`;
      const gap = text === "" || text.endsWith("\n\n") ? "" : text.endsWith("\n") ? "\n" : "\n\n";
      return `${text}${gap}${header}\n`;
    }
    // Nothing can be added by a header to what is written otherwise.
    if (!(next instanceof TomlTable) || next.origin === "inline" || next.origin === "dotted") return text;
    node = next;
  }
  return text;
}

export function manifestText({ source }: Pick<Manifest, "source">): string {
  return bytesFromByteString(source.text).toString("utf8");
}

/** Written aside and renamed, with the permissions that it had. @throws CopseError `manifest-unwritable`. */
export function writeManifest({ file, source }: Manifest): void {
  const aside = `${file}.${process.pid}.tmp`;
  try {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode;
    writeFileSync(aside, bytesFromByteString(source.text), {
      flag: "wx",
      ...(mode !== undefined && { mode }),
    });
    renameSync(aside, file);
  } catch (cause) {
    rmSync(aside, { force: true });
    throw new CopseError("manifest-unwritable", `File cannot be written: \`${file}\``, { cause });
  }
}

/** The table that a path leads to, made where it is missing. @throws CopseError `manifest-type`. */
export function tableAt(document: TomlObject, path: readonly string[]): TomlObject {
  let table = document;
  for (const name of path) {
    table[name] ??= {};
    const next: TomlValue = table[name];
    if (typeof next !== "object" || Array.isArray(next))
      throw new CopseError("manifest-type", `Expected a table: \`${path.join(".")}\``);
    table = next;
  }
  return table;
}
