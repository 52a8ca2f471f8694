/** What the control file of an unpacked package says, as far as merging packages needs it. */
import { readFileSync } from "node:fs";
import type { ByteString } from "#base";
import {
  type DebRelation,
  parseDebRelations,
  parseStanzas,
  type Stanza,
  satisfiesDebConstraint,
} from "#format";
import { fsPath } from "../byte-path.ts";
import type { TreeSource } from "../views/merged-tree.ts";
import { COPSE_DIRECTORY } from "./deb-member-path.ts";

/** The stanza of an unpacked package; undefined where a tree has none, as hand-made trees may. */
export function readControl(treePath: ByteString): Stanza | undefined {
  const text = readControlFile(treePath, "control");
  return text === undefined ? undefined : parseStanzas(text).next().value || undefined;
}

/** One of a package's control files, as bytes in a string. */
export function readControlFile(treePath: ByteString, name: string): ByteString | undefined {
  try {
    return readFileSync(fsPath(`${treePath}/${COPSE_DIRECTORY}/control/${name}`), "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function packageNameOf(source: TreeSource): string {
  return readControl(source.realPath)?.get("Package") ?? source.label;
}

/**
 * dpkg's rule for a file in two packages: the one that declares `Replaces:` on the other keeps it, whichever
 * was unpacked first.
 */
export function replacementByControl(first: TreeSource, second: TreeSource): "first" | "second" | undefined {
  const [control, other] = [readControl(first.realPath), readControl(second.realPath)];
  if (!control || !other) return undefined;
  if (replaces(other, control)) return "second";
  if (replaces(control, other)) return "first";
  return undefined;
}

function replaces(replacer: Stanza, replaced: Stanza): boolean {
  const version = replaced.get("Version") ?? "0";
  const replacedName = replaced.get("Package");
  const field = replacer.get("Replaces");
  if (field === undefined) return false;
  return parseDebRelations(field)
    .flat()
    .some(
      ({ name, version: constraint }: DebRelation) =>
        name === replacedName && (constraint === undefined || satisfiesDebConstraint(version, constraint)),
    );
}
