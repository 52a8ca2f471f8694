/**
 * The folder that a shell of nix-shell has for its own, as a build has one: `NIX_BUILD_TOP`, with long variables
 * (`passAsFile`) and structured attributes as files. The shell removes it when it ends.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "#build/warm";

export interface BuildFolder {
  readonly path: string;
  /** All of the derivation's, those that became files by their `…Path`. */
  readonly variables: Record<string, string>;
}

export function makeBuildFolder(
  environment: Environment,
  options: { readonly programName: string; readonly cores: number },
): BuildFolder {
  const path = mkdtempSync(join(tmpdir(), `${options.programName}-`));
  const variables: Record<string, string> = {
    NIX_STORE: environment.store.storeDir,
    NIX_BUILD_CORES: String(options.cores),
  };
  for (const name of ["NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP"]) variables[name] = path;
  const { structured, passAsFile } = environment;
  const asFile = new Set(passAsFile);
  let files = 0;
  for (const [name, value] of Object.entries(environment.variables)) {
    if (!asFile.has(name)) {
      variables[name] = value;
      continue;
    }
    const file = join(path, `.attr-${files++}`);
    writeFileSync(file, value);
    variables[`${name}Path`] = file;
  }
  if (structured) {
    const sh = join(path, ".attrs.sh");
    const json = join(path, ".attrs.json");
    writeFileSync(sh, structured.sh);
    writeFileSync(json, structured.json);
    Object.assign(variables, { NIX_ATTRS_SH_FILE: sh, NIX_ATTRS_JSON_FILE: json });
  }
  return { path, variables };
}
