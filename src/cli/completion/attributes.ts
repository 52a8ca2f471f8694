/** Names of attributes that begin as a word does, of the file or expression that the other words name. */
import { Attrs } from "#lang";
import { type Option, readCommandLine } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { openSession } from "../session.ts";
import { buildDefaults, readTarget } from "../target.ts";
import type { Completions } from "./complete.ts";

/** In Nix's own programs, files are arguments; everywhere else they are the value of --file. */
export async function completeAttributes(subject: {
  readonly current: string;
  readonly args: readonly string[];
  readonly options: readonly Option[];
  readonly context: CommandContext;
}): Promise<Completions> {
  try {
    const words = await attributesBelow(subject, subject.context);
    return { kind: "attrs", words: words.map((word) => ({ word })) };
  } catch {
    // An expression that cannot be evaluated has no attributes to offer, and this is no place to say why.
    return { kind: "attrs", words: [] };
  }
}

async function attributesBelow(
  { current, args, options }: Parameters<typeof completeAttributes>[0],
  context: CommandContext,
): Promise<string[]> {
  const dot = current.lastIndexOf(".") + 1;
  const path = current.slice(0, Math.max(0, dot - 1));
  // The word in question is no argument yet, and what is not an option of the command is its name.
  const line = readCommandLine(optionWords(args, options), { options });
  const value = (name: string): string | undefined => (name === "--attr" ? path : line.value(name));
  const given = line.value("--file") === undefined && line.value("--expr") === undefined;
  const positionals = given ? filesAmong(args, current) : [];
  const target = readTarget({ ...line, value, positionals: [] }, context, { ...buildDefaults, positionals });
  await using session = openSession(line, context);
  const found = session.evaluate(target).value;
  if (!(found instanceof Attrs)) return [];
  const start = current.slice(0, dot);
  return found
    .names()
    .filter((name) => name.startsWith(current.slice(dot)))
    .map((name) => `${start}${name}`);
}

/** The options among the words, with their values; of an option that wants more than there is, nothing. */
function optionWords(args: readonly string[], options: readonly Option[]): string[] {
  const byName = new Map(options.flatMap((option) => option.names.map((name) => [name, option] as const)));
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const option = byName.get(args[i] as string);
    const count = option?.values?.length ?? 0;
    if (!option || option.takesRest || i + count >= args.length) continue;
    words.push(...args.slice(i, i + 1 + count));
    i += count;
  }
  return words;
}

function filesAmong(args: readonly string[], current: string): string[] {
  return args.filter((word) => word !== current && /\.nix$|^<.*>$/.test(word)).slice(0, 1);
}
