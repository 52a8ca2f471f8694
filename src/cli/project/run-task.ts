/**
 * Tasks of copse.toml: those that a task depends on run first, each once and one after the other, in the order in
 * which they are named; then this process becomes the task itself, with its exit code and signals.
 */
import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { resolve } from "node:path";
import { CopseError } from "#base";
import type { Environment } from "#build/warm";
import { type Argv, commandLineOf, type Manifest, taskOf, tasksInOrder } from "#manifest";
import type { EntryPlan } from "#sandbox/entry";
import type { CommandLine } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { planCommand } from "../enter.ts";
import { become } from "../shell/become.ts";
import { environmentOfTarget } from "../shell/find-environment.ts";
import { type Project, targetOfProject } from "./project-target.ts";

export interface TaskCall {
  readonly project: Project;
  readonly name: string;
  readonly args: readonly string[];
  readonly line: CommandLine;
  readonly context: CommandContext;
}

/** Returns only where a task that comes before it has failed: with its exit code. */
export async function runTask(call: TaskCall): Promise<number> {
  const { project, name, args, context } = call;
  const { manifest } = project;
  const before = tasksInOrder(manifest, name);
  before.pop();
  for (const each of before) {
    context.output.note(`task ${each}`);
    const code = runToEnd(await planTask(call, { name: each, args: [] }));
    if (code !== 0) {
      context.output.note(`task ${each} failed with exit code ${code}: \`${name}\` was not run`);
      return code;
    }
  }
  return become(await planTask(call, { name, args }));
}

async function planTask(
  { project, line, context }: TaskCall,
  { name, args }: { readonly name: string; readonly args: readonly string[] },
): Promise<EntryPlan> {
  const { manifest } = project;
  const task = taskOf(manifest, name);
  const own = { ...project, environment: task.environment ?? project.environment };
  const environment = await environmentOfProject(own, { line, context });
  const argv = commandLineOf(task.run, { name, args });
  return await planNamed(environment, { manifest, task, argv, line, context });
}

export async function environmentOfProject(
  project: Project,
  { line, context }: Pick<TaskCall, "line" | "context">,
): Promise<Environment> {
  const target = await targetOfProject(project, { line, context });
  return await environmentOfTarget(target, { line, context, project });
}

/** What tasks and services have in common. */
export interface NamedCommand {
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
}

export async function planNamed(
  environment: Environment,
  call: {
    readonly manifest: Manifest;
    readonly task: NamedCommand;
    readonly argv: Argv;
    readonly line: CommandLine;
    readonly context: CommandContext;
  },
): Promise<EntryPlan> {
  const { manifest, task, argv, line, context } = call;
  return await planCommand(environment, {
    line,
    context,
    argv,
    cwd: resolve(manifest.folder, task.cwd ?? "."),
    variables: { ...Object.fromEntries(task.env ?? []), COPSE_PROJECT: manifest.folder },
  });
}

/** @throws CopseError `launcher-failed`. */
function runToEnd(plan: EntryPlan): number {
  const { file, args, env } = plan;
  const ended = spawnSync(file, args.slice(1), { argv0: args[0] ?? file, env, stdio: "inherit" });
  if (ended.error)
    throw new CopseError("launcher-failed", `The launcher could not be started: \`${file}\``, {
      cause: ended.error,
    });
  return ended.status ?? 128 + (ended.signal === null ? 0 : constants.signals[ended.signal]);
}
