/** What a folder with a Python project in it is called, by the files that say so without running them. */
import { basename, join, resolve } from "node:path";
import { CopseError } from "#base";
import { isName } from "#format/python";
import type { ProjectFolder } from "../project-folder.ts";
import { parseTomlTree } from "../tree/parse-tree.ts";

/** By pyproject.toml, setup.cfg or setup.py; else the folder's own name. */
export function nameOfProject(folder: ProjectFolder, path: string, from: string): string | undefined {
  const candidates = [
    () => nameInPyproject(folder, path, from),
    () => textOf("setup.cfg")?.match(/^name\s*=\s*(\S+)\s*$/m)?.[1],
    () => textOf("setup.py")?.match(/\bname\s*=\s*["']([^"']+)["']/)?.[1],
    () => basename(resolve(from, path)),
  ];
  for (const candidate of candidates) {
    const name = candidate();
    if (name !== undefined && isName(name)) return name;
  }
  return undefined;

  function textOf(file: string): string | undefined {
    return folder.readIncluded(join(path, file), from)?.text;
  }
}

function nameInPyproject(folder: ProjectFolder, path: string, from: string): string | undefined {
  const file = folder.readIncluded(join(path, "pyproject.toml"), from);
  if (!file) return undefined;
  try {
    const tree = parseTomlTree(file);
    return tree.text("project", "name") ?? tree.text("tool", "poetry", "name");
  } catch (error) {
    if (error instanceof CopseError) return undefined;
    throw error;
  }
}
