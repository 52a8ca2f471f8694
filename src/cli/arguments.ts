/**
 * Command lines, read against a table of options. Nix's options take none, one or two values
 * (`--arg NAME EXPR`), may be repeated, and a command to run ends them; so there is a reader of our own.
 *
 * Short options may be written together (`-qR`), and the value of the last may follow at once (`-j4`).
 */
import { CopseError } from "#base";

/** What the shell offers where a value or an argument is typed. */
export type Completion =
  | "file"
  | "folder"
  | "attribute"
  | "installable"
  | "setting"
  | "store-path"
  | readonly string[];

export interface Option {
  /** All spellings, the long one first: `["--file", "-f"]`. */
  readonly names: readonly [string, ...string[]];
  /** Placeholders of its values; none for a switch. */
  readonly values?: readonly string[];
  /** All that follows is its value, one word at least: `--command PROGRAM ARGUMENT...`. */
  readonly takesRest?: boolean;
  readonly help: string;
  /** The setting of Nix that it sets; a switch sets it to true, or as `--no-…` to false. */
  readonly setting?: string;
  /** What the switch sets it to, where that is something else. */
  readonly settingValue?: string;
  /** Ours alone: neither in the help nor completed. */
  readonly isHidden?: boolean;
  /** What the last of its values is. */
  readonly completes?: Completion;
}

export interface CommandLine {
  readonly positionals: readonly string[];
  has(name: string): boolean;
  /** The last value given. */
  value(name: string): string | undefined;
  /** Each occurrence's values, in order. */
  all(name: string): readonly (readonly string[])[];
  /** Of options that overrule each other, the one that was given last. */
  last(names: readonly string[]): string | undefined;
  /** Options that are settings of Nix, and `--option NAME VALUE`, as nix.conf would say them. */
  settings(): readonly { readonly name: string; readonly value: string }[];
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
  const settings: { name: string; value: string }[] = [];
  const positionals: string[] = [];
  const words = [...args];
  for (let arg = words.shift(); arg !== undefined; arg = words.shift()) {
    if (arg === "--") {
      positionals.push(...words);
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      positionals.push(arg);
      if (!spec.stopAtPositional) continue;
      positionals.push(...words);
      break;
    }
    const { name, option, attached } = optionAt(arg, byName, words);
    const values = takeValues({ name, option, attached }, words);
    const list = given.get(option.names[0]) ?? [];
    list.push(values);
    // In the order in which each was given last.
    given.delete(option.names[0]);
    given.set(option.names[0], list);
    const setting = asSetting(name, option, values);
    if (setting) settings.push(setting);
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
    last: (names) => [...given.keys()].findLast((name) => names.includes(name)),
    settings: () => settings,
  };
}

/** `-j 4` is `max-jobs = 4`, `--no-sandbox` is `sandbox = false`. Which of these are settings, they know. */
function asSetting(
  name: string,
  option: Option,
  values: readonly string[],
): { name: string; value: string } | undefined {
  if (option.names[0] === "--option") return { name: values[0] as string, value: values[1] as string };
  if (option.setting !== undefined)
    return {
      name: option.setting,
      value: values[0] ?? option.settingValue ?? String(!name.startsWith("--no-")),
    };
  return undefined;
}

interface GivenOption {
  /** As it was spelled. */
  readonly name: string;
  readonly option: Option;
  /** The value in the same word: `--cores=4`, `-j4`. */
  readonly attached: string | undefined;
}

/** The option that a word begins with. Of several short ones in a word, the others go back to `words`. */
function optionAt(arg: string, byName: ReadonlyMap<string, Option>, words: string[]): GivenOption {
  const whole = byName.get(arg);
  if (whole) return { name: arg, option: whole, attached: undefined };
  if (arg.startsWith("--")) {
    const equals = arg.indexOf("=");
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const option = byName.get(name);
    if (!option) throw unknownOption(name, [...byName.keys()]);
    return { name, option, attached: equals < 0 ? undefined : arg.slice(equals + 1) };
  }
  const name = arg.slice(0, 2);
  const rest = arg.slice(2);
  const option = byName.get(name);
  if (!option || rest === "") throw unknownOption(arg, [...byName.keys()]);
  if (option.values !== undefined) return { name, option, attached: rest };
  if (!byName.has(`-${rest[0]}`)) throw unknownOption(arg, [...byName.keys()]);
  words.unshift(`-${rest}`);
  return { name, option, attached: undefined };
}

/** Takes an option's values from the words that follow it. */
function takeValues({ name, option, attached }: GivenOption, words: string[]): string[] {
  const wanted = option.values?.length ?? 0;
  const values = attached === undefined ? [] : [attached];
  if (option.takesRest) values.push(...words.splice(0));
  else if (values.length < wanted) values.push(...words.splice(0, wanted - values.length));
  if (option.takesRest ? values.length >= wanted : values.length === wanted) return values;
  const needs = wanted === 0 ? "takes no value" : wanted === 1 ? "needs a value" : `needs ${wanted} values`;
  const shape = [name, ...(option.values ?? [])].join(" ");
  throw new CopseError("option-value", `Option ${needs}: \`${name}\``, { hint: `write it as: ${shape}` });
}

function unknownOption(name: string, known: readonly string[]): CopseError {
  const near = known.filter(
    (candidate) => candidate.startsWith(name.slice(0, 4)) && candidate.startsWith("--"),
  );
  // A letter too few or too many is likelier than half a word.
  const nearest = near.filter((candidate) => Math.abs(candidate.length - name.length) <= 2);
  const offered = (nearest.length > 0 ? nearest : near).slice(0, 3);
  const hint = offered.length > 0 ? `did you mean ${offered.join(", ")}?` : "`--help` lists the options";
  return new CopseError("option-unknown", `There is no such option: \`${name}\``, { hint });
}
