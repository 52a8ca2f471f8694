/** For tests: a project of files, imported in a folder that is gone afterwards. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkManifest } from "../check/check.ts";
import { manifestExpression } from "../expression/expression.ts";
import { type Manifest, parseManifest } from "../manifest.ts";
import { formatPlace, type ImportResult, importProject } from "./mod.ts";

export interface ImportedProject {
  readonly manifest: Manifest;
  readonly data: Manifest["data"];
  readonly text: string;
  readonly result: ImportResult;
  /** `file:line: text` */
  readonly lost: readonly string[];
  readonly unreproducible: readonly string[];
}

/** Imports what stands in `files`, by name; the manifest that comes out is read and checked. */
export function imported(
  files: Readonly<Record<string, string | Buffer>>,
  {
    named = [],
    knownIndexes = [],
  }: { readonly named?: readonly string[]; readonly knownIndexes?: readonly string[] } = {},
): ImportedProject {
  const outside = mkdtempSync(join(tmpdir(), "copse-import-"));
  const folder = join(outside, "project");
  try {
    for (const [name, contents] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), contents);
    }
    const result = importProject({ folder, files: named.map((name) => join(folder, name)), knownIndexes });
    const manifest = parseManifest(join(folder, "copse.toml"), Buffer.from(result.text));
    checkManifest(manifest);
    manifestExpression(manifest);
    const lines = (findings: ImportResult["lost"]) =>
      findings.map(({ place, text }) => `${formatPlace(place)}: ${text}`);
    return {
      manifest,
      data: manifest.data,
      text: result.text,
      result,
      lost: lines(result.lost),
      unreproducible: lines(result.unreproducible),
    };
  } finally {
    rmSync(outside, { recursive: true, force: true });
  }
}
