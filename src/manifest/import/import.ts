/**
 * Files of other tools to one copse.toml.
 *
 * What says which packages are wanted is read before the locks, whose versions then are constraints; see `python/lock-file.ts`.
 */
import { resolve } from "node:path";
import { importCondaEnvironment } from "./conda/environment-file.ts";
import { groupOfList, type ImportKind, kindByName, kindOfFile } from "./detect.ts";
import { importDockerfile } from "./docker/import-dockerfile.ts";
import { Draft } from "./draft.ts";
import type { Finding } from "./findings.ts";
import { finishDraft } from "./finish-draft.ts";
import { type ProjectFile, ProjectFolder } from "./project-folder.ts";
import type { LockReader } from "./python/lock-file.ts";
import { importPipfile } from "./python/pipfile.ts";
import { importPipfileLock } from "./python/pipfile-lock.ts";
import { importPoetryLock } from "./python/poetry-lock.ts";
import { importPylock } from "./python/pylock.ts";
import { importPyproject } from "./python/pyproject.ts";
import { wantPython } from "./python/python-version.ts";
import { importRequirements, isFreeze } from "./python/requirements-file.ts";
import { importUvLock } from "./python/uv-lock.ts";
import { importDescription } from "./r/description.ts";
import { importRenvLock } from "./r/renv-lock.ts";
import { manifestText } from "./write/manifest-text.ts";

export interface ImportRequest {
  /** Where copse.toml will be. */
  readonly folder: string;
  /** Absolute. None: what the folder has. */
  readonly files: readonly string[];
  /** Indexes that pip asks on this machine anyway, so that they need not stand in copse.toml. */
  readonly knownIndexes: readonly string[];
}

export interface ImportedFile {
  readonly file: string;
  readonly kind: ImportKind;
}

export interface ImportResult {
  readonly files: readonly ImportedFile[];
  readonly text: string;
  readonly lost: readonly Finding[];
  readonly unreproducible: readonly Finding[];
  /** Names taken for PyPI's because conda has them. */
  readonly guessed: readonly string[];
}

interface Input extends ImportedFile {
  readonly source: ProjectFile;
}

/** Throws CopseError `import-unreadable`, `import-too-large`, `import-syntax`, `import-kind-unknown`. */
export function importProject({ folder: root, files, knownIndexes }: ImportRequest): ImportResult {
  const folder = new ProjectFolder(root, files);
  const named = files.length > 0 ? files : findFiles(folder).map((file) => resolve(folder.root, file));
  const inputs = named.map((file): Input => {
    const source = folder.readNamed(file);
    return { file: source.shown, kind: kindOfFile(source), source };
  });
  const draft = new Draft();
  draft.knowIndexes(knownIndexes);
  readAll(inputs, { draft, folder });
  const text = manifestText(finishDraft(draft));
  const inOrder = (findings: readonly Finding[]) => sorted(findings, draft.files);
  return {
    files: inputs.map(({ file, kind }) => ({ file, kind })),
    text,
    lost: inOrder(draft.findings.lost),
    unreproducible: inOrder(draft.findings.unreproducible),
    guessed: [...draft.guessed],
  };
}

/** By file, in the order in which they were read, then by line. */
function sorted(findings: readonly Finding[], files: readonly string[]): readonly Finding[] {
  const order = ({ place }: Finding) => files.indexOf(place.file);
  return [...findings].sort((a, b) => order(a) - order(b) || (a.place.line ?? 0) - (b.place.line ?? 0));
}

/** Names of files in a folder that import reads, what wants before what locks. */
export function findFiles(folder: ProjectFolder): string[] {
  const names = folder.list();
  const listed =
    names.includes("requirements") && folder.hasFolder("requirements") ? folder.list("requirements") : [];
  const lists = listed.filter((name) => /\.(?:txt|in)$/.test(name)).map((name) => `requirements/${name}`);
  const found = [...names.filter((name) => kindByName(name) !== undefined && folder.hasFile(name)), ...lists];
  return found.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

const ORDER: readonly ImportKind[] = [
  ...([
    "pyproject",
    "pipfile",
    "conda",
    "requirements",
    "description",
    "dockerfile",
    "python-version",
  ] as const),
  ...(["uv-lock", "poetry-lock", "pipfile-lock", "pylock", "renv-lock"] as const),
];

function rank(file: string): number {
  return ORDER.indexOf(kindByName(file) ?? "requirements");
}

const LOCKS: Partial<
  Record<ImportKind, { readonly read: LockReader; readonly wishes: readonly ImportKind[] }>
> = {
  "uv-lock": { read: importUvLock, wishes: ["pyproject"] },
  "poetry-lock": { read: importPoetryLock, wishes: ["pyproject"] },
  "pipfile-lock": { read: importPipfileLock, wishes: ["pipfile"] },
  pylock: { read: importPylock, wishes: ["pyproject", "pipfile", "requirements", "conda", "uv-lock"] },
};

function readAll(
  inputs: readonly Input[],
  { draft, folder }: { readonly draft: Draft; readonly folder: ProjectFolder },
): void {
  const seen = new Set<string>();
  // A list for development may include the others, which are not its own then.
  const isOfGroup = ({ kind, file }: Input) =>
    Number(kind === "requirements" && groupOfList(file) !== undefined);
  const inputsInOrder = [...inputs].sort(
    (a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || isOfGroup(a) - isOfGroup(b),
  );
  const kinds = new Set(inputs.map(({ kind }) => kind));
  for (const { kind, source } of inputsInOrder) {
    const wanted = { draft, folder, seen };
    const lock = LOCKS[kind];
    if (lock) lock.read(source, { draft, folder, hasWishes: lock.wishes.some((one) => kinds.has(one)) });
    else if (kind === "renv-lock") importRenvLock(source, { draft, hasWishes: kinds.has("description") });
    else if (kind === "pyproject") importPyproject(source, wanted);
    else if (kind === "pipfile") importPipfile(source, wanted);
    else if (kind === "conda") importCondaEnvironment(source, wanted);
    else if (kind === "dockerfile") importDockerfile(source, wanted);
    else if (kind === "description") importDescription(source, draft);
    else if (kind === "python-version") importPythonVersion(source, draft);
    else {
      draft.usesPython = true;
      const isLock = isLockOf(source, inputs);
      importRequirements(source, { ...wanted, group: groupOfList(source.shown), isLock });
    }
  }
}

/** A list of exact versions beside a file that says what is wanted: `requirements.in`, pyproject.toml, ... */
function isLockOf(source: ProjectFile, inputs: readonly Input[]): boolean {
  if (source.shown.endsWith(".in") || !isFreeze(source)) return false;
  const own = source.shown.replace(/\.txt$/, ".in");
  return inputs.some(
    ({ kind, file }) => kind === "pyproject" || kind === "pipfile" || kind === "conda" || file === own,
  );
}

function importPythonVersion(source: ProjectFile, draft: Draft): void {
  draft.files.push(source.shown);
  const at = source.text.split("\n").findIndex((line) => /^\s*[^#\s]/.test(line));
  const text = source.text
    .split("\n")
    [at]?.trim()
    .replace(/^(?:cpython-|python-)/, "");
  if (text !== undefined)
    wantPython(draft, { text, isExact: true, place: { file: source.shown, line: at + 1 } });
}
