/**
 * Command lines, read against a table of options. Nix's options take none, one or two values
 * (`--arg NAME EXPR`), may be repeated, and a command to run ends them; so there is a reader of our own.
 */
import { CopseError } from "#base";

export interface Option {
  /** All spellings, the long one first: `["--file", "-f"]`. */
  readonly names: readonly [string, ...string[]];
  /** Placeholders of its values; none for a switch. */
  readonly values?: readonly string[];
  readonly help: string;
}

export interface CommandLine {
  readonly positionals: readonly string[];
  has(name: string): boolean;
  /** The last value given. */
  value(name: string): string | undefined;
  /** Each occurrence's values, in order. */
  all(name: string): readonly (readonly string[])[];
}

export interface ReadOptions {
  readonly options: readonly Option[];
  /** The first positional and all after it are the positionals, options included: `run python -c ...`. */
  readonly stopAtPositional?: boolean;
  /** How many arguments there may be beside options; any number where it is not said. */
  readonly maxPositionals?: number;
}

/** @throws CopseError `option-unknown`, `option-value`, `argument-unexpected`. */
export function readCommandLine(args: readonly string[], spec: ReadOptions): CommandLine {
  const byName = new Map(
    spec.options.flatMap((option) => option.names.map((name) => [name, option] as const)),
  );
  const given = new Map<string, string[][]>();
  const positionals: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === "--") {
      positionals.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      if (spec.stopAtPositional) {
        positionals.push(...args.slice(i));
        break;
      }
      positionals.push(arg);
      continue;
    }
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const option = byName.get(name);
    if (!option) throw unknownOption(name, [...byName.keys()]);
    const wanted = option.values?.length ?? 0;
    const values = equals < 0 ? args.slice(i + 1, i + 1 + wanted) : [arg.slice(equals + 1)];
    if (values.length !== wanted) {
      const needs =
        wanted === 0 ? "takes no value" : wanted === 1 ? "needs a value" : `needs ${wanted} values`;
      const shape = [name, ...(option.values ?? [])].join(" ");
      throw new CopseError("option-value", `Option ${needs}: \`${name}\``, { hint: `write it as: ${shape}` });
    }
    if (equals < 0) i += wanted;
    const list = given.get(option.names[0]) ?? [];
    list.push([...values]);
    given.set(option.names[0], list);
  }
  const surplus = positionals[spec.maxPositionals ?? Number.POSITIVE_INFINITY];
  if (surplus !== undefined) {
    throw new CopseError("argument-unexpected", `There is an argument too many: \`${surplus}\``, {
      hint: "`--help` shows what the command takes",
    });
  }
  return {
    positionals,
    has: (name) => given.has(name),
    value: (name) => given.get(name)?.at(-1)?.[0],
    all: (name) => given.get(name) ?? [],
  };
}

function unknownOption(name: string, known: readonly string[]): CopseError {
  const near = known.filter(
    (candidate) => candidate.startsWith(name.slice(0, 4)) && candidate.startsWith("--"),
  );
  const hint =
    near.length > 0 ? `did you mean ${near.slice(0, 3).join(", ")}?` : "`--help` lists the options";
  return new CopseError("option-unknown", `There is no such option: \`${name}\``, { hint });
}
