/**
 * The second pass over a tree: every variable learns what it means.
 *
 * Nix's rules: a name bound around it, however far out, wins over every `with`; so do the names of the global
 * scope (`with { map = 1; }; map` is the builtin). A name that neither binds is looked up at run time in
 * the `with`s around it, and without one it is an error, found here, before anything is evaluated. `inherit x`
 * looks outside of the bindings that it stands in, `inherit (e) x` evaluates `e` inside of recursive ones. Default
 * values of formals see all the formals.
 */
import { assertNever, type ByteString, CopseError, type Source, textFromByteString } from "#base";
import type {
  AttrName,
  Binary,
  Bindings,
  Expr,
  Lambda,
  Let,
  Negate,
  SearchPath,
  Var,
} from "../syntax/ast.ts";
import { guardNesting } from "../syntax/mod.ts";
import { isRebindable, spellOut } from "./rebound.ts";
import { type LocalRef, Scope } from "./scope.ts";
import { nearestName } from "./suggest.ts";

export type GlobalNames = ReadonlySet<ByteString> | ((name: ByteString) => boolean);

export interface ResolveOptions {
  /** Names of the global scope, those that `scopedImport` brought included. */
  readonly globals: GlobalNames;
  /**
   * Those of the globals that `scopedImport` brought. They may replace operators (`__sub`, `__findFile`, ...),
   * which then refer to the global of that name.
   */
  readonly imported?: ReadonlySet<ByteString>;
  readonly source: Source;
}

/**
 * Fills `ref` of every variable and `rebound` of the operators.
 * Throws CopseError `undefined-variable`, `nesting-too-deep`.
 */
export function resolve(expr: Expr, options: ResolveOptions): void {
  const resolver = new Resolver(options);
  guardNesting(
    () => undefined,
    () => resolver.visit(expr),
  );
}

const globalRef = { kind: "global" } as const;

class Resolver {
  readonly #scope = new Scope();
  readonly #options: ResolveOptions;
  readonly #isGlobal: (name: ByteString) => boolean;
  /** How many binders around hold the name of an operator: almost always none. */
  #rebindings = 0;

  constructor(options: ResolveOptions) {
    const { globals } = options;
    this.#options = options;
    this.#isGlobal = typeof globals === "function" ? globals : (name) => globals.has(name);
    for (const name of options.imported ?? []) if (isRebindable(name)) this.#rebindings++;
  }

  visit(expr: Expr): void {
    switch (expr.kind) {
      case "int":
      case "float":
      case "string":
      case "path":
      case "current-position":
        return;
      case "var":
        this.#variable(expr);
        return;
      case "template":
      case "path-template":
        for (const part of expr.parts) this.visit(part);
        return;
      case "list":
        for (const item of expr.items) this.visit(item);
        return;
      case "apply":
        this.visit(expr.fn);
        for (const arg of expr.args) this.visit(arg);
        return;
      case "select":
        this.visit(expr.subject);
        if (expr.fallback !== undefined) this.visit(expr.fallback);
        this.#path(expr.path);
        return;
      case "has-attr":
        this.visit(expr.subject);
        this.#path(expr.path);
        return;
      case "lambda":
        this.#lambda(expr);
        return;
      case "attrs":
        if (expr.recursive) this.#recursive(expr.bindings, undefined);
        else this.#plain(expr.bindings);
        return;
      case "let":
        this.#recursive(expr.bindings, expr);
        return;
      case "with": {
        this.visit(expr.subject);
        const outer = this.#scope.enterWith(expr);
        this.visit(expr.body);
        this.#scope.withs = outer;
        return;
      }
      case "assert":
        this.visit(expr.condition);
        this.visit(expr.body);
        return;
      case "if":
        this.visit(expr.condition);
        this.visit(expr.then);
        this.visit(expr.otherwise);
        return;
      case "not":
        this.visit(expr.operand);
        return;
      case "binary":
        this.#binary(expr);
        return;
      case "negate":
        if (!this.#spellOut(expr)) this.visit(expr.operand);
        return;
      case "search-path":
        this.#spellOut(expr);
        return;
      default:
        assertNever(expr);
    }
  }

  #path(path: readonly AttrName[]): void {
    for (const name of path) if (name.kind === "dynamic") this.visit(name.expr);
  }

  /** Long chains of an operator lean to the left: they are walked in a loop. */
  #binary(expr: Binary): void {
    const rights: Expr[] = [];
    let left: Expr = expr;
    while (left.kind === "binary") {
      if (this.#spellOut(left)) break;
      rights.push(left.right);
      left = left.left;
    }
    if (left.kind !== "binary") this.visit(left);
    for (let i = rights.length - 1; i >= 0; i--) this.visit(rights[i] as Expr);
  }

  #lambda({ param, formals, body }: Lambda): void {
    if (param !== undefined) this.#push(param);
    if (formals !== undefined) {
      for (const { binder } of formals.list) this.#push(binder);
      for (const { fallback } of formals.list) if (fallback !== undefined) this.visit(fallback);
    }
    this.visit(body);
    if (param !== undefined) this.#pop(param);
    if (formals !== undefined) for (const { binder } of formals.list) this.#pop(binder);
  }

  #plain({ attrs, inheritFrom, dynamic }: Bindings): void {
    for (const subject of inheritFrom) this.visit(subject);
    for (const { value } of attrs) {
      if (value.kind === "plain") this.visit(value.expr);
      else if (value.kind === "inherit") this.#variable(value.variable);
    }
    for (const { name, value } of dynamic) {
      this.visit(name);
      this.visit(value);
    }
  }

  /** Of a recursive set, or of a `let` with its body. */
  #recursive({ attrs, inheritFrom, dynamic }: Bindings, node: Let | undefined): void {
    for (const { value } of attrs) if (value.kind === "inherit") this.#variable(value.variable);
    for (const { binder } of attrs) this.#push(binder);
    for (const subject of inheritFrom) this.visit(subject);
    for (const { value } of attrs) if (value.kind === "plain") this.visit(value.expr);
    for (const { name, value } of dynamic) {
      this.visit(name);
      this.visit(value);
    }
    if (node !== undefined) this.visit(node.body);
    for (const { binder } of attrs) this.#pop(binder);
  }

  #push(binder: LocalRef["binder"]): void {
    this.#scope.push(binder);
    if (isRebindable(binder.name)) this.#rebindings++;
  }

  #pop(binder: LocalRef["binder"]): void {
    this.#scope.pop(binder);
    if (isRebindable(binder.name)) this.#rebindings--;
  }

  #variable(node: Var): void {
    const { name } = node;
    const local = this.#scope.find(name);
    if (local !== undefined) node.ref = local;
    else if (this.#isGlobal(name)) node.ref = globalRef;
    else if (this.#scope.withs !== undefined) node.ref = this.#scope.withs;
    else throw this.#undefined(node);
  }

  /** Replaces an operator whose name is bound here by the call that it is; false where nothing is rebound. */
  #spellOut(node: Binary | Negate | SearchPath): boolean {
    if (this.#rebindings === 0) return false;
    const { imported } = this.#options;
    const call = spellOut(
      node,
      (name) => this.#scope.find(name) !== undefined || imported?.has(name) === true,
    );
    if (call === undefined) return false;
    node.rebound = call;
    this.visit(call);
    return true;
  }

  #undefined({ name, start, end }: Var): CopseError {
    const { globals, source } = this.#options;
    const near =
      nearestName(name, this.#scope.names()) ??
      (typeof globals === "function" ? undefined : nearestName(name, globals));
    return new CopseError("undefined-variable", `undefined variable '${textFromByteString(name)}'`, {
      span: { source, start, end },
      hint: near === undefined ? undefined : `did you mean \`${textFromByteString(near)}\`?`,
    });
  }
}
