/**
 * From a command line to a command. Each command's module is loaded only when it is called for: entering an
 * environment must not wait for what building needs.
 */
import { CopseError, installedPath } from "#base";
import { type Option, readCommandLine } from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { Output } from "./output.ts";

const COMMANDS: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  shell: () => import("./commands/shell.ts"),
  run: () => import("./commands/run.ts"),
  build: () => import("./commands/build.ts"),
  eval: () => import("./commands/eval.ts"),
  lock: () => import("./commands/lock.ts"),
  log: () => import("./commands/log.ts"),
  doctor: () => import("./commands/doctor.ts"),
};

/** Nix's own programs, by the name that the process was called by. */
const NIX_PROGRAMS: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  "nix-instantiate": () => import("./commands/nix-instantiate.ts"),
  "nix-build": () => import("./commands/nix-build.ts"),
  "nix-shell": () => import("./commands/nix-shell.ts"),
};

export async function main(programName: string, args: readonly string[]): Promise<number> {
  const output = new Output();
  const interrupt = interruptible();
  const context: CommandContext = {
    output,
    env: process.env,
    cwd: process.cwd(),
    programName,
    get signal() {
      return interrupt.signal;
    },
  };
  try {
    return await dispatch(args, context);
  } catch (error) {
    return output.error(error);
  } finally {
    output.endProgress();
  }
}

/**
 * A signal of the kind that code waits with, made when it is first asked for. Until then Ctrl-C ends the process at
 * once, as it must: evaluation is synchronous, and a handler in JavaScript would not run before it is over.
 */
function interruptible(): { readonly signal: AbortSignal } {
  let abort: AbortController | undefined;
  return {
    get signal() {
      if (!abort) {
        const controller = new AbortController();
        const interrupt = (name: "SIGINT" | "SIGTERM", exitCode: number): void =>
          controller.abort(new CopseError("interrupted", `Interrupted by ${name}`, { exitCode }));
        process.once("SIGINT", () => interrupt("SIGINT", 130));
        process.once("SIGTERM", () => interrupt("SIGTERM", 143));
        abort = controller;
      }
      return abort.signal;
    },
  };
}

async function dispatch(args: readonly string[], context: CommandContext): Promise<number> {
  const program = NIX_PROGRAMS[context.programName];
  if (program && args[0] === "--version") return await printVersion(context);
  if (program) return await runCommand((await program()).command, args, context);
  const [name, ...rest] = args;
  if (name === "--version" || name === "version") return await printVersion(context);
  if (name === undefined || name === "help" || name === "--help" || name === "-h")
    return await printHelp(rest[0], context);
  return await runCommand(await loadCommand(name, context), rest, context);
}

async function runCommand(
  command: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { COMMON_OPTIONS } = await import("./options.ts");
  const options: readonly Option[] = [...command.options, ...COMMON_OPTIONS];
  const { stopAtPositional = false, maxPositionals = Number.POSITIVE_INFINITY } = command;
  const line = readCommandLine(args, { options, stopAtPositional, maxPositionals });
  if (line.has("--help")) return await printHelp(command.name, context, command);
  context.output.quiet = line.has("--quiet");
  context.output.showTrace = line.has("--show-trace");
  return await command.run(line, context);
}

async function loadCommand(name: string, context?: CommandContext): Promise<Command> {
  if (context?.programName === "nix") return await (await import("./nix-subcommands.ts")).nixSubcommand(name);
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load) return (await load()).command;
  throw new CopseError("command-unknown", `There is no such command: \`${name}\``, {
    hint: `commands are ${Object.keys(COMMANDS).join(", ")}; \`copse help\` describes them`,
  });
}

async function printVersion(context: CommandContext): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(installedPath("package.json"), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  const { programName } = context;
  context.output.line(
    programName.startsWith("nix") ? `${programName} (copse) ${version}` : `copse ${version}`,
  );
  return 0;
}

async function printHelp(
  name: string | undefined,
  context: CommandContext,
  known?: Command,
): Promise<number> {
  const { commandHelp, overview } = await import("./help.ts");
  const { COMMON_OPTIONS } = await import("./options.ts");
  if (name === undefined) {
    const commands = await Promise.all(Object.keys(COMMANDS).map((each) => loadCommand(each)));
    context.output.line(overview(commands));
  } else {
    context.output.line(
      commandHelp(known ?? (await loadCommand(name, context)), COMMON_OPTIONS, context.programName),
    );
  }
  return 0;
}
