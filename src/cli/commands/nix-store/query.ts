/** `nix-store --query`: what the store knows about paths. */
import { CopseError, textFromByteString } from "#base";
import type { Session } from "#build";
import { formatPrefixedHash, type StorePath } from "#format";
import type { Store } from "#store";
import type { CommandLine } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { everythingOf } from "../../installables.ts";
import { namedPath } from "../../named-path.ts";
import { BUILD_OPTIONS } from "../../options.ts";
import { dotGraph, graphml } from "../../reports/dependency-graph.ts";
import { dependencyTree } from "../../reports/dependency-tree.ts";
import { openSession } from "../../session.ts";
import { closureOf, infoOf, inOrder, referencesIn } from "../../store/store-queries.ts";
import { usageError } from "../../usage-error.ts";

/** The questions. At most one of them is asked at a time. */
const QUESTIONS = {
  "--outputs": printOutputs,
  "--requisites": printRelated((store, path, line) => requisites(store, path, line.has("--include-outputs"))),
  "--references": printRelated((store, path) => infoOf(store, path).references),
  "--referrers": printRelated((store, path) => store.queryReferrers(path)),
  "--referrers-closure": printRelated((store, path) => [path, ...store.referrersClosure([path])]),
  "--deriver": ({ store, named, print }) => {
    for (const path of named) print(infoOf(store, path).deriver ?? "unknown-deriver");
  },
  "--valid-derivers": ({ store, named, print }) => {
    printSorted(
      store,
      named.flatMap((path) => store.queryDerivers(path)),
      print,
    );
  },
  "--binding": printBinding,
  "--hash": async ({ store, meant, print }) => {
    for (const path of await meant()) print(formatPrefixedHash(infoOf(store, path).narHash, "nix32"));
  },
  "--size": async ({ store, meant, print }) => {
    for (const path of await meant()) print(String(infoOf(store, path).narSize));
  },
  "--tree": ({ store, named, print }) => {
    for (const text of dependencyTree(named, referencesIn(store))) print(text);
  },
  "--graph": async ({ store, meant, print }) => {
    for (const text of dotGraph(await meant(), referencesIn(store))) print(text);
  },
  "--graphml": async ({ store, meant, print }) => {
    const sizeOf = (path: StorePath): number => infoOf(store, path).narSize;
    for (const text of graphml(await meant(), referencesIn(store), sizeOf)) print(text);
  },
  "--resolve": ({ named, print }) => {
    for (const path of named) print(path);
  },
  "--roots": printRoots,
} satisfies Record<string, (query: Query) => void | Promise<void>>;

type Question = keyof typeof QUESTIONS;

/** What a question is asked about, and how. */
interface Query {
  readonly store: Store;
  readonly line: CommandLine;
  /** The paths as they were named. */
  readonly named: readonly StorePath[];
  /** With --use-output, the outputs instead of the derivations among them. Built first with --force-realise. */
  meant(): Promise<StorePath[]>;
  /** The outputs of the derivations among them. */
  outputs(): Promise<StorePath[]>;
  /** The argument of --binding. */
  readonly binding: string | undefined;
  readonly print: (text: string) => void;
}

export const command: Command = {
  name: "--query",
  summary: "what the store knows about paths",
  usage: "[QUESTION] [OPTIONS] PATH...",
  options: [
    { names: ["--outputs"], help: "the output paths of derivations (the default)" },
    { names: ["--requisites", "-R"], help: "everything that the paths need: their closure" },
    { names: ["--references"], help: "what the paths refer to directly" },
    { names: ["--referrers", "--referers"], help: "what refers to the paths directly" },
    {
      names: ["--referrers-closure", "--referers-closure"],
      help: "everything in the store that needs the paths",
    },
    { names: ["--deriver", "-d"], help: "the derivation that made a path" },
    { names: ["--valid-derivers"], help: "the derivations in the store that have a path as output" },
    { names: ["--binding", "-b"], help: "a variable of derivations: -b NAME PATH..." },
    { names: ["--hash"], help: "the SHA-256 of the paths' archives (NAR)" },
    { names: ["--size"], help: "the sizes of the paths' archives, in bytes" },
    { names: ["--tree", "-t"], help: "the references as a tree" },
    { names: ["--graph"], help: "the references as a graph for Graphviz" },
    { names: ["--graphml"], help: "the references as a graph in GraphML" },
    { names: ["--resolve"], help: "the store paths that links lead to" },
    { names: ["--roots"], help: "what keeps the paths from being collected" },
    { names: ["--use-output", "-u"], help: "for a derivation, ask about its outputs" },
    {
      names: ["--force-realise", "--force-realize", "-f"],
      help: "build derivations first",
    },
    { names: ["--include-outputs"], help: "with --requisites: the outputs of derivations, too" },
    ...BUILD_OPTIONS,
  ],
  details: `
examples:
  nix-store -qR ./result                    the closure of what was built
  nix-store -q --tree $(nix-instantiate)    the derivations below one
  nix-store -q --roots /nix/store/...       why a path is not collected`,
  async run(line, context) {
    const question = readQuestion(line);
    await using session = openSession(line, context);
    await QUESTIONS[question](readQuery(line, { session, context, question }));
    return 0;
  },
};

function readQuestion(line: CommandLine): Question {
  const asked = (Object.keys(QUESTIONS) as Question[]).filter((name) => line.has(name));
  if (asked.length > 1) throw usageError(`query type '${asked[1]}' conflicts with earlier flag`);
  return asked[0] ?? "--outputs";
}

function readQuery(
  line: CommandLine,
  where: { readonly session: Session; readonly context: CommandContext; readonly question: Question },
): Query {
  const { session, context, question } = where;
  const { store } = session;
  const asksBinding = question === "--binding";
  const binding = asksBinding ? line.positionals[0] : undefined;
  if (asksBinding && binding === undefined) throw usageError("expected binding name");
  const others = asksBinding ? line.positionals.slice(1) : line.positionals;
  const named = others.map((text) => namedPath(store.place, text, context.cwd).path);
  const resolvePaths = async (useOutputs: boolean): Promise<StorePath[]> => {
    const force = line.has("--force-realise");
    if (force) await session.realise(named.flatMap((path) => everythingOf(store, path)));
    return named.flatMap((path) =>
      useOutputs && path.endsWith(".drv") ? outputsOf(store, path, force) : [path],
    );
  };
  return {
    store,
    line,
    named,
    meant: () => resolvePaths(line.has("--use-output")),
    outputs: () => resolvePaths(true),
    binding,
    print: (text) => context.output.line(text),
  };
}

/** What the derivation says that its outputs are; when it was built, what they came to be. */
function outputsOf(store: Store, drvPath: StorePath, isBuilt: boolean): StorePath[] {
  if (isBuilt) return [...store.queryOutputs(drvPath).values()].sort();
  const paths = [...store.readDerivation(drvPath).outputs.values()].map(({ path }) => path);
  const known = paths.filter((path): path is StorePath => path !== "");
  if (known.length < paths.length) {
    throw new CopseError(
      "output-unknown",
      "Cannot use output path of floating content-addressing derivation until we know what it is (e.g. by building it)",
    );
  }
  return known.sort();
}

async function printOutputs({ outputs, print }: Query): Promise<void> {
  for (const path of await outputs()) print(path);
}

/** Several paths' answers become one set, dependencies before dependents. */
function printRelated(
  related: (store: Store, path: StorePath, line: CommandLine) => readonly StorePath[],
): (query: Query) => Promise<void> {
  return async ({ store, meant, line, print }) => {
    const paths = new Set<StorePath>();
    for (const path of await meant()) for (const each of related(store, path, line)) paths.add(each);
    printSorted(store, [...paths], print);
  };
}

function printSorted(store: Store, paths: readonly StorePath[], print: (text: string) => void): void {
  for (const path of inOrder(store, paths)) print(path);
}

function requisites(store: Store, path: StorePath, includeOutputs: boolean): StorePath[] {
  const closure = new Set(closureOf(store, [path]));
  if (!includeOutputs) return [...closure];
  // Outputs have closures of their own, with further derivations in them.
  const waiting = [...closure];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (!each.endsWith(".drv")) continue;
    for (const output of store.queryOutputs(each).values()) {
      if (closure.has(output) || !store.isValid(output)) continue;
      for (const further of store.closure([output])) {
        if (closure.has(further)) continue;
        closure.add(further);
        waiting.push(further);
      }
    }
  }
  return [...closure];
}

function printBinding({ store, named, binding, print }: Query): void {
  for (const path of named) {
    const drvPath = path.endsWith(".drv") ? path : infoOf(store, path).deriver;
    if (drvPath === undefined) {
      throw new CopseError("deriver-unknown", `deriver of path '${path}' is not known`);
    }
    const value = store.readDerivation(drvPath).env.get(binding ?? "");
    if (value === undefined) {
      throw new CopseError(
        "binding-unknown",
        `derivation '${drvPath}' has no environment binding named '${binding}'`,
      );
    }
    print(textFromByteString(value));
  }
}

async function printRoots({ store, meant, print }: Query): Promise<void> {
  const needing = new Set(store.referrersClosure(await meant()));
  for (const [path, links] of store.findRoots()) {
    if (needing.has(path)) for (const link of links) print(`${link} -> ${path}`);
  }
}
