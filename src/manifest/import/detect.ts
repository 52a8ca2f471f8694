/** Which of the files that import reads a file is: by its name, and where that says nothing, by what stands in it. */
import { basename } from "node:path";
import { CopseError } from "#base";
import type { ProjectFile } from "./project-folder.ts";

export type ImportKind =
  | "pyproject"
  | "pipfile"
  | "conda"
  | "requirements"
  | "dockerfile"
  | "description"
  | "python-version"
  | "uv-lock"
  | "poetry-lock"
  | "pylock"
  | "pipfile-lock"
  | "renv-lock";

/** For people. */
export const KIND_NAMES: Readonly<Record<ImportKind, string>> = {
  pyproject: "a Python project",
  pipfile: "pipenv's packages",
  conda: "a conda environment",
  requirements: "a list for pip",
  dockerfile: "an image's recipe",
  description: "an R project",
  "python-version": "a version of Python",
  "uv-lock": "uv's lock",
  "poetry-lock": "poetry's lock",
  pylock: "a lock for any installer",
  "pipfile-lock": "pipenv's lock",
  "renv-lock": "renv's lock",
};

const NAMES: readonly (readonly [RegExp, ImportKind])[] = [
  [/^pyproject\.toml$/, "pyproject"],
  [/^uv\.lock$/, "uv-lock"],
  [/^poetry\.lock$/, "poetry-lock"],
  [/^pylock(?:\.[^.]+)?\.toml$/, "pylock"],
  [/^Pipfile$/, "pipfile"],
  [/^Pipfile\.lock$/, "pipfile-lock"],
  [/^(?:environment|conda|conda-env)(?:[-_.][\w.-]+)?\.ya?ml$/i, "conda"],
  [/^renv\.lock$/, "renv-lock"],
  [/^DESCRIPTION$/, "description"],
  [/^(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|\.(?:dockerfile|containerfile)$/i, "dockerfile"],
  [/^\.python-version$/, "python-version"],
  [/^(?:[\w.-]*[-_.])?requirements(?:[-_.][\w.-]*)?\.(?:txt|in)$/i, "requirements"],
];

export function kindByName(path: string): ImportKind | undefined {
  const name = basename(path);
  return NAMES.find(([pattern]) => pattern.test(name))?.[1];
}

const CONTENTS: readonly (readonly [RegExp, ImportKind])[] = [
  [/^\s*\{[\s\S]*"_meta"[\s\S]*"default"/, "pipfile-lock"],
  [/^\s*\{[\s\S]*"Packages"\s*:/, "renv-lock"],
  [/^lock-version\s*=[\s\S]*^\[\[packages\]\]/m, "pylock"],
  [/^\[(?:project|tool\.poetry|dependency-groups)\]/m, "pyproject"],
  [/^\[(?:packages|dev-packages)\]/m, "pipfile"],
  [/^dependencies:\s*$/m, "conda"],
  [/^[ \t]*FROM[ \t]+\S+/im, "dockerfile"],
  [/^Package:\s*\S+[\s\S]*^(?:Version|Imports|Depends):/m, "description"],
  [/^[ \t]*(?:-[rceif]\s|--\w|[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*(?:$|[<>=!~;@#]))/m, "requirements"],
];

/** The beginning is enough, and patterns take no time then. */
function kindByContents(text: string): ImportKind | undefined {
  const start = text.slice(0, 16_384);
  return CONTENTS.find(([pattern]) => pattern.test(start))?.[1];
}

/** Throws CopseError `import-kind-unknown`. */
export function kindOfFile({ shown, path, text }: ProjectFile): ImportKind {
  const kind = kindByName(shown) ?? kindByName(path) ?? kindByContents(text);
  if (kind) return kind;
  throw new CopseError("import-kind-unknown", `It cannot be told what this file is: \`${shown}\``, {
    hint: "read are requirements.txt, pyproject.toml, Pipfile, environment.yml, DESCRIPTION, Dockerfile, and the lock files of pip, uv, poetry, pipenv and renv",
  });
}

/** The group of copse.toml that a list belongs to: `requirements-dev.txt`, `dev-requirements.txt`, `requirements/dev.txt`. */
export function groupOfList(shown: string): string | undefined {
  const [, folder, name = ""] = /(?:^|\/)(?:(requirements)\/)?([^/]+)\.(?:txt|in)$/i.exec(shown) ?? [];
  const rest = folder === undefined ? name.replace(/requirements/i, "") : name;
  const group = rest
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return /^(?:|base|main|prod|production|common|all|lock|locked|frozen|full)$/.test(group)
    ? undefined
    : group;
}
