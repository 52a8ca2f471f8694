/**
 * A Dockerfile that installs with apt, pip, conda or R: the image names suite and Python, RUN the packages, ENV the variables,
 * CMD what is started. Of several stages, the last one counts and those that it is built upon.
 */
import { type Draft, MAIN_GROUP } from "../draft.ts";
import type { Place } from "../findings.ts";
import type { ProjectFile, ProjectFolder } from "../project-folder.ts";
import { splitWords } from "../python/requirements-lines.ts";
import { CopiedFiles } from "./copied-files.ts";
import { execForm, expandVariables, type Instruction, parseDockerfile } from "./dockerfile.ts";
import { importImage } from "./image.ts";
import { importCommand } from "./install-commands.ts";
import { shellCommands } from "./shell-commands.ts";

export interface DockerImport {
  readonly draft: Draft;
  readonly folder: ProjectFolder;
  readonly seen: Set<string>;
}

export function importDockerfile(file: ProjectFile, wanted: DockerImport): void {
  wanted.draft.files.push(file.shown);
  const reader = new DockerReader(file, wanted);
  for (const instruction of reader.ofLastStage(parseDockerfile(file.text))) reader.read(instruction);
  reader.finish();
}

/** What only an image or its build has. */
const OF_IMAGES = new Set([
  "EXPOSE",
  "LABEL",
  "MAINTAINER",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "SHELL",
  "ONBUILD",
  "HEALTHCHECK",
]);

/** Variables that installing needs, and an environment does not. */
const OF_BUILDS =
  /^(?:DEBIAN_FRONTEND|PIP_.*|POETRY_.*|UV_.*|CONDA_.*|LANG|LC_ALL|LANGUAGE|PYTHON_VERSION|TZ)$/;

class DockerReader {
  readonly #file: ProjectFile;
  readonly #wanted: DockerImport;
  readonly #variables = new Map<string, string>();
  readonly #copied = new CopiedFiles();
  #entrypoint: readonly string[] | string | undefined;
  #command: readonly string[] | string | undefined;

  constructor(file: ProjectFile, wanted: DockerImport) {
    this.#file = file;
    this.#wanted = wanted;
  }

  /** Instructions of the last stage, those of what it is built upon before them. */
  ofLastStage(instructions: readonly Instruction[]): Instruction[] {
    const stages: { readonly name: string; readonly base: string; readonly all: Instruction[] }[] = [];
    const globals: Instruction[] = [];
    for (const one of instructions) {
      if (one.word === "FROM") {
        const [base = "", , name = String(stages.length)] = one.rest.split(/\s+/);
        stages.push({ name: name.toLowerCase(), base, all: [one] });
      } else (stages.at(-1)?.all ?? globals).push(one);
    }
    const used: Instruction[] = [];
    const open = new Set<unknown>();
    for (let stage = stages.at(-1); stage && !open.has(stage); ) {
      open.add(stage);
      used.unshift(...stage.all);
      const { base } = stage;
      const below = stages.slice(0, stages.indexOf(stage)).find(({ name }) => name === base.toLowerCase());
      // The stage's own FROM names no image.
      if (below) used.splice(used.indexOf(stage.all[0] as Instruction), 1);
      stage = below;
    }
    for (const stage of stages)
      if (!open.has(stage))
        this.#lose(
          stage.all[0] as Instruction,
          `the stage \`${stage.name}\`, which the last one is not built upon`,
        );
    return [...globals, ...used];
  }

  #at({ line }: Instruction): Place {
    return { file: this.#file.shown, line };
  }

  #lose(at: Instruction, text: string): void {
    this.#wanted.draft.findings.lose(this.#at(at), text);
  }

  read(one: Instruction): void {
    const { draft } = this.#wanted;
    const expanded = expandVariables(one.rest, this.#variables);
    switch (one.word) {
      case "FROM":
        importImage(draft, expanded.split(/\s+/)[0] ?? "", this.#at(one));
        break;
      case "ARG": {
        const [name = "", value] = expanded.split(/=(.*)/s);
        if (value !== undefined && !this.#variables.has(name))
          this.#variables.set(name, splitWords(value)[0] ?? "");
        break;
      }
      case "ENV":
        this.#environment(one, expanded);
        break;
      case "WORKDIR":
        this.#copied.enter(splitWords(expanded)[0] ?? "/");
        break;
      case "COPY":
      case "ADD":
        this.#copy(one, expanded);
        break;
      case "RUN":
        this.#run(one);
        break;
      case "CMD":
        this.#command = execForm(one.rest) ?? one.rest;
        break;
      case "ENTRYPOINT":
        this.#entrypoint = execForm(one.rest) ?? one.rest;
        break;
      default:
        this.#lose(
          one,
          OF_IMAGES.has(one.word) ? `${one.word}: it is of images alone` : `the instruction \`${one.word}\``,
        );
    }
  }

  #environment(one: Instruction, expanded: string): void {
    const { draft } = this.#wanted;
    const isOld = !/^[A-Za-z_]\w*=/.test(expanded);
    const pairs = isOld
      ? [[/^\S+/.exec(expanded)?.[0] ?? "", expanded.replace(/^\S+\s*/, "")]]
      : splitWords(expanded).map((word) => word.split(/=(.*)/s));
    for (const [name = "", value = ""] of pairs) {
      this.#variables.set(name, value);
      if (name === "PATH" || name === "LD_LIBRARY_PATH")
        this.#lose(one, `${name}: programs and libraries of the environment are found by themselves`);
      else if (!/^[A-Za-z_]\w*$/.test(name)) this.#lose(one, `the variable \`${name}\``);
      else if (/\$\{?\w/.test(value))
        this.#lose(one, `the variable \`${name}\`, as it uses one that is not known`);
      else if (/(?:TOKEN|SECRET|PASSWORD|PASSWD|API_KEY)/i.test(name))
        this.#lose(one, `the variable \`${name}\`, which looks like a secret`);
      else if (!OF_BUILDS.test(name)) draft.variables.set(name, value);
    }
  }

  #copy(one: Instruction, expanded: string): void {
    const words = execForm(one.rest) ?? splitWords(expanded);
    const target = words.at(-1);
    if (target === undefined || words.length < 2) return;
    if (one.flags.has("from")) {
      this.#lose(one, `files of another stage or image, \`${one.flags.get("from")}\``);
      return;
    }
    const sources = words.slice(0, -1);
    for (const source of sources) {
      if (!/^(?:https?|git|ssh):|^git@/.test(source)) continue;
      this.#lose(one, `\`${source}\`: name it in [data], with its hash`);
      if (!one.flags.has("checksum"))
        this.#wanted.draft.findings.mayChange(this.#at(one), `\`${source}\` has no hash`);
    }
    this.#copied.copy(sources, target);
  }

  #run(one: Instruction): void {
    for (const [name, value] of one.flags)
      if (name.startsWith("mount") && /\btype=bind\b/.test(value)) this.#mount(value);
    const words = execForm(one.rest);
    const text = one.heredoc ?? (words ? words.map(quoted).join(" ") : one.rest);
    const isShell = words?.[0] !== undefined && /(?:^|\/)(?:ba|z|da)?sh$/.test(words[0]);
    const context = { ...this.#wanted, copied: this.#copied, place: this.#at(one) };
    const before = this.#copied.workdir;
    const commands = shellCommands(isShell ? (words.at(-1) ?? "") : text);
    for (const [at, command] of commands.entries()) {
      // What a download is piped to was reported with it.
      if (/^(?:curl|wget)$/.test(commands[at - 1]?.words[0] ?? "") && commands[at - 1]?.pipedTo !== undefined)
        continue;
      const expanded = {
        ...command,
        words: command.words.map((word) => expandVariables(word, this.#variables)),
      };
      if (expanded.words[0] === "cd") this.#copied.enter(expanded.words[1] ?? "/");
      if (!importCommand(expanded, context)) this.#lose(one, `\`${command.text}\``);
    }
    this.#copied.workdir = before;
  }

  #mount(value: string): void {
    const parts = new Map(value.split(",").map((part) => part.split(/=(.*)/s) as [string, string]));
    const source = parts.get("source") ?? parts.get("src");
    const target = parts.get("target") ?? parts.get("dst") ?? parts.get("destination");
    if (source !== undefined && target !== undefined && !parts.has("from"))
      this.#copied.copy([source], target);
  }

  finish(): void {
    const { draft } = this.#wanted;
    const started = joined(this.#entrypoint, this.#command);
    if (started !== undefined && !draft.tasks.has("start")) draft.tasks.set("start", started);
    if (draft.usesPython && !draft.groups.has(MAIN_GROUP)) draft.groups.set(MAIN_GROUP, []);
  }
}

/** What is started: the arguments of CMD behind ENTRYPOINT. A shell alone is no task. */
function joined(
  entrypoint: readonly string[] | string | undefined,
  command: readonly string[] | string | undefined,
): readonly string[] | string | undefined {
  const started =
    typeof entrypoint === "object" && typeof command === "object"
      ? [...entrypoint, ...command]
      : (entrypoint ?? command);
  const program = typeof started === "string" ? started : started?.join(" ");
  return program === undefined || /^(?:\/bin\/)?(?:ba)?sh$|^$/.test(program.trim()) ? undefined : started;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
