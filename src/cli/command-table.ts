/**
 * Names of commands and the modules behind them, loaded only when called for: entering an environment must not wait
 * for what building needs. A name can have several words: `store gc`.
 */
import { CopseError, nearestNames } from "#base";
import type { Command } from "./command.ts";
import { PROJECT_COMMANDS } from "./project-commands.ts";
import { COPSE_STORE_COMMANDS, NIX_STORE_COMMANDS, OLD_NIX_NAMES } from "./store-commands.ts";

export type CommandTable = Readonly<Record<string, () => Promise<{ readonly command: Command }>>>;

/** copse's own commands. */
export const COPSE_COMMANDS: CommandTable = {
  shell: () => import("./commands/shell.ts"),
  run: () => import("./commands/run.ts"),
  build: () => import("./commands/build.ts"),
  eval: () => import("./commands/eval.ts"),
  lock: () => import("./commands/lock.ts"),
  fetch: () => import("./commands/fetch.ts"),
  log: () => import("./commands/log.ts"),
  doctor: () => import("./commands/doctor.ts"),
  "kernel install": () => import("./commands/kernel/install.ts"),
  "kernel list": () => import("./commands/kernel/list.ts"),
  "kernel remove": () => import("./commands/kernel/remove.ts"),
  completion: () => import("./commands/completion.ts"),
  ...PROJECT_COMMANDS,
  ...COPSE_STORE_COMMANDS,
};

/** Nix's own programs, by the name that the process was called by. */
export const NIX_PROGRAMS: CommandTable = {
  "nix-instantiate": () => import("./commands/nix-instantiate.ts"),
  "nix-build": () => import("./commands/nix-build.ts"),
  "nix-shell": () => import("./commands/nix-shell.ts"),
  "nix-store": () => import("./commands/nix-store/mod.ts"),
  "nix-hash": () => import("./commands/nix-hash.ts"),
  "nix-collect-garbage": () => import("./commands/nix-collect-garbage.ts"),
};

/** What comes after `nix`. */
export const NIX_COMMANDS: CommandTable = {
  build: () => import("./commands/nix/build.ts"),
  eval: () => import("./commands/nix/eval.ts"),
  shell: () => import("./commands/nix/shell.ts"),
  "env shell": () => import("./commands/nix/shell.ts"),
  run: () => import("./commands/nix/run.ts"),
  develop: () => import("./commands/nix/develop.ts"),
  "print-dev-env": () => import("./commands/nix/print-dev-env.ts"),
  log: () => import("./commands/log.ts"),
  ...NIX_STORE_COMMANDS,
};

export interface FoundCommand {
  readonly command: Command;
  /** The words that follow its name. */
  readonly rest: readonly string[];
}

/** The longest name that the words begin with. @throws CopseError `command-unknown`. */
export async function findCommand(
  table: CommandTable,
  given: readonly string[],
  programName: string,
): Promise<FoundCommand> {
  const words = programName === "nix" ? withoutOldName(given) : given;
  for (const length of [3, 2, 1]) {
    const name = words.slice(0, length).join(" ");
    const load = words.length >= length && Object.hasOwn(table, name) ? table[name] : undefined;
    // Named as it was called: one command can have several names.
    if (load) return { command: { ...(await load()).command, name }, rest: words.slice(length) };
  }
  throw unknownCommand(table, words, programName);
}

function withoutOldName(words: readonly string[]): readonly string[] {
  const [first = "", ...rest] = words;
  const name = Object.hasOwn(OLD_NIX_NAMES, first) ? OLD_NIX_NAMES[first] : undefined;
  return name === undefined ? words : [...name.split(" "), ...rest];
}

function unknownCommand(table: CommandTable, words: readonly string[], programName: string): CopseError {
  const [first = ""] = words;
  const group = Object.keys(table).filter((name) => name.startsWith(`${first} `));
  if (group.length > 0 && words.length === 1) {
    return new CopseError("command-incomplete", `${programName} ${first} needs a further word`, {
      hint: `one of ${group.map((name) => name.slice(first.length + 1)).join(", ")}`,
    });
  }
  const unknown = group.length > 0 ? words.slice(0, 2).join(" ") : first;
  const known =
    group.length > 0 ? group : [...new Set(Object.keys(table).map((name) => name.split(" ")[0] as string))];
  const near = nearestNames(unknown, known);
  const hint =
    near.length > 0 ? `did you mean ${near.slice(0, 3).join(", ")}?` : `commands are ${known.join(", ")}`;
  return new CopseError("command-unknown", `There is no such command: \`${unknown}\``, {
    hint: near.length > 0 ? hint : `${hint}; \`${programName} --help\` describes them`,
  });
}
