/** `nix develop`: a shell, a command or one phase in the environment of a build. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandLine, Option } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { INSTALLABLE_OPTIONS } from "../../installables.ts";
import { BUILD_OPTIONS } from "../../options.ts";
import { openSession } from "../../session.ts";
import { developScript } from "../../shell/develop-script.ts";
import { enterHost } from "../../shell/enter-host.ts";
import { enterRoot } from "../../shell/enter-root.ts";
import { callerVariables, VARIABLE_OPTIONS } from "../../shell/environment-options.ts";
import { findBash } from "../../shell/find-bash.ts";
import { preparedEnvironmentOf } from "../../shell/prepared-environment.ts";
import { quoteWord } from "../../shell/quote.ts";
import { usageError } from "../../usage-error.ts";

const PHASES = ["unpack", "configure", "build", "check", "install", "installcheck"] as const;

const PHASE_OPTIONS: readonly Option[] = [
  {
    names: ["--phase"],
    values: ["NAME"],
    help: "run this phase of the stdenv: build, install",
    completes: PHASES,
  },
  ...PHASES.map((phase): Option => ({ names: [`--${phase}`], help: `run the ${phase} phase` })),
];

export const command: Command = {
  name: "develop",
  summary: "start a shell with the environment of a build",
  usage: "[OPTIONS] [INSTALLABLE] [-c COMMAND ARGUMENT...]",
  maxPositionals: 1,
  completes: "installable",
  options: [
    ...INSTALLABLE_OPTIONS,
    ...BUILD_OPTIONS.filter(({ names }) => !names.includes("--keep-going")),
    ...VARIABLE_OPTIONS,
    ...PHASE_OPTIONS,
    {
      names: ["--redirect"],
      values: ["PATH", "FOLDER"],
      help: "let the environment name a folder where it names a store path",
      completes: "folder",
    },
    {
      names: ["--command", "-c"],
      values: ["COMMAND"],
      takesRest: true,
      help: "run this, with all words that follow, instead of a shell",
    },
  ],
  async run(line, context) {
    const phase = phaseOf(line);
    const argv = line.all("--command").at(-1);
    if (phase !== undefined && argv) throw usageError("you cannot use both '--command' and '--phase'");
    const variables = callerVariables(line, context.env);
    const { place, prepared } = await prepare(line, context);
    context.output.endProgress();
    const folder = mkdtempSync(join(tmpdir(), "nix-develop-"));
    const bash = prepared.root ? "/bin/bash" : findBash(context.env["PATH"]);
    const script = developScript({
      environment: prepared.bash,
      outputsDir: join(context.cwd, "outputs"),
      folder: () => folder,
      redirects: new Map(line.all("--redirect").map(([from = "", to = ""]) => [from, join(context.cwd, to)])),
    });
    const rcFile = join(folder, "rc");
    // Whoever becomes another program leaves nobody behind to tidy up: the file goes as soon as it is read.
    const tidy = prepared.bash.structuredAttrs ? `command rm -f '${rcFile}'` : `command rm -rf '${folder}'`;
    const isShell = phase === undefined && !argv;
    const text = isShell
      ? interactiveScript(script, tidy, context)
      : `${script}${tidy}\n${ending(phase, argv)}`;
    writeFileSync(rcFile, text);
    const call: [string, ...string[]] = isShell ? [bash, "--rcfile", rcFile] : [bash, rcFile];
    const env = { ...variables, SHELL: bash, NIX_GCROOT: prepared.path };
    const { root } = prepared;
    if (!root) return enterHost({ store: place }, { cwd: context.cwd, env, argv: call });
    return await enterRoot(
      { store: place },
      { root, context, env, cwd: context.cwd, pure: false, keep: [], variables: {}, argv: call },
    );
  },
};

async function prepare(line: CommandLine, context: CommandContext) {
  await using session = openSession(line, context);
  return { place: session.place, prepared: await preparedEnvironmentOf(session, line, context) };
}

function phaseOf(line: CommandLine): string | undefined {
  const named = line.value("--phase") ?? PHASES.find((phase) => line.has(`--${phase}`));
  return named === "installcheck" ? "installCheck" : named;
}

function interactiveScript(script: string, tidy: string, { settings }: CommandContext): string {
  const prompts: string[] = [];
  const prompt = settings["bash-prompt"];
  const prefix = settings["bash-prompt-prefix"];
  const suffix = settings["bash-prompt-suffix"];
  if (prompt !== "") prompts.push(`[ -n "$PS1" ] && PS1=${quoteWord(prompt)};`);
  if (prefix !== "") prompts.push(`[ -n "$PS1" ] && PS1=${quoteWord(prefix)}"$PS1";`);
  if (suffix !== "") prompts.push(`[ -n "$PS1" ] && PS1+=${quoteWord(suffix)};`);
  return [
    '[ -n "${PS1-}" ] && [ -e ~/.bashrc ] && source ~/.bashrc',
    "shopt -u expand_aliases",
    script,
    tidy,
    "shopt -s expand_aliases",
    ...prompts,
    "",
  ].join("\n");
}

function ending(phase: string | undefined, argv: readonly string[] | undefined): string {
  if (argv) return `exec ${argv.map(quoteWord).join(" ")}\n`;
  return [
    "foundMakefile=1",
    "if declare -f runPhase >/dev/null; then",
    `  runPhase ${phase}Phase`,
    "else",
    `  runHook ${phase}Phase`,
    "fi",
    "",
  ].join("\n");
}
