/**
 * Installables: what commands are told to work on.
 *
 *     /nix/store/…-hello          a store path, or a file in one; a link that leads there, such as ./result
 *     /nix/store/…-hello.drv      the derivation itself
 *     /nix/store/…-hello.drv^out  an output of it; several: ^out,dev; all: ^*
 *     hello.dev                   with --file or --expr: an attribute; outputs of it: hello^dev
 *
 * Nothing is built here: an output is known by the derivation that makes it.
 */
import { readFileSync } from "node:fs";
import { isatty } from "node:tty";
import { CopseError } from "#base";
import type { Session } from "#build";
import type { StorePath } from "#format";
import type { RealiseRequest } from "#lang";
import type { Store } from "#store";
import type { CommandLine, Option } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { namedPath } from "./named-path.ts";
import { TARGET_OPTIONS } from "./options.ts";
import { infoOf } from "./store/store-queries.ts";
import { buildDefaults, readTarget } from "./target.ts";

export type Installable =
  | { readonly kind: "path"; readonly text: string; readonly path: StorePath }
  | {
      readonly kind: "outputs";
      readonly text: string;
      readonly drvPath: StorePath;
      readonly outputs: readonly string[];
    };

export const INSTALLABLE_OPTIONS: readonly Option[] = [
  ...TARGET_OPTIONS,
  { names: ["--stdin"], help: "read further arguments from the standard input" },
];

/** Of all arguments, and of the target that options name where there is none. */
export function readInstallables(
  line: CommandLine,
  context: CommandContext,
  session: Session,
): Installable[] {
  const texts = [...line.positionals, ...(line.has("--stdin") ? wordsOfInput() : [])];
  if (texts.length > 0 || line.has("--stdin"))
    return texts.flatMap((text) => resolveInstallable(text, { line, context, session }));
  return evaluated("", { line, context, session });
}

interface Where {
  readonly line: CommandLine;
  readonly context: CommandContext;
  readonly session: Session;
}

/** One argument; more than one installable where an attribute is a set of derivations. */
export function resolveInstallable(text: string, where: Where): Installable[] {
  if (namesExpression(where.line)) return evaluated(text, where);
  if (/#|^[a-z+]+:/.test(text)) throw flakeUnsupported(text);
  const { name, outputs } = splitOutputs(text);
  const { store } = where.session;
  const { path } = namedPath(store.place, name, where.context.cwd);
  if (outputs === undefined) return [{ kind: "path", text, path }];
  if (!path.endsWith(".drv")) {
    throw new CopseError(
      "not-a-derivation",
      `'${name}' is not a derivation, so it has no outputs: \`${text}\``,
    );
  }
  return [{ kind: "outputs", text, drvPath: path, outputs: chosenOutputs(store, path, outputs) }];
}

/** As `resolveInstallable`, where an argument must be one thing. Throws CopseError `installable-ambiguous`. */
export function resolveOne(text: string, where: Where): Installable {
  const [one, another] = resolveInstallable(text, where);
  if (one && !another) return one;
  throw new CopseError("installable-ambiguous", `argument '${text}' should evaluate to one store path`);
}

function flakeUnsupported(text: string): CopseError {
  return new CopseError("flake-unsupported", `Flakes are not part of this version: \`${text || "."}\``, {
    hint: "name a store path, or a file with --file, or an expression with --expr; the argument is then an attribute path",
  });
}

/** With --file or --expr, arguments are attribute paths. */
function namesExpression(line: CommandLine): boolean {
  return line.value("--file") !== undefined || line.value("--expr") !== undefined;
}

function evaluated(text: string, { line, context, session }: Where): Installable[] {
  if (!namesExpression(line) && context.programName === "nix") {
    throw flakeUnsupported(text);
  }
  const { name, outputs } = splitOutputs(text);
  const attr = name === "" ? line.value("--attr") : name;
  const value = (option: string): string | undefined => (option === "--attr" ? attr : line.value(option));
  const target = readTarget({ ...line, value, positionals: [] }, context, buildDefaults);
  return session.installables(target).map((found): Installable => {
    if (found.kind === "path") return { kind: "path", text: text || found.path, path: found.path };
    const { drvPath, attrPath, output } = found;
    return {
      kind: "outputs",
      text: text || attrPath || drvPath,
      drvPath,
      outputs:
        outputs === undefined
          ? (found.outputs ?? defaultOutputs(session.store, drvPath, output))
          : chosenOutputs(session.store, drvPath, outputs),
    };
  });
}

/** All of a derivation, unless one was picked that is not its first: `hello` is all outputs, `hello.dev` is one. */
function defaultOutputs(store: Store, drvPath: StorePath, picked: string): readonly string[] {
  const drv = store.readDerivation(drvPath);
  const all = [...drv.outputs.keys()];
  return picked === (firstOutput(drv.env.get("outputs")) ?? all[0]) ? all : [picked];
}

function firstOutput(outputs: string | undefined): string | undefined {
  return outputs?.split(" ").find((name) => name !== "");
}

/** What is behind the last `^`. */
function splitOutputs(text: string): { readonly name: string; readonly outputs: string | undefined } {
  const caret = text.lastIndexOf("^");
  return caret < 0
    ? { name: text, outputs: undefined }
    : { name: text.slice(0, caret), outputs: text.slice(caret + 1) };
}

function chosenOutputs(store: Store, drvPath: StorePath, outputs: string): readonly string[] {
  const known = [...store.readDerivation(drvPath).outputs.keys()];
  if (outputs === "*") return known;
  const chosen = outputs.split(",");
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown === undefined) return chosen;
  throw new CopseError(
    "output-unknown",
    `derivation '${drvPath}' does not have wanted outputs '${unknown}'`,
    { hint: `it has ${known.join(", ")}` },
  );
}

function wordsOfInput(): string[] {
  if (isatty(0)) return [];
  return readFileSync(0, "utf8").split(/\s+/).filter(Boolean);
}

/** The store paths that an installable stands for. Throws CopseError `output-not-built` for one not known before it is built. */
export function storePathsOf(store: Store, installable: Installable): StorePath[] {
  if (installable.kind === "path") return [installable.path];
  const known = store.queryOutputs(installable.drvPath);
  return installable.outputs.map((name) => {
    const path = known.get(name);
    if (path !== undefined) return path;
    throw new CopseError(
      "output-not-built",
      `the output '${name}' of '${installable.drvPath}' is not known before it is built`,
      { hint: "build it first" },
    );
  });
}

/** The derivation that an installable is or was made by. Throws CopseError `deriver-unknown`. */
export function derivationOf(store: Store, installable: Installable): StorePath {
  if (installable.kind === "outputs") return installable.drvPath;
  const { path } = installable;
  if (path.endsWith(".drv")) return path;
  const [deriver] = store.queryDerivers(path);
  const recorded = infoOf(store, path).deriver;
  const found = deriver ?? (recorded !== undefined && store.isValid(recorded) ? recorded : undefined);
  if (found !== undefined) return found;
  throw new CopseError("deriver-unknown", `'${installable.text}' does not have a known deriver`);
}

export function wantedOf(installable: Installable): RealiseRequest[] {
  if (installable.kind === "path") return [{ kind: "path", path: installable.path }];
  const { drvPath, outputs } = installable;
  return outputs.map((output) => ({ kind: "output", drvPath, output }));
}

/** All that a path can be realised to: a derivation's outputs, or the path itself. */
export function everythingOf(store: Store, path: StorePath): RealiseRequest[] {
  if (!path.endsWith(".drv")) return [{ kind: "path", path }];
  const outputs = [...store.readDerivation(path).outputs.keys()];
  return outputs.map((output) => ({ kind: "output", drvPath: path, output }));
}
