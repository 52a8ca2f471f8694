/** `nix-store --realise`: builds derivations, or makes sure of paths, and prints what came of it. */
import { resolve } from "node:path";
import { CopseError } from "#base";
import type { Session } from "#build";
import type { StorePath } from "#format";
import type { CommandLine } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { everythingOf } from "../../installables.ts";
import { namedPath } from "../../named-path.ts";
import { BUILD_OPTIONS } from "../../options.ts";
import { openSession } from "../../session.ts";

export const command: Command = {
  name: "--realise",
  summary: "build derivations, print their outputs",
  usage: "[OPTIONS] PATH...",
  options: [
    { names: ["--add-root"], values: ["LINK"], help: "make a link to each result that keeps it" },
    { names: ["--indirect"], help: "(no effect: such links always may lie anywhere)" },
    { names: ["--dry-run"], help: "say what would be built, and build nothing" },
    { names: ["--check"], help: "build again what is there, and compare" },
    { names: ["--repair"], help: "build again what is damaged" },
    { names: ["--ignore-unknown"], help: "leave out what nothing can make" },
    { names: ["--no-output"], help: "do not print results" },
    ...BUILD_OPTIONS,
  ],
  details: `
A PATH is a derivation, all of whose outputs are meant, or some of them: PATH.drv!out,dev. Any other path must be valid.`,
  async run(line, context) {
    await using session = openSession(line, context);
    const { store } = session;
    let wanted = line.positionals.map((text) => readWanted(session, text, context));
    if (line.has("--ignore-unknown")) wanted = wanted.filter(({ path }) => store.isValid(path));
    for (const { path } of wanted) checkKnown(session, path);
    const requests = wanted.flatMap(({ path, outputs }) =>
      everythingOf(store, path).filter((each) => each.kind === "path" || outputs.includes(each.output)),
    );
    if (line.has("--dry-run")) {
      await session.announce(requests);
      return 0;
    }
    await session.realise(requests, { mode: modeOf(line) });
    context.output.endProgress();
    if (!line.has("--ignore-unknown")) printResults(line, { session, context, wanted });
    return 0;
  },
};

interface Wanted {
  readonly path: StorePath;
  /** Names of outputs, where it is a derivation. */
  readonly outputs: readonly string[];
}

function readWanted(session: Session, text: string, context: CommandContext): Wanted {
  const { store } = session;
  const bang = text.lastIndexOf("!");
  const { path } = namedPath(store.place, bang < 0 ? text : text.slice(0, bang), context.cwd);
  if (!path.endsWith(".drv") || !store.isValid(path)) return { path, outputs: [] };
  const known = [...store.readDerivation(path).outputs.keys()];
  const names = bang < 0 || text.slice(bang + 1) === "*" ? known : text.slice(bang + 1).split(",");
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return { path, outputs: names };
  throw new CopseError("output-unknown", `derivation '${path}' does not have an output named '${unknown}'`);
}

function checkKnown({ store }: Session, path: StorePath): void {
  if (store.isValid(path)) return;
  throw new CopseError("store-path-unknown", `path '${path}' does not exist and cannot be created`, {
    hint: "name the derivation that makes it",
  });
}

function modeOf(line: CommandLine): "build" | "check" | "repair" {
  if (line.has("--check")) return "check";
  return line.has("--repair") ? "repair" : "build";
}

/** Each result or, with --add-root, the link to it: `LINK`, `LINK-dev`, and for further arguments `LINK-2`. */
function printResults(
  line: CommandLine,
  found: { readonly session: Session; readonly context: CommandContext; readonly wanted: readonly Wanted[] },
): void {
  const { session, context, wanted } = found;
  const root = line.value("--add-root");
  const print = (text: string): void => {
    if (!line.has("--no-output")) context.output.line(text);
  };
  wanted.forEach(({ path, outputs }, index) => {
    const paths = outputs.length > 0 ? session.store.queryOutputs(path) : new Map([["out", path]]);
    const results = (outputs.length > 0 ? [...outputs] : ["out"]).map((name) => {
      const result = paths.get(name) as StorePath;
      if (root === undefined) return result;
      const link = resolve(
        context.cwd,
        `${root}${index > 0 ? `-${index + 1}` : ""}${name === "out" ? "" : `-${name}`}`,
      );
      session.linkResult(link, result);
      return link;
    });
    for (const result of results.sort()) print(result);
  });
}
