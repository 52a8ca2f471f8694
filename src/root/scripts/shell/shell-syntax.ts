/**
 * The parts of a shell script, as the POSIX shell's grammar has them (XCU 2.10), as far as maintainer scripts go.
 * What is beyond it (bash's arrays and `[[`) does not parse, and a script that does not parse counts as one that
 * cannot be read.
 */

/** A piece of a word. What is quoted is not split into fields and matches literally. */
export type WordPiece =
  | { readonly kind: "text"; readonly text: string; readonly isQuoted: boolean }
  | {
      readonly kind: "variable";
      readonly name: string;
      /** `-`, `:-`, `+`, `:+`, `=`, `:=`, `?`, `:?`, `%`, `%%`, `#`, `##`, or "length" for `${#name}`. */
      readonly operator?: string;
      readonly operand?: Word;
      readonly isQuoted: boolean;
    }
  /** `$(…)`, or the same between backquotes. */
  | { readonly kind: "output"; readonly body: Command; readonly isQuoted: boolean }
  /** Arithmetic. */
  | { readonly kind: "unknown" };

export type Word = readonly WordPiece[];

export interface Redirect {
  /** `>`, `>>`, `<`, `>|`, `<>`, `>&`, `<&`, `<<`. */
  readonly operator: string;
  readonly target: Word;
  /** What stands in a here-document, if nothing in it is to be expanded. */
  readonly document?: string;
}

export interface Assignment {
  readonly name: string;
  readonly value: Word;
}

export type Command =
  | {
      readonly kind: "simple";
      readonly assignments: readonly Assignment[];
      readonly words: readonly Word[];
      readonly redirects: readonly Redirect[];
    }
  | { readonly kind: "pipeline"; readonly isNegated: boolean; readonly commands: readonly Command[] }
  | { readonly kind: "and" | "or"; readonly left: Command; readonly right: Command }
  | { readonly kind: "list"; readonly commands: readonly Command[] }
  | {
      readonly kind: "if";
      readonly clauses: readonly { readonly condition: Command; readonly body: Command }[];
      readonly otherwise: Command | undefined;
    }
  | {
      readonly kind: "case";
      readonly word: Word;
      readonly branches: readonly { readonly patterns: readonly Word[]; readonly body: Command }[];
    }
  /** Without `values`: over the arguments. */
  | {
      readonly kind: "for";
      readonly name: string;
      readonly values: readonly Word[] | undefined;
      readonly body: Command;
    }
  | { readonly kind: "while"; readonly isUntil: boolean; readonly condition: Command; readonly body: Command }
  | { readonly kind: "function"; readonly name: string; readonly body: Command }
  | { readonly kind: "subshell"; readonly body: Command }
  /** Any compound command that has redirections. */
  | { readonly kind: "redirected"; readonly body: Command; readonly redirects: readonly Redirect[] };
