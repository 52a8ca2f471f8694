/**
 * The syntax tree. A closed union of plain readonly nodes; every node carries the byte offsets of its source.
 *
 * What Nix's parser settles stays settled here: indented strings are stripped, `a.b = 1; a.c = 2;` are merged
 * into one set, `inherit` is spelled out, `a -> b` and the comparison operators keep their own kinds. Names are
 * resolved in a second pass (`../scope`), which fills `Var.ref`.
 */
import type { ByteString } from "#base";

export type Expr =
  | IntLiteral
  | FloatLiteral
  | StringLiteral
  | StringTemplate
  | PathLiteral
  | PathTemplate
  | SearchPath
  | Var
  | Select
  | HasAttr
  | Apply
  | Lambda
  | AttrSet
  | Let
  | List
  | With
  | Assert
  | If
  | Not
  | Negate
  | Binary
  | CurrentPosition;

interface Node {
  /** Byte offset of the first byte: where Nix reports the expression to be. */
  readonly start: number;
  /** Byte offset after the last byte. */
  readonly end: number;
}

/**
 * In Nix `a - b` is the call `__sub a b`, and `__sub` is looked up like any other name; `*`, `/`, `<` and its kin,
 * `-a` and `<path>` likewise (`__mul`, `__div`, `__lessThan`, `__sub`, `__findFile` with `__nixPath`). Where source
 * rebinds such a name, the scope pass puts the spelled-out expression here, and it stands for the node.
 */
interface Rebindable {
  rebound: Expr | undefined;
}

export interface IntLiteral extends Node {
  readonly kind: "int";
  /** A bigint only outside the safe integers. */
  readonly value: number | bigint;
}
export interface FloatLiteral extends Node {
  readonly kind: "float";
  readonly value: number;
}
/** A string without interpolation, indented ones and URIs included. */
export interface StringLiteral extends Node {
  readonly kind: "string";
  readonly value: ByteString;
}
export interface StringTemplate extends Node {
  readonly kind: "template";
  /** Neighbouring texts are joined; never empty. */
  readonly parts: readonly (StringLiteral | Expr)[];
}
/** Made absolute against the file's directory, or against home for `~/`, by the parser. */
export interface PathLiteral extends Node {
  readonly kind: "path";
  readonly value: ByteString;
}
/** `./a/${b}/c`: the first part is a PathLiteral, a trailing slash kept. */
export interface PathTemplate extends Node {
  readonly kind: "path-template";
  readonly parts: readonly [PathLiteral, ...(StringLiteral | Expr)[]];
}
/** `<nixpkgs/lib>`, without its brackets. */
export interface SearchPath extends Node, Rebindable {
  readonly kind: "search-path";
  readonly value: ByteString;
}
export interface Var extends Node {
  readonly kind: "var";
  readonly name: ByteString;
  /** Filled by the scope pass. */
  ref: VarRef | undefined;
}
export interface Select extends Node {
  readonly kind: "select";
  readonly subject: Expr;
  readonly path: readonly AttrName[];
  /** `or`. */
  readonly fallback: Expr | undefined;
}
export interface HasAttr extends Node {
  readonly kind: "has-attr";
  readonly subject: Expr;
  readonly path: readonly AttrName[];
}
export type AttrName =
  | { readonly kind: "static"; readonly name: ByteString; readonly start: number; readonly end: number }
  | { readonly kind: "dynamic"; readonly expr: Expr; readonly start: number; readonly end: number };

export interface Apply extends Node {
  readonly kind: "apply";
  readonly fn: Expr;
  /** At least one: `f a b` is one node with two arguments. */
  readonly args: readonly Expr[];
}
export interface Lambda extends Node {
  readonly kind: "lambda";
  /** `x: ...`, or the `args` of `args@{ ... }: ...`. */
  readonly param: Binder | undefined;
  readonly formals: Formals | undefined;
  readonly body: Expr;
  /** The name it is bound to, for error messages: set by the parser for `f = x: ...`. */
  name: ByteString | undefined;
  /** A doc comment's offsets in the source, where one stands before the lambda or its binding. */
  doc: { readonly start: number; readonly end: number } | undefined;
}
export interface Formals {
  /** In source order. */
  readonly list: readonly Formal[];
  readonly ellipsis: boolean;
}
export interface Formal {
  readonly binder: Binder;
  readonly fallback: Expr | undefined;
}
/** What introduces a name. Compared by identity. */
export interface Binder {
  readonly name: ByteString;
  readonly start: number;
}
export interface AttrSet extends Node {
  readonly kind: "attrs";
  readonly recursive: boolean;
  readonly bindings: Bindings;
}
export interface Let extends Node {
  readonly kind: "let";
  readonly bindings: Bindings;
  readonly body: Expr;
}
/** Of a set or a `let`; already merged, no static name twice. */
export interface Bindings {
  readonly attrs: readonly Attr[];
  /** The subjects of `inherit (subject) ...`, each evaluated once, in the inner scope of a recursive set or `let`. */
  readonly inheritFrom: readonly Expr[];
  /** `${name} = value`, in source order. */
  readonly dynamic: readonly { readonly name: Expr; readonly value: Expr; readonly start: number }[];
}
export interface Attr {
  readonly binder: Binder;
  readonly value:
    | { readonly kind: "plain"; readonly expr: Expr }
    /** `inherit x;`: the variable is looked up outside of the bindings. */
    | { readonly kind: "inherit"; readonly variable: Var }
    /** `inherit (subject) x;`: attribute `x` of `inheritFrom[from]`. */
    | { readonly kind: "inherit-from"; readonly from: number };
}
export interface List extends Node {
  readonly kind: "list";
  readonly items: readonly Expr[];
}
export interface With extends Node {
  readonly kind: "with";
  readonly subject: Expr;
  readonly body: Expr;
}
export interface Assert extends Node {
  readonly kind: "assert";
  readonly condition: Expr;
  readonly body: Expr;
}
export interface If extends Node {
  readonly kind: "if";
  readonly condition: Expr;
  readonly then: Expr;
  readonly otherwise: Expr;
}
export interface Not extends Node {
  readonly kind: "not";
  readonly operand: Expr;
}
export interface Negate extends Node, Rebindable {
  readonly kind: "negate";
  readonly operand: Expr;
}
export type BinaryOperator =
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "&&"
  | "||"
  | "->"
  | "//"
  | "++"
  | "+"
  | "-"
  | "*"
  | "/"
  | "|>"
  | "<|";
export interface Binary extends Node, Rebindable {
  readonly kind: "binary";
  readonly op: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
  /** Where the operator stands: Nix reports the operation there. */
  readonly operator: number;
}
/** `__curPos`. */
export interface CurrentPosition extends Node {
  readonly kind: "current-position";
}

/** What a variable means, decided by the scope pass. */
export type VarRef =
  /** Bound by a lambda, a `let`, a recursive set. */
  | { readonly kind: "local"; readonly binder: Binder }
  /** Looked up at run time in these `with`s, innermost first, then in the global scope where it has the name. */
  | { readonly kind: "with"; readonly withs: readonly With[] }
  /** A name of the global scope (`builtins`, `map`, `true`, ...) or one that `scopedImport` brought. */
  | { readonly kind: "global" };
