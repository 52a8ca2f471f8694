/** `copse fetch`: keeps all files that a lock names in a folder, which then serves as a mirror. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CopseError } from "#base";
import type { Target } from "#build/warm";
import { cacheDirectory } from "#fetch";
import { GitRepositories } from "#fetch/git";
import { type KeptFile, keepLocked, type Lock, openDebianServices, openLock } from "#resolve";
import { pythonLocator } from "#resolve/python/index";
import type { CommandLine } from "../arguments.ts";
import type { Command, CommandContext } from "../command.ts";
import { TARGET_OPTIONS } from "../options.ts";
import { readProjectTarget } from "../project/project-target.ts";
import { openSession } from "../session.ts";
import { environmentDefaults } from "../target.ts";

const DEFAULT_FOLDER = "copse-mirror";

export const command: Command = {
  name: "fetch",
  summary: "keep all files that copse.lock names in a folder that serves as a mirror",
  usage: "[OPTIONS] [FILE]",
  maxPositionals: 1,
  options: [
    ...TARGET_OPTIONS,
    {
      names: ["--output", "-o"],
      values: ["FOLDER"],
      help: `where the files go (default: ${DEFAULT_FOLDER})`,
    },
    { names: ["--json"], help: "print what was done as JSON" },
  ],
  details: `
FILE is an expression with a copse.lock beside it, or a lock itself. The files are those of all suites and
systems in the lock; what is there already is checked and kept.

  copse fetch -o /media/usb/mirror          here, with a network
  COPSE_MIRRORS=/media/usb/mirror copse run --frozen -- python3 analysis.py       there, without one`,
  async run(line, context) {
    const folder = resolve(context.cwd, line.value("--output") ?? DEFAULT_FOLDER);
    const { lock, repositories, pythonIndexes, manifest } = await lockOf(line, context);
    const { output } = context;
    const env = manifest === undefined ? context.env : { ...context.env, COPSE_MANIFEST: manifest };
    const python = pythonLocator({
      env,
      cacheDir: cacheDirectory(env),
      overrides: { indexes: Object.fromEntries(pythonIndexes) },
    });
    const services = openDebianServices({
      env,
      notice: (text) => output.note(text),
      locators: new Map([["pypi", python.locate]]),
    });
    const git = new GitRepositories({ cacheDir: cacheDirectory(env), env });
    const id = (file: KeptFile) => `${file.archive}/${file.file}`;
    try {
      const report = await keepLocked({
        ...{ lock, folder, services, repositories, git, signal: context.signal },
        onStart: (file) =>
          output.progress({ kind: "start", id: id(file), activity: "download", name: basename(file.file) }),
        onBytes: (file, bytes) => output.progress({ kind: "bytes", id: id(file), bytes }),
        onFinish: (file) => output.progress({ kind: "finish", id: id(file), ok: true }),
      });
      output.endProgress();
      const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
      if (line.has("--json")) output.json(report);
      else
        output.line(
          `${report.files} files (${megabytes(report.bytes)}) in ${folder}, ${report.downloaded} of them new (${megabytes(report.downloadedBytes)})`,
        );
      return 0;
    } finally {
      services.close();
      python.close();
    }
  },
};

interface NamedLock extends StatedPlaces {
  readonly lock: Lock;
  /** The copse.toml that it belongs to: its `[sources]` count. */
  readonly manifest?: string | undefined;
}

/** Where repositories and indexes are that the expression states, by name: only the expression knows. */
interface StatedPlaces {
  readonly repositories: ReadonlyMap<string, readonly string[]>;
  readonly pythonIndexes: ReadonlyMap<string, string>;
}

const NOTHING_STATED: StatedPlaces = { repositories: new Map(), pythonIndexes: new Map() };

async function lockOf(line: CommandLine, context: CommandContext): Promise<NamedLock> {
  const named = line.value("--file") ?? line.positionals[0];
  if (named?.endsWith(".lock")) {
    const path = resolve(context.cwd, named);
    if (!existsSync(path)) throw new CopseError("file-not-found", `File does not exist: \`${named}\``);
    return { lock: openLock(path, { frozen: true }), ...NOTHING_STATED };
  }
  const defaults = { ...environmentDefaults, positionals: line.positionals };
  const { target, project } = await readProjectTarget(line, context, defaults);
  const folder = target.file === undefined ? target.project : dirname(target.file);
  const path = folder === undefined ? undefined : join(folder, "copse.lock");
  if (path === undefined || !existsSync(path))
    throw new CopseError("lock-absent", `There is no lock to fetch the files of: \`${path ?? "--expr"}\``, {
      hint: "`copse lock` writes one beside the file that it is for",
    });
  const manifest = project?.manifest.file;
  const stated = await statedPlaces(openLock(path), target, { line, context, manifest });
  return { lock: openLock(path, { frozen: true }), manifest, ...stated };
}

async function statedPlaces(
  lock: Lock,
  target: Target,
  {
    line,
    context,
    manifest,
  }: {
    readonly line: CommandLine;
    readonly context: CommandContext;
    readonly manifest: string | undefined;
  },
): Promise<StatedPlaces> {
  const hasRepositories = lock.suites().some(({ locked }) => locked.source?.repositories.length);
  const hasIndexes = [...lock.python.data.values()].some(({ packages }) =>
    packages.some(({ index }) => index !== undefined),
  );
  if (!hasRepositories && !hasIndexes) return NOTHING_STATED;
  await using session = openSession(line, context, { examinesWheels: false, manifest });
  session.derivations(target);
  return { repositories: session.debianRepositories(), pythonIndexes: session.pythonIndexes() };
}
