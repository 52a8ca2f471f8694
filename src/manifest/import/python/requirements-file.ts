/**
 * requirements.txt, pip's format: requirements, options, and files that it includes (`-r`, and `-c` for
 * constraints), each of them read once.
 *
 * A file that pip-compile or uv has written is a lock rather than a wish: its comments name the file that it was made of. Where
 * that is there, its requirements become packages of copse.toml, and the versions of the compiled one constraints, so that `copse
 * lock` comes to the same ones. Where it is not, the list is taken as it is.
 */
import { dirname } from "node:path";
import { type Draft, MAIN_GROUP } from "../draft.ts";
import type { Place } from "../findings.ts";
import type { ProjectFile, ProjectFolder } from "../project-folder.ts";
import { exactVersion, noteLooseness } from "./looseness.ts";
import { applyPipOption, type PipOption, readPipWords } from "./pip-options.ts";
import { entryOfRequirement } from "./requirement-entry.ts";
import { type RequirementsLine, requirementsLines } from "./requirements-lines.ts";

export interface RequirementsImport {
  readonly draft: Draft;
  readonly folder: ProjectFolder;
  readonly group?: string | undefined;
  /** Its versions are constraints, as something else says which packages are wanted. */
  readonly isLock?: boolean | undefined;
  /** Files that were read already: their paths. */
  readonly seen?: Set<string> | undefined;
  /** Where its relative paths begin, if that is not its own folder. */
  readonly from?: string | undefined;
}

const MAX_NESTING = 20;

export function importRequirements(file: ProjectFile, wanted: RequirementsImport, depth = 0): void {
  const { draft } = wanted;
  const seen = wanted.seen ?? new Set<string>();
  if (seen.has(file.path)) return;
  seen.add(file.path);
  draft.files.push(file.shown);
  const lines = requirementsLines(file.text);
  const wishes = wanted.isLock ? [] : wishesOf(lines, wanted, dirname(file.path));
  for (const one of wishes) importRequirements(one, { ...wanted, seen, from: undefined }, depth + 1);
  const isLock = wanted.isLock || wishes.length > 0;
  const reader = new RequirementsReader(file, { ...wanted, isLock, seen }, depth);
  for (const line of lines) reader.line(line);
  reader.finish();
}

class RequirementsReader {
  readonly #file: ProjectFile;
  readonly #wanted: RequirementsImport & { readonly seen: Set<string> };
  readonly #depth: number;
  readonly #loose: { readonly name: string; readonly place: Place }[] = [];
  #hashed = 0;
  #exact = 0;

  constructor(file: ProjectFile, wanted: RequirementsImport & { readonly seen: Set<string> }, depth: number) {
    this.#file = file;
    this.#wanted = wanted;
    this.#depth = depth;
  }

  get #from(): string {
    return this.#wanted.from ?? dirname(this.#file.path);
  }

  line(line: RequirementsLine): void {
    const { draft } = this.#wanted;
    const place = { file: this.#file.shown, line: line.line };
    const variable = /\$\{[A-Z0-9_]+\}/.exec(
      `${line.requirement} ${line.options.filter((one) => !one.includes("://")).join(" ")}`,
    );
    if (variable) {
      draft.findings.lose(place, `a variable's value: \`${variable[0]}\``);
      return;
    }
    const { options, rest } = readPipWords(line.options);
    if (line.requirement !== "") this.#requirement({ line, options, place });
    else for (const option of options) this.#option(option, place);
    for (const word of rest) draft.findings.lose(place, `\`${word}\`, behind options`);
  }

  #requirement(of: {
    readonly line: RequirementsLine;
    readonly options: readonly PipOption[];
    readonly place: Place;
  }): void {
    const { line, options, place } = of;
    const { draft, group, isLock } = this.#wanted;
    const found = this.#entry(line.requirement, place, false);
    if (!found) return;
    if (options.some(({ name }) => name === "--hash")) this.#hashed++;
    for (const { name, value } of options) {
      if (name === "--config-settings") {
        const [key = "", setting = ""] = value.split(/=(.*)/s);
        draft.build(found.name).settings.set(key, setting);
      } else if (name !== "--hash") draft.findings.lose(place, `\`${name}\` of \`${found.name}\``);
    }
    const version = exactVersion(found);
    if (
      version === undefined &&
      found.url === undefined &&
      found.git === undefined &&
      found.path === undefined
    )
      this.#loose.push({ name: found.name, place });
    if (version !== undefined) this.#exact++;
    if (!isLock) draft.add(found, group);
    else if (version !== undefined)
      draft.locked.push({ name: found.name, version, marker: found.marker, place });
  }

  #entry(text: string, place: Place, editable: boolean) {
    const { draft, folder } = this.#wanted;
    return entryOfRequirement(text, { draft, folder, from: this.#from, place, editable });
  }

  #option(option: PipOption, place: Place): void {
    const { draft, group } = this.#wanted;
    if (option.name === "--requirement") this.#include(option.value, place, false);
    else if (option.name === "--constraint") this.#include(option.value, place, true);
    else if (option.name === "--editable") {
      const found = this.#entry(option.value, place, true);
      if (found && !this.#wanted.isLock) draft.add(found, group ?? MAIN_GROUP);
    } else if (!applyPipOption(draft, option, place))
      draft.findings.lose(place, `\`${option.name}${option.value === "" ? "" : ` ${option.value}`}\``);
  }

  #include(path: string, place: Place, isConstraint: boolean): void {
    const { draft, folder } = this.#wanted;
    if (/^[a-z]+:\/\//i.test(path)) {
      draft.findings.lose(place, `\`${path}\`: lists are not read over the network`);
      draft.findings.mayChange(place, `\`${path}\` is read anew each time`);
      return;
    }
    const file = this.#depth < MAX_NESTING ? folder.readIncluded(path, this.#from) : undefined;
    if (!file) draft.findings.lose(place, `\`${path}\`: there is no such file in this project`);
    else if (isConstraint) importConstraints(file, this.#wanted);
    else importRequirements(file, { ...this.#wanted, from: undefined }, this.#depth + 1);
  }

  finish(): void {
    const { draft, isLock } = this.#wanted;
    if (!isLock) noteLooseness(draft, this.#loose);
    const total = this.#exact + this.#loose.length;
    // What was compiled of such a file has them.
    if (total > 0 && this.#hashed === 0 && !this.#file.shown.endsWith(".in"))
      draft.findings.mayChange(
        { file: this.#file.shown },
        "no hashes: a file of the same version can be another one",
      );
    else if (this.#hashed > 0)
      draft.findings.lose(
        { file: this.#file.shown },
        "hashes: copse.lock has its own, of the one file that is used",
      );
  }
}

/** `-c`: versions that count if a package is needed at all. */
export function importConstraints(
  file: ProjectFile,
  { draft, folder, seen = new Set() }: RequirementsImport,
): void {
  if (seen.has(file.path)) return;
  seen.add(file.path);
  draft.files.push(file.shown);
  for (const { line, requirement, options } of requirementsLines(file.text)) {
    const place = { file: file.shown, line };
    if (requirement === "") {
      for (const option of readPipWords(options).options) {
        const included = /^--(?:constraint|requirement)$/.test(option.name)
          ? folder.readIncluded(option.value, dirname(file.path))
          : undefined;
        if (included) importConstraints(included, { draft, folder, seen });
        else if (!applyPipOption(draft, option, place))
          draft.findings.lose(place, `\`${option.name} ${option.value}\``);
      }
      continue;
    }
    const found = entryOfRequirement(requirement, { draft, folder, from: dirname(file.path), place });
    if (!found) continue;
    if (found.path !== undefined) draft.findings.lose(place, `\`${requirement}\`: a constraint is no folder`);
    else draft.constraints.set(requirement.trim(), place);
  }
}

/** The files that a compiled list was made of, if its comments name them and all are there. */
function wishesOf(
  lines: readonly RequirementsLine[],
  { folder }: RequirementsImport,
  from: string,
): readonly ProjectFile[] {
  const named = new Set(
    lines.flatMap(({ comments }) => viaOf(comments).flatMap((by) => /^-r\s+(\S+)$/.exec(by)?.[1] ?? [])),
  );
  const files = [...named].map((path) =>
    folder.readIncluded(path, folder.hasFile(path, from) ? from : folder.root),
  );
  return files.every((file) => file !== undefined) ? files : [];
}

/** `via -r requirements.in`, or `via` and a line for each. */
function viaOf(comments: readonly string[]): readonly string[] {
  const text = comments.join("\n");
  const at = /^via\b/m.exec(text)?.index;
  if (at === undefined) return [];
  return text
    .slice(at + 3)
    .split(/[\n,]/)
    .map((by) => by.trim())
    .filter((by) => by !== "");
}

/** Whether all requirements of a file are exact: it is then a list of what was installed. */
export function isFreeze(file: ProjectFile): boolean {
  const lines = requirementsLines(file.text).filter(({ requirement }) => requirement !== "");
  return (
    lines.length > 0 && lines.every(({ requirement }) => /===?\s*[^*\s]+(?:\s*;.*)?$|@/.test(requirement))
  );
}
