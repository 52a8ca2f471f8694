/**
 * The files that an import may read. What is named in a file of somebody else's (an include, a folder of a package) is read
 * only where it lies in the project, or in the folder of a file that the user has named; links are followed first, so
 * that none leads out. Sizes and the number of files are bounded.
 */
import { opendirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { CopseError } from "#base";

const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_FILES = 500;
const MAX_LISTED = 10_000;

export interface ProjectFile {
  /** Absolute, links followed. */
  readonly path: string;
  /** For people: relative to the project where it lies in it. */
  readonly shown: string;
  readonly text: string;
}

export class ProjectFolder {
  /** Where copse.toml will be. Absolute, links followed. */
  readonly root: string;
  readonly #roots: string[];
  #files = 0;

  constructor(root: string, named: readonly string[] = []) {
    this.root = realpathSync(root);
    this.#roots = [this.root, ...named.map((file) => dirname(realpathSync(file)))];
  }

  /** What a user has named. Throws CopseError `import-unreadable`, `import-too-large`. */
  readNamed(file: string): ProjectFile {
    const found = this.#read(resolve(file));
    if (found) return found;
    throw new CopseError("import-unreadable", `There is no such file: \`${file}\``);
  }

  /** What another file names; undefined where it is no file, or not of the project. */
  readIncluded(path: string, from: string = this.root): ProjectFile | undefined {
    const place = this.#inside(resolve(from, path));
    return place === undefined ? undefined : this.#read(place);
  }

  /** Whether there is a folder of that name in the project. */
  hasFolder(path: string, from: string = this.root): boolean {
    const place = this.#inside(resolve(from, path));
    return place !== undefined && statSync(place).isDirectory();
  }

  hasFile(path: string, from: string = this.root): boolean {
    const place = this.#inside(resolve(from, path));
    return place !== undefined && statSync(place).isFile();
  }

  /** Names in a folder of the project, sorted. */
  list(path = "."): string[] {
    const names: string[] = [];
    const folder = opendirSync(join(this.root, path));
    try {
      for (let entry = folder.readSync(); entry && names.length < MAX_LISTED; entry = folder.readSync())
        names.push(entry.name);
    } finally {
      folder.closeSync();
    }
    return names.sort();
  }

  /** Relative to copse.toml, as copse.toml writes it: `.`, `lib/a`, `../shared`. */
  relative(path: string, from: string = this.root): string {
    const given = relative(this.root, resolve(from, path));
    return given === "" ? "." : given;
  }

  #inside(path: string): string | undefined {
    let real: string;
    try {
      real = realpathSync(path);
    } catch {
      return undefined;
    }
    return this.#roots.some((root) => isBelow(real, root)) ? real : undefined;
  }

  #read(path: string): ProjectFile | undefined {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return undefined;
    const shown = isBelow(path, this.root) ? relative(this.root, path) : basename(path);
    if (stat.size > MAX_FILE_BYTES)
      throw new CopseError(
        "import-too-large",
        `File is larger than ${MAX_FILE_BYTES >> 20} MiB: \`${shown}\``,
      );
    if (++this.#files > MAX_FILES)
      throw new CopseError(
        "import-too-large",
        `More than ${MAX_FILES} files are named by others, the last: \`${shown}\``,
      );
    const text = readText(path, shown);
    if (text.includes("\0")) throw new CopseError("import-syntax", `File is no text: \`${shown}\``);
    return { path: realpathSync(path), shown, text };
  }
}

function readText(path: string, shown: string): string {
  try {
    return textOf(readFileSync(path));
  } catch (cause) {
    throw new CopseError("import-unreadable", `File cannot be read: \`${shown}\``, { cause });
  }
}

function isBelow(path: string, root: string): boolean {
  const rest = relative(root, path);
  return rest === "" || (!isAbsolute(rest) && rest !== ".." && !rest.startsWith(`..${sep}`));
}

/** PowerShell's `>` writes UTF-16 with a mark; everybody else UTF-8. */
function textOf(bytes: Buffer): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
  return new TextDecoder(encoding).decode(bytes).replace(/\r\n?/g, "\n");
}
