/**
 * What the arguments of nix-build, nix-instantiate and nix-shell name. Each is a file, a folder, `<name>`, with --expr
 * an expression, or a derivation in the store (`/nix/store/….drv`, `….drv!output`, or a link that leads to one).
 * `-A` may be repeated, and each attribute is taken from each of them.
 */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { DerivationHandle, Session } from "#build";
import type { Target } from "#build/warm";
import type { StorePath } from "#format";
import type { StorePlace } from "#store/place";
import type { CommandLine, Option } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { insideStore } from "./named-path.ts";
import { TARGET_OPTIONS } from "./options.ts";
import { expressionFor, exprTarget, fileTarget, findFile } from "./target.ts";

/** In Nix's own programs `--expr` says what the arguments are, and files are arguments. */
export const NIX_TARGET_OPTIONS: readonly Option[] = [
  ...TARGET_OPTIONS.filter(({ names }) => !names.includes("--expr") && !names.includes("--file")),
  { names: ["--expr", "-E"], help: "the arguments are expressions, not files" },
  {
    names: ["--impure"],
    setting: "pure-eval",
    settingValue: "false",
    help: "let evaluation see the machine",
  },
];

export interface NamedDerivation {
  readonly drvPath: StorePath;
  readonly output: string | undefined;
}

/** What one argument means. */
export type NixArgument =
  | { readonly kind: "derivation"; readonly derivation: NamedDerivation }
  | { readonly kind: "targets"; readonly targets: readonly Target[] };

export interface NixArgumentOptions {
  /** Names of files, the first that is there counts. */
  readonly files: readonly string[];
  /** Instead of the command line's. */
  readonly arguments?: readonly string[];
  /** The store that arguments can be derivations of. */
  readonly derivationsIn?: StorePlace;
  /** Arguments are expressions. Default: as `--expr` says. */
  readonly areExpressions?: boolean;
  /** What relative names are relative to. Default: the current folder. */
  readonly baseDir?: string;
}

/** @throws CopseError `file-not-found`, `target-missing`. */
export function readNixArguments(
  line: CommandLine,
  context: CommandContext,
  options: NixArgumentOptions,
): NixArgument[] {
  const attrPaths = line.all("--attr").map(([path]) => path as string);
  const isExpr = options.areExpressions ?? line.has("--expr");
  const given = options.arguments ?? line.positionals;
  const baseDir = options.baseDir ?? context.cwd;
  const place: CommandContext = Object.create(context, { cwd: { value: baseDir } });
  const targetsOf = (word: string | undefined): Target[] => {
    const expr = word !== undefined && isExpr && word !== "-" ? word : expressionFor(word);
    const file = expr === undefined ? findFile(word, place, { ...options, mayBeMissing: true }) : "";
    return (attrPaths.length > 0 ? attrPaths : [""]).map((attrPath) => {
      const source = { line, context, attrPath, baseDir };
      return expr === undefined ? fileTarget(file, source) : exprTarget(expr, source);
    });
  };
  if (given.includes("-")) return [{ kind: "targets", targets: targetsOf("-") }];
  const words = given.length > 0 || isExpr ? given : [undefined];
  return words.map((word): NixArgument => {
    const derivation =
      options.derivationsIn && !isExpr && word !== undefined
        ? derivationNamed(options.derivationsIn, word, baseDir)
        : undefined;
    return derivation ? { kind: "derivation", derivation } : { kind: "targets", targets: targetsOf(word) };
  });
}

/** The derivation that a word names, with the output after a `!`. */
export function derivationNamed(place: StorePlace, word: string, cwd: string): NamedDerivation | undefined {
  const [, name = "", output] = /^(.*?)(?:!([a-zA-Z0-9+._?=,-]+))?$/s.exec(word) ?? [];
  const path = resolve(cwd, name);
  const found = insideStore(place, path) ?? insideStore(place, linkedTo(path));
  return found?.rest === "" && found.path.endsWith(".drv") ? { drvPath: found.path, output } : undefined;
}

/** Where links lead; the path itself where there is nothing. */
function linkedTo(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "ELOOP") throw error;
    return path;
  }
}

/** The derivations that all arguments stand for, in their order. */
export function derivationsOf(session: Session, args: readonly NixArgument[]): DerivationHandle[] {
  return args.flatMap((argument) =>
    argument.kind === "derivation"
      ? [session.derivationAt(argument.derivation.drvPath, argument.derivation.output)]
      : session.derivations(...argument.targets),
  );
}
