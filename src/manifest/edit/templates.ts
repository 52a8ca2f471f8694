/** Projects to begin with: folders below templates/, each with a copse.toml that says what it is for. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CopseError, installedPath, nearestNames } from "#base";
import { MANIFEST_FILE, parseManifest } from "../manifest.ts";
import { editManifest, manifestText } from "./edit-manifest.ts";

export interface Template {
  readonly name: string;
  readonly description: string;
}

export function templates(): Template[] {
  const folder = installedPath("templates");
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, MANIFEST_FILE)))
    .sort()
    .map((name) => {
      const file = join(folder, name, MANIFEST_FILE);
      return { name, description: parseManifest(file, readFileSync(file)).data.description ?? "" };
    });
}

/** The files of a template by their paths, with the project's own name. @throws CopseError `template-unknown`. */
export function templateFiles(template: string, project: string): Map<string, string> {
  const names = templates().map(({ name }) => name);
  if (!names.includes(template)) {
    const near = nearestNames(template, names);
    throw new CopseError("template-unknown", `There is no such template: \`${template}\``, {
      hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : `templates are ${names.join(", ")}`,
    });
  }
  const folder = installedPath(join("templates", template));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, "utf8");
      const isManifest = entry.name === MANIFEST_FILE;
      return [path.slice(folder.length + 1), isManifest ? named(path, { text, project }) : text];
    }),
  );
}

function named(path: string, { text, project }: { readonly text: string; readonly project: string }): string {
  const manifest = parseManifest(path, Buffer.from(text));
  return manifestText(
    editManifest(manifest, (document) => {
      document["name"] = project;
    }),
  );
}

/** A manifest with nothing in it but what everybody looks for first. */
export function emptyManifest(project: string): string {
  return `name = ${JSON.stringify(project)}

[system] # Debian's: programs, libraries, compilers
packages = []

[python] # PyPI's: "numpy", "torch>=2", "monai[all]"
packages = []

[tasks]
`;
}

/** Writes files that are not there yet, all or none. @throws CopseError `file-exists`. */
export function writeProject(folder: string, files: ReadonlyMap<string, string>): void {
  const there = [...files.keys()].find((path) => existsSync(join(folder, path)));
  if (there !== undefined) {
    throw new CopseError("file-exists", `There is a file already: \`${join(folder, there)}\``, {
      hint: basename(there) === MANIFEST_FILE ? "`copse add` adds packages to it" : "choose another folder",
    });
  }
  for (const [path, text] of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: "wx" });
  }
}
