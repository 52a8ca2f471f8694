/** `copse import`: a copse.toml of what other tools' files say. */
import { existsSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CopseError } from "#base";
import { type Finding, formatPlace, type ImportResult, importProject, KIND_NAMES } from "#manifest/import";
import type { CommandLine } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { knownIndexes, missingNames } from "../../project/import-names.ts";

export const command: Command = {
  name: "import",
  summary: "write a copse.toml of what files of pip, uv, poetry, conda, renv or Docker say",
  usage: "[OPTIONS] [FILE...]",
  completes: "file",
  options: [
    {
      names: ["--output", "-o"],
      values: ["FILE"],
      completes: "file",
      help: "write to this file instead of copse.toml in this folder",
    },
    { names: ["--force"], help: "replace a copse.toml that is there" },
    { names: ["--dry-run"], help: "print what would be written, and write nothing" },
    { names: ["--check-names"], help: "ask the package index for names that are only known from conda" },
    { names: ["--json"], help: "print what was read, written and found as JSON" },
  ],
  details: `
Without a FILE it looks at this folder. It reads requirements.txt, pyproject.toml (also poetry's and uv's), uv.lock, poetry.lock,
pylock.toml, Pipfile and Pipfile.lock, conda's environment.yml, renv.lock, DESCRIPTION and Dockerfile; several of them go into one
copse.toml. Nothing of them is run, and the network is not asked. Two lists are printed: what was not carried over, and what in the
originals can change without anybody changing it.

examples:
  copse import && copse lock
  copse import environment.yml Dockerfile --dry-run`,
  async run(line, context) {
    const { cwd, output } = context;
    const target = resolve(cwd, line.value("--output") ?? "copse.toml");
    const isDry = line.has("--dry-run");
    if (!isDry && !line.has("--force") && existsSync(target)) {
      throw new CopseError("file-exists", `There is a file already: \`${target}\``, {
        hint: "--force replaces it, --dry-run shows what would be written",
      });
    }
    const files = line.positionals.map((file) => resolve(cwd, file));
    for (const [at, file] of files.entries())
      if (!existsSync(file))
        throw new CopseError("import-unreadable", `There is no such file: \`${line.positionals[at]}\``);
    const folder = realpathSync(dirname(target));
    const result = importProject({ folder, files, knownIndexes: knownIndexes(context) });
    if (result.files.length === 0) throw nothingFound(folder);
    await checkText(target, result.text);
    const missing = line.has("--check-names") ? await missingNames(result.guessed, context) : undefined;
    if (!isDry) writeFileSync(target, result.text);
    if (line.has("--json")) output.json(report({ result, target, isDry, missing }));
    else print({ result, target, isDry, missing, context, line });
    return 0;
  },
};

interface Outcome {
  readonly result: ImportResult;
  readonly target: string;
  readonly isDry: boolean;
  /** Names that no index has; undefined where nobody has asked. */
  readonly missing: readonly string[] | undefined;
}

function report({ result, target, isDry, missing }: Outcome) {
  const finding = ({ place, text }: Finding) => ({ file: place.file, line: place.line ?? null, text });
  return {
    files: result.files,
    written: isDry ? null : target,
    text: result.text,
    notCarriedOver: result.lost.map(finding),
    notReproducible: result.unreproducible.map(finding),
    ...(missing && { unknownNames: missing }),
  };
}

function print(outcome: Outcome & { readonly context: CommandContext; readonly line: CommandLine }): void {
  const { result, target, isDry, missing, context } = outcome;
  const { output } = context;
  for (const { file, kind } of result.files) output.note(`read: ${file} (${KIND_NAMES[kind]})`);
  if (isDry) output.raw(result.text);
  else output.line(`written: ${target}`);
  list("not carried over", result.lost);
  list("not reproducible in the original", result.unreproducible);
  if (missing?.length) output.note(`unknown to the package index: ${missing.join(", ")}`);
  if (!isDry) output.note("next: copse lock");

  function list(title: string, findings: readonly Finding[]): void {
    if (findings.length === 0) return;
    output.note(`${title}:`);
    for (const { place, text } of findings) output.note(`  ${formatPlace(place)}: ${text}`);
  }
}

/** What is written must be read again. Throws what reading a copse.toml throws. */
async function checkText(target: string, text: string): Promise<void> {
  const { parseManifest } = await import("#manifest");
  const { checkManifest } = await import("#manifest/check");
  checkManifest(parseManifest(target, Buffer.from(text)));
}

function nothingFound(folder: string): CopseError {
  return new CopseError("import-nothing", `There is no file here that import reads: \`${folder}\``, {
    hint: "name one, or begin with `copse init`",
  });
}
