/**
 * `nix-store`: operations on the store. One option among the arguments says which: `--query`, `--gc`, … The other
 * options are the operation's own, and the same letter means another thing in another operation (`-d`, `-f`), so the
 * operation is found first and its words are then read against its table, like those of any command.
 */
import type { Command } from "../../command.ts";
import type { CommandTable } from "../../command-table.ts";
import { usageError } from "../../usage-error.ts";

const OPERATIONS: CommandTable = {
  "--realise": () => import("./realise.ts"),
  "--query": () => import("./query.ts"),
  "--add": () => import("./add.ts"),
  "--add-fixed": () => import("./add-fixed.ts"),
  "--print-fixed-path": () => import("./print-fixed-path.ts"),
  "--delete": () => import("./delete.ts"),
  "--gc": () => import("./gc.ts"),
  "--dump": () => import("./dump.ts"),
  "--restore": () => import("./restore.ts"),
  "--export": () => import("./export.ts"),
  "--import": () => import("./import.ts"),
  "--verify": () => import("./verify.ts"),
  "--verify-path": () => import("./verify-path.ts"),
  "--repair-path": () => import("./repair-path.ts"),
  "--optimise": () => import("./optimise.ts"),
  "--dump-db": () => import("./dump-db.ts"),
  "--load-db": () => import("./load-db.ts"),
  "--register-validity": () => import("./register-validity.ts"),
  "--check-validity": () => import("./check-validity.ts"),
  "--print-env": () => import("./print-env.ts"),
  "--read-log": () => import("./read-log.ts"),
  "--generate-binary-cache-key": () => import("./generate-key.ts"),
  "--init": () => import("./init.ts"),
};

const OTHER_SPELLINGS: Readonly<Record<string, keyof typeof OPERATIONS>> = {
  "-r": "--realise",
  "--realize": "--realise",
  "-q": "--query",
  "-A": "--add",
  "-l": "--read-log",
  "--optimize": "--optimise",
};

export const command: Command = {
  name: "nix-store",
  summary: "operate on the store, as nix-store does",
  usage: "OPERATION [OPTIONS] [ARGUMENTS]",
  options: [],
  async select(args) {
    const { names, rest } = takeOperation(args);
    if (names.size > 1) throw usageError("only one operation may be specified");
    const [name] = names;
    if (name === undefined && rest.some((word) => word === "--help" || word === "-h"))
      return { command: { ...command, details: await describeOperations() }, rest };
    if (name === undefined)
      throw usageError("no operation specified", "`nix-store --help` lists the operations");
    return { command: (await OPERATIONS[name]!()).command, rest };
  },
  // Only its help is ever asked for.
  run: () => Promise.resolve(0),
};

async function describeOperations(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(OPERATIONS).map(
      async ([name, load]) => `  ${name.padEnd(28)}${(await load()).command.summary}`,
    ),
  );
  return ["operations:", ...lines, "", "`nix-store OPERATION --help` tells more of each."].join("\n");
}

/** The operations among the words, which are taken out. `-qR` is `-q` and `-R`, whichever comes first. */
function takeOperation(args: readonly string[]): { names: Set<string>; rest: string[] } {
  const names = new Set<string>();
  const rest: string[] = [];
  for (const [index, arg] of args.entries()) {
    if (arg === "--") {
      rest.push(...args.slice(index));
      break;
    }
    const whole = operationNamed(arg);
    if (whole !== undefined) {
      names.add(whole);
      continue;
    }
    const letters = isCluster(arg) ? [...arg.slice(1)].map((letter) => `-${letter}`) : [arg];
    for (const letter of letters) {
      const name = letters.length > 1 ? operationNamed(letter) : undefined;
      if (name === undefined) rest.push(letter);
      else names.add(name);
    }
  }
  return { names, rest };
}

/** Several short options in a word; not one with its value behind it, such as `-j4`. */
function isCluster(arg: string): boolean {
  return /^-[A-Za-z]{2,}$/.test(arg);
}

function operationNamed(word: string): string | undefined {
  const name = Object.hasOwn(OTHER_SPELLINGS, word) ? OTHER_SPELLINGS[word] : word;
  return name !== undefined && Object.hasOwn(OPERATIONS, name) ? name : undefined;
}
