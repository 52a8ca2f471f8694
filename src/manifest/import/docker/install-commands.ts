/** The commands of a RUN that install something, each as what it means for copse.toml. */
import { isRPackageName } from "#format/r";
import { CondaSpecs, importCondaEnvironment } from "../conda/environment-file.ts";
import type { Draft, DraftPackage } from "../draft.ts";
import { type Place, someOf } from "../findings.ts";
import type { ProjectFile, ProjectFolder } from "../project-folder.ts";
import { exactVersion, noteLooseness } from "../python/looseness.ts";
import { applyPipOption, readPipWords } from "../python/pip-options.ts";
import { importPyproject } from "../python/pyproject.ts";
import { entryOfRequirement } from "../python/requirement-entry.ts";
import { importConstraints, importRequirements } from "../python/requirements-file.ts";
import { BASE_PACKAGES } from "../r/base-packages.ts";
import type { CopiedFiles } from "./copied-files.ts";
import type { ShellCommand } from "./shell-commands.ts";

export interface InstallContext {
  readonly draft: Draft;
  readonly folder: ProjectFolder;
  readonly copied: CopiedFiles;
  readonly seen: Set<string>;
  readonly place: Place;
}

/** Commands that leave nothing behind which an environment would need. */
const WITHOUT_TRACE =
  /^(?:apt-get|apt|rm|mkdir|cd|echo|true|set|export|chmod|chown|ln|cp|mv|touch|ldconfig|update-ca-certificates|locale-gen|ls|pwd|which|test|\[|fi|done|if|for|groupadd|useradd|adduser|usermod|conda|mamba|micromamba|find|sync|printf|unset|source|\.|:)$/;

/** @returns whether the command was understood. */
export function importCommand(command: ShellCommand, context: InstallContext): boolean {
  const { draft, place } = context;
  const [program = "", ...args] = command.words;
  const name = program.split("/").at(-1) ?? "";
  if (/^(?:curl|wget)$/.test(name)) {
    const piped =
      command.pipedTo !== undefined &&
      /(?:^|\/)(?:sh|bash|zsh|python3?|tar|gpg|apt-key)$/.test(command.pipedTo);
    draft.findings.mayChange(
      place,
      piped
        ? `\`${name} | ${command.pipedTo}\`: what is fetched and run can be another thing tomorrow`
        : `\`${command.text}\`: a file without a hash`,
    );
    draft.findings.lose(place, `\`${command.text}\`: name the file in [data], or the program in [system]`);
    return true;
  }
  if (/^apt(?:-get|itude)?$/.test(name)) return importApt(args, context);
  const pip = pipArguments(name, args);
  if (pip) return importPip(pip, context);
  if (/^(?:conda|mamba|micromamba)$/.test(name)) return importConda(args, context);
  if (/^(?:R|Rscript|r|littler|install2\.r|installBioc\.r)$/.test(name)) return importR(name, args, context);
  return WITHOUT_TRACE.test(name) || command.words.length === 0;
}

/** Programs that every environment with Python has, or that only installing needs. */
const APT_WITHOUT_MEANING =
  /^(?:python3?(?:\.\d+)?(?:-(?:pip|dev|venv|minimal|full|setuptools|wheel|distutils))?|python-is-python3|apt-utils|apt-transport-https|software-properties-common|gnupg2?|lsb-release|dirmngr|debconf|r-base(?:-core|-dev)?)$/;

function importApt(args: readonly string[], { draft, place }: InstallContext): boolean {
  const words = args.filter((word) => !word.startsWith("-"));
  if (words[0] === "build-dep" || words[0] === "source") return false;
  if (words[0] !== "install") return true;
  const loose: string[] = [];
  for (const word of words.slice(1)) {
    const [, name = "", version] =
      /^([a-z0-9][a-z0-9+.-]*?)(?::[a-z0-9]+)?(?:=(\S+))?(?:\/\S+)?[+-]?$/.exec(word) ?? [];
    if (name.length < 2) {
      draft.findings.lose(place, `\`apt install ${word}\``);
      continue;
    }
    if (version === undefined) loose.push(name);
    if (/^python3?(?:-|$)/.test(name)) draft.usesPython = true;
    if (/^r-base/.test(name)) draft.usesR = true;
    if (APT_WITHOUT_MEANING.test(name)) continue;
    const r = /^r-cran-(.+)$/.exec(name)?.[1];
    if (/^python3-/.test(name))
      draft.findings.lose(
        place,
        `\`${name}\`: packages of Python come from PyPI here; add it below [python]`,
      );
    else if (r !== undefined) addDebianR(draft, r);
    else draft.system.add(name);
    if (version !== undefined && draft.system.has(name)) draft.pins.push({ package: name, version });
  }
  if (loose.length > 0) draft.findings.mayChange(place, `apt without a version: ${someOf(loose)}`);
  return true;
}

/** `r-cran-lme4`: Debian's name has lost its capitals, and asking for Debian's package gives it all the same. */
function addDebianR(draft: Draft, name: string): void {
  draft.usesR = true;
  draft.system.add(`r-cran-${name}`);
}

/** What follows `pip install`, in the ways to call it. */
function pipArguments(name: string, args: readonly string[]): readonly string[] | undefined {
  if (/^pip(?:3(?:\.\d+)?)?$/.test(name)) return args;
  if (/^python(?:3(?:\.\d+)?)?$/.test(name) && args[0] === "-m" && args[1] === "pip") return args.slice(2);
  if (name === "uv" && args[0] === "pip") return args.slice(1);
  if (
    name === "poetry" ||
    name === "pipenv" ||
    (name === "uv" && /^(?:sync|venv|python|tool|run)$/.test(args[0] ?? ""))
  )
    return ["config"];
  return undefined;
}

function importPip(args: readonly string[], context: InstallContext): boolean {
  const { draft, folder, copied, seen, place } = context;
  const [action, ...words] = args;
  draft.usesPython = true;
  if (action !== "install") return true;
  const { options, rest } = readPipWords(words);
  const entry = (text: string, editable: boolean): DraftPackage | undefined => {
    const path = text.replace(/\[[^\]]*\]$/, "");
    const inProject = /^[./]/.test(path)
      ? copied.candidates(path).find((one) => folder.hasFolder(one) || folder.hasFile(one))
      : undefined;
    const wanted = inProject === undefined ? text : `./${inProject}${text.slice(path.length)}`;
    return entryOfRequirement(wanted, { draft, folder, from: folder.root, place, editable });
  };
  for (const option of options) {
    if (option.name === "--editable") add(entry(option.value, true));
    else if (option.name === "--requirement" || option.name === "--constraint") {
      const file = fileOf(option.value, context);
      if (!file)
        draft.findings.lose(place, `\`${option.value}\`: no COPY says which file of this project it is`);
      else if (/pyproject\.toml$/.test(file.path)) importPyprojectOnce(file, context);
      else if (option.name === "--constraint") importConstraints(file, { draft, folder, seen });
      else importRequirements(file, { draft, folder, seen });
    } else if (!applyPipOption(draft, option, place))
      draft.findings.lose(
        place,
        `\`pip install ${option.name}${option.value === "" ? "" : ` ${option.value}`}\``,
      );
  }
  // Tools that install are part of every environment already.
  for (const word of rest)
    if (!/^(?:pip|setuptools|wheel|uv|poetry|pipenv)(?:[<>=!~].*)?$/.test(word)) add(entry(word, false));
  return true;

  function add(found: DraftPackage | undefined): void {
    if (!found) return;
    draft.add(found);
    if (exactVersion(found) === undefined && (found.url ?? found.git ?? found.path) === undefined)
      noteLooseness(draft, [{ name: found.name, place }]);
  }
}

function importPyprojectOnce(file: ProjectFile, { draft, folder, seen }: InstallContext): void {
  if (seen.has(file.path)) return;
  seen.add(file.path);
  importPyproject(file, { draft, folder, seen });
}

function fileOf(path: string, { copied, folder }: InstallContext): ProjectFile | undefined {
  const found = copied.candidates(path).find((one) => folder.hasFile(one));
  return found === undefined ? undefined : folder.readIncluded(found);
}

const CONDA_VALUES = /^(?:-c|--channel|-n|--name|-p|--prefix|-f|--file|--solver)$/;

function importConda(args: readonly string[], context: InstallContext): boolean {
  const { draft, place, seen, folder } = context;
  const words = args[0] === "env" ? args.slice(1) : args;
  if (!/^(?:install|create|update)$/.test(words[0] ?? "")) return true;
  const specs = new CondaSpecs(draft);
  const channels: string[] = [];
  for (let at = 1; at < words.length; at++) {
    const word = words[at] as string;
    const [option = "", attached] = word.startsWith("--") ? word.split(/=(.*)/s) : [word];
    const value = CONDA_VALUES.test(option) ? (attached ?? words[++at] ?? "") : "";
    if (option === "-c" || option === "--channel") channels.push(value);
    else if (option === "-f" || option === "--file") {
      const file = fileOf(value, context);
      if (!file) draft.findings.lose(place, `\`${value}\`: no COPY says which file of this project it is`);
      else if (!seen.has(file.path)) {
        seen.add(file.path);
        importCondaEnvironment(file, { draft, folder, seen });
      }
    } else if (!word.startsWith("-")) specs.add(word, place);
  }
  specs.finish();
  if (channels.length > 0)
    draft.findings.lose(
      place,
      `conda's channels (${channels.join(", ")}): packages come from PyPI, Debian and CRAN`,
    );
  return true;
}

function importR(program: string, args: readonly string[], { draft, place }: InstallContext): boolean {
  draft.usesR = true;
  if (/\.r$/.test(program)) {
    for (const word of args) if (isRPackageName(word)) draft.r.set(word, draft.r.get(word) ?? "");
    return true;
  }
  const code = args.join(" ");
  const found = [
    ...code.matchAll(
      /(?:install\.packages|BiocManager::install|pak::pkg_install|pak::pak)\s*\(\s*(?:c\s*\(([^)]*)\)|(["'][^"']*["']))/g,
    ),
  ];
  const names = found.flatMap(([, many, one]) =>
    [...(many ?? one ?? "").matchAll(/["']([^"']+)["']/g)].map((match) => match[1] as string),
  );
  for (const name of names) {
    if (!isRPackageName(name)) draft.findings.lose(place, `the R package \`${name}\``);
    else if (!BASE_PACKAGES.has(name)) draft.r.set(name, draft.r.get(name) ?? "");
  }
  if (names.length > 0) draft.findings.mayChange(place, `R packages without a version: ${someOf(names)}`);
  const day = /["'][^"']*\b(\d{4}-\d\d-\d\d)\b[^"']*["']/.exec(code)?.[1];
  if (day !== undefined) draft.snapshot ??= day;
  const remotes = [
    ...code.matchAll(/install_(?:github|gitlab|git|url|local|version)\s*\(\s*["']([^"']+)["']/g),
  ];
  for (const [text, from] of remotes)
    draft.findings.lose(
      place,
      `\`${text.split("(")[0]}\` of \`${from}\`: R packages come from CRAN or Debian`,
    );
  return names.length > 0 || remotes.length > 0;
}
