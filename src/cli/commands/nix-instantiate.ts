/** `nix-instantiate`: derivations from expressions; or with --eval values, with --parse syntax, with --find-file files. */
import { resolve } from "node:path";
import type { DerivationHandle, Session } from "#build";
import type { Target } from "#build/warm";
import type { CommandLine } from "../arguments.ts";
import type { Command, CommandContext } from "../command.ts";
import { NIX_TARGET_OPTIONS, readNixArguments } from "../nix-target.ts";
import { BUILD_OPTIONS } from "../options.ts";
import { openSession } from "../session.ts";
import { exprTarget } from "../target.ts";

export const command: Command = {
  name: "nix-instantiate",
  summary: "evaluate expressions to derivations, as nix-instantiate does",
  usage: "[OPTIONS] [FILE...]",
  options: [
    ...NIX_TARGET_OPTIONS,
    ...BUILD_OPTIONS,
    { names: ["--eval", "--eval-only"], help: "print the value" },
    { names: ["--parse", "--parse-only"], help: "print the syntax tree, in Nix's own form" },
    { names: ["--find-file"], help: "print the files that <NAME> means, for each argument" },
    { names: ["--strict"], help: "with --eval: evaluate list elements and attributes too" },
    { names: ["--json"], help: "with --eval: print as JSON" },
    { names: ["--xml"], help: "with --eval: print as XML" },
    { names: ["--no-location"], help: "with --xml: without the places of attributes in files" },
    { names: ["--raw"], help: "with --eval: print a string as it is" },
    {
      names: ["--add-root"],
      values: ["LINK"],
      help: "link the derivations and print the links",
      completes: "file",
    },
    { names: ["--indirect"], help: "accepted: links keep what they lead to in any case" },
    { names: ["--read-write-mode"], help: "with --eval: write to the store what evaluation makes" },
    { names: ["--dry-run"], help: "write nothing to the store" },
  ],
  async run(line, context) {
    const isEval = line.has("--eval") || line.has("--parse") || line.has("--find-file");
    const readOnly = line.has("--dry-run") || (isEval && !line.has("--read-write-mode"));
    await using session = openSession(line, context, { readOnly });
    if (line.has("--find-file")) return findFiles(line, context, session);
    const roots = rootLinks(line.value("--add-root"), context, session);
    for (const argument of readNixArguments(line, context, { files: ["default.nix"] })) {
      for (const target of argument.kind === "targets" ? argument.targets : []) {
        if (line.has("--parse")) context.output.line(session.parse(target));
        else if (line.has("--eval")) printValue(line, context, { session, target });
        else for (const found of session.derivations(target)) context.output.line(roots(found));
      }
    }
    return 0;
  },
};

function findFiles(line: CommandLine, context: CommandContext, session: Session): number {
  const target = exprTarget("null", { line, context, attrPath: "" });
  for (const name of line.positionals) context.output.line(session.findFile(name, target));
  return 0;
}

function printValue(
  line: CommandLine,
  { output }: CommandContext,
  { session, target }: { readonly session: Session; readonly target: Target },
): void {
  const isStrict = line.has("--strict");
  const isForced = isStrict || line.has("--json") || line.has("--raw");
  const evaluation = session.evaluate(target, { exactLaziness: !isForced, call: "with-arguments" });
  if (line.has("--raw")) output.bytes(evaluation.toRaw());
  else if (line.has("--xml"))
    output.bytes(evaluation.toXml({ strict: isStrict, locations: !line.has("--no-location") }));
  else if (line.has("--json")) output.bytes(`${evaluation.toJson()}\n`);
  else output.bytes(`${evaluation.printAsInstantiate({ strict: isStrict })}\n`);
}

/** How a derivation is printed: as itself, or as a link to it that was made, numbered from the second on. */
function rootLinks(
  link: string | undefined,
  context: CommandContext,
  session: Session,
): (found: DerivationHandle) => string {
  let count = 0;
  return ({ drvPath, output }) => {
    let shown: string = drvPath;
    if (link !== undefined) {
      const first = resolve(context.cwd, link);
      shown = ++count === 1 ? first : `${first}-${count}`;
      session.linkResult(shown, drvPath);
    }
    return output === "out" ? shown : `${shown}!${output}`;
  };
}
