/** `copse export`: the locked Python packages for installers other than copse. */
import { existsSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { CopseError } from "#base";
import { environmentsOf, type Manifest, readManifest } from "#manifest";
import {
  type ChosenAnswer,
  chooseAnswer,
  type ExportedPackage,
  formatPylock,
  formatRequirements,
  type OwnDirectory,
} from "#manifest/export";
import { openLock } from "#resolve";
import type { CommandLine } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { hostSystem } from "../../host-system.ts";
import { filesAtIndexes, filesByName, filesInFolder } from "../../project/exported-files.ts";
import { manifestOfCall } from "../../project/find-manifest.ts";
import { PROJECT_OPTION } from "../../project/load-project.ts";
import { ENVIRONMENT_OPTION } from "../../project/project-target.ts";

const FORMATS = ["pylock", "requirements"] as const;
type Format = (typeof FORMATS)[number];

export const command: Command = {
  name: "export",
  summary: "write the locked Python packages as pylock.toml or requirements.txt",
  usage: "[OPTIONS]",
  maxPositionals: 0,
  options: [
    {
      names: ["--format"],
      values: ["FORMAT"],
      completes: [...FORMATS],
      help: "pylock (the default; PEP 751), or requirements: requirements.txt with hashes",
    },
    {
      names: ["--output", "-o"],
      values: ["FILE"],
      completes: "file",
      help: "write to this file instead of printing",
    },
    {
      names: ["--offline"],
      values: ["FOLDER"],
      completes: "folder",
      help: "name the files of this folder, which `copse fetch` has filled, instead of addresses",
    },
    { names: ["--python"], values: ["VERSION"], help: "the Python whose answer is meant, such as 3.11" },
    {
      names: ["--system"],
      values: ["SYSTEM"],
      completes: ["x86_64-linux", "aarch64-linux"],
      help: "the system whose answer is meant (default: this machine's)",
    },
    PROJECT_OPTION,
    ENVIRONMENT_OPTION,
  ],
  details: `
An export is for one Python and one system, as an answer of copse.lock is. The lock names no host, but a pylock.toml says where each
file is: the configured package index is asked for the addresses, or with --offline files of a folder are named. System
packages and R have no place in these formats.

examples:
  copse export -o pylock.toml && uv pip sync pylock.toml
  copse export --format requirements -o requirements.txt && pip install --require-hashes -r requirements.txt`,
  async run(line, context) {
    const format = formatOf(line);
    const output = line.value("--output");
    const target = output === undefined ? undefined : resolve(context.cwd, output);
    if (format === "pylock" && target !== undefined && !/^pylock(?:\.[^.]+)?\.toml$/.test(basename(target)))
      throw new CopseError(
        "export-name",
        `Installers read such a lock by the name pylock.toml or pylock.NAME.toml: \`${output}\``,
      );
    const project = projectOf(line, context);
    const chosen = choose(project, { line });
    const own = ownProjects(project, line);
    const isOwn = ({ name }: { readonly name: string }) => own.some((one) => one.name === name);
    const request = { ...chosen.request, answer: chosen.request.answer.filter((one) => !isOwn(one)) };
    const packages = await placed(
      { ...chosen, request },
      { format, line, context, target, manifest: project.manifest },
    );
    const from = target === undefined ? context.cwd : dirname(target);
    const directories = own.map((one) => ({ ...one, path: relative(from, one.folder) || "." }));
    const indexes = project.manifest?.data.python?.indexes ?? new Map();
    if (format === "requirements" && own.length > 0)
      context.output.note(
        `left out, as pip knows no hash of a folder: ${own.map(({ name }) => name).join(", ")}`,
      );
    const text =
      format === "pylock"
        ? formatPylock(packages, { ...chosen, directories })
        : formatRequirements(packages, { indexes, platform: chosen });
    if (target === undefined) context.output.raw(text);
    else {
      writeFileSync(target, text);
      context.output.line(`written: ${target}`);
    }
    return 0;
  },
};

function formatOf(line: CommandLine): Format {
  const given = line.value("--format") ?? "pylock";
  const known = FORMATS.find((one) => one === given);
  if (known) return known;
  throw new CopseError("option-value", `Option --format takes ${FORMATS.join(" or ")}, not: \`${given}\``);
}

interface ExportProject {
  /** Undefined where a lock belongs to a file of the Nix language. */
  readonly manifest: Manifest | undefined;
  readonly lock: string;
}

/** @throws CopseError `lock-absent`. */
function projectOf(line: CommandLine, context: CommandContext): ExportProject {
  const file = manifestOfCall(line, context, { others: [] });
  const manifest = file === undefined ? undefined : readManifest(file);
  const named = line.value("--file");
  const folder =
    manifest?.folder ?? (named === undefined ? context.cwd : dirname(resolve(context.cwd, named)));
  const lock = named?.endsWith(".lock") ? resolve(context.cwd, named) : join(folder, "copse.lock");
  if (existsSync(lock)) return { manifest, lock };
  throw new CopseError("lock-absent", `There is no lock to export: \`${lock}\``, {
    hint: "`copse lock` writes one",
  });
}

function choose({ manifest, lock }: ExportProject, { line }: { readonly line: CommandLine }): ChosenAnswer {
  const contents = environmentOfCall(manifest, line);
  return chooseAnswer(openLock(lock, { frozen: true }).python.data, {
    entries: contents?.python,
    system: line.value("--system") ?? hostSystem(),
    python: line.value("--python") ?? contents?.pythonVersion,
  });
}

/** @throws CopseError `environment-unknown`. */
function environmentOfCall(manifest: Manifest | undefined, line: CommandLine) {
  const wanted = line.value("--env");
  const found = manifest && environmentsOf(manifest).find(({ name }) => name === wanted);
  if (found || (!manifest && wanted === undefined)) return found;
  throw new CopseError("environment-unknown", `There is no such environment: \`${wanted}\``);
}

/** Folders and files of the project itself, which have neither a version nor a hash that would hold. */
function ownProjects(
  { manifest }: ExportProject,
  line: CommandLine,
): (Omit<OwnDirectory, "path"> & { readonly folder: string })[] {
  const entries = environmentOfCall(manifest, line)?.python ?? [];
  return entries.flatMap(({ name, path, isEditable }) =>
    path === undefined || !manifest ? [] : [{ name, folder: resolve(manifest.folder, path), isEditable }],
  );
}

interface PlacedOptions {
  readonly format: Format;
  readonly line: CommandLine;
  readonly context: CommandContext;
  readonly target: string | undefined;
  readonly manifest: Manifest | undefined;
}

async function placed(
  { request }: ChosenAnswer,
  { format, line, context, target, manifest }: PlacedOptions,
): Promise<ExportedPackage[]> {
  const folder = line.value("--offline");
  const from = target === undefined ? context.cwd : dirname(target);
  if (folder !== undefined) return filesInFolder(request, { folder: resolve(context.cwd, folder), from });
  if (format === "requirements") return filesByName(request);
  const indexes = Object.fromEntries(manifest?.data.python?.indexes ?? []);
  const indexOf = Object.fromEntries(
    request.answer.flatMap(({ name, index }) => (index === undefined ? [] : [[name, index]])),
  );
  return await filesAtIndexes(request, { context, overrides: { indexes, indexOf } });
}
