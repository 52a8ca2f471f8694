/** Which file of the project a path inside an image is, by the COPY and ADD that put it there. */
import { posix } from "node:path";

interface Copy {
  readonly sources: readonly string[];
  /** Absolute. */
  readonly target: string;
  readonly isFolder: boolean;
}

export class CopiedFiles {
  workdir = "/";
  readonly #copies: Copy[] = [];

  enter(folder: string): void {
    this.workdir = posix.resolve(this.workdir, folder);
  }

  copy(sources: readonly string[], target: string): void {
    const isFolder = sources.length > 1 || /(?:^|\/)\.?$/.test(target);
    this.#copies.push({ sources, target: posix.resolve(this.workdir, target), isFolder });
  }

  /** Where a path might be in the project, the likeliest first. */
  candidates(path: string): readonly string[] {
    const wanted = posix.resolve(this.workdir, path);
    const found = this.#copies.toReversed().flatMap(({ sources, target, isFolder }) =>
      sources.flatMap((source) => {
        const plain = source.replace(/^\/+/, "") || ".";
        if (!isFolder && wanted === target) return [plain];
        const rest = posix.relative(target, wanted);
        if (rest.startsWith("..") || rest === "") return wanted === target ? [plain] : [];
        // A file keeps its name in a folder; a folder's contents are copied without it.
        return matches(rest, posix.basename(plain))
          ? [posix.join(posix.dirname(plain), rest), posix.join(plain, rest)]
          : [posix.join(plain, rest)];
      }),
    );
    return [...found, ...(posix.isAbsolute(path) ? [] : [path])];
  }
}

/** `requirements*.txt` as COPY takes it. */
function matches(name: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, "[^/]*")
    .replace(/\?/g, "[^/]");
  return new RegExp(`^${source}$`).test(name);
}
