/**
 * `let` and recursive sets: groups of variables that may mention each other in any order. Since a captured value
 * is copied when a thunk is made, a thunk that is made before a variable it mentions has its field filled in
 * afterwards. What cannot be patched that way (a list literal that holds a sibling, say) is made after what it
 * mentions, or becomes a thunk where that goes in a circle.
 */
import type { Attr, AttrSet, Binder, Bindings, Expr, Lambda } from "../syntax/ast.ts";
import { value } from "./expression.ts";
import { type Capture, captureArguments, captureField, type Frame, quote } from "./frame.ts";
import { mentioned } from "./free-names.ts";
import { announceLambda, lambdaParts } from "./lambda.ts";
import { attrsLiteral, isTotalSet, lazy, lazyVar, selectLater, shapedSet, thunkParts } from "./lazy.ts";
import { inOrder } from "./order.ts";

type Source =
  | { readonly kind: "expr"; readonly expr: Expr }
  /** A variable of the surroundings. */
  | { readonly kind: "outer"; readonly js: string }
  /** An attribute of another member of the group. */
  | { readonly kind: "select"; readonly subject: object; readonly binder: Binder };

interface Member {
  readonly key: object;
  readonly js: string;
  readonly source: Source;
  state: "waiting" | "visiting" | "ready";
}

export function emitLet(frame: Frame, bindings: Bindings): void {
  new Group(frame, bindings).emit();
}

/** Emits what a set needs and answers an expression for it. */
export function emitAttrs(frame: Frame, expr: AttrSet): string {
  if (isTotalSet(expr)) return attrsLiteral(frame, expr);
  const { attrs, dynamic } = expr.bindings;
  const hasOverrides = expr.recursive && attrs.some((attr) => attr.binder.name === "__overrides");
  let set: string;
  if (hasOverrides) set = emitOverridden(frame, expr);
  else if (expr.recursive) {
    new Group(frame, expr.bindings).emit();
    set = shapedSet(frame, attrs, (attr) => frame.lookup(attr.binder).js);
  } else set = emitPlainSet(frame, expr.bindings);
  if (dynamic.length === 0) return set;
  const builder = frame.unit.fresh("d");
  frame.emit(`const ${builder}=DYN(${set});`);
  for (const attr of dynamic) {
    const [name] = inOrder(frame, [() => value(frame, attr.name)]);
    const mark = frame.unit.mark(attr.start);
    frame.emit(`${mark}DYNADD(${builder},${name},${lazy(frame, attr.value)},${attr.start});`);
  }
  return `DYNEND(${builder})`;
}

/** A set that is not recursive but has dynamic attributes or inherits from something worth sharing. */
function emitPlainSet(frame: Frame, bindings: Bindings): string {
  const subjects = bindings.inheritFrom.map((subject) => {
    const js = frame.unit.fresh("w");
    frame.emit(`const ${js}=${lazy(frame, subject)};`);
    return js;
  });
  return shapedSet(frame, bindings.attrs, (attr) => {
    switch (attr.value.kind) {
      case "plain":
        return lazy(frame, attr.value.expr);
      case "inherit":
        return lazyVar(frame, attr.value.variable);
      case "inherit-from":
        return selectLater(frame, subjects[attr.value.from] as string, attr.binder);
    }
  });
}

/**
 * `__overrides` replaces attributes of a recursive set after the fact, for the set's own references too. So all
 * references go through stand-ins that look the attribute up in the finished set.
 */
function emitOverridden(frame: Frame, expr: AttrSet): string {
  const { attrs } = expr.bindings;
  const box = frame.unit.fresh("o");
  frame.emit(`const ${box}={attrs:undefined};`);
  for (const attr of attrs) {
    const js = frame.unit.fresh("v");
    frame.emit(`const ${js}=new Thunk(STANDIN,${box},${quote(attr.binder.name)},undefined);`);
    frame.define(attr.binder, { js, forced: false });
  }
  const subjects = expr.bindings.inheritFrom.map((subject) => lazy(frame, subject));
  const set = shapedSet(frame, attrs, (attr) => {
    switch (attr.value.kind) {
      case "plain":
        return lazy(frame, attr.value.expr);
      case "inherit":
        return lazyVar(frame, attr.value.variable);
      case "inherit-from":
        return selectLater(frame, subjects[attr.value.from] as string, attr.binder);
    }
  });
  frame.emit(`${box}.attrs=${set};${box}.attrs=${frame.unit.mark(expr.start)}OVERRIDE(${box}.attrs);`);
  return `${box}.attrs`;
}

class Group {
  readonly #frame: Frame;
  readonly #members = new Map<object, Member>();
  readonly #keys: ReadonlySet<object>;
  /** What to do once a member exists. */
  readonly #patches = new Map<object, string[]>();

  constructor(frame: Frame, bindings: Bindings) {
    this.#frame = frame;
    for (const expr of bindings.inheritFrom) this.#add(expr, { kind: "expr", expr });
    for (const attr of bindings.attrs) this.#add(attr.binder, this.#sourceOf(attr, bindings));
    this.#keys = new Set(this.#members.keys());
  }

  #sourceOf(attr: Attr, bindings: Bindings): Source {
    switch (attr.value.kind) {
      case "plain":
        return { kind: "expr", expr: attr.value.expr };
      case "inherit":
        return { kind: "outer", js: lazyVar(this.#frame, attr.value.variable) };
      case "inherit-from":
        return {
          kind: "select",
          subject: bindings.inheritFrom[attr.value.from] as Expr,
          binder: attr.binder,
        };
    }
  }

  #add(key: object, source: Source): void {
    const frame = this.#frame;
    const js = frame.unit.fresh("v");
    this.#members.set(key, { key, js, source, state: "waiting" });
    const isLambda = source.kind === "expr" && source.expr.kind === "lambda" && frame.unit.options.eager;
    if (isLambda)
      frame.define(key, { js, forced: true, known: announceLambda(frame, source.expr as Lambda) });
    else frame.define(key, { js, forced: false });
  }

  emit(): void {
    for (const member of this.#members.values()) this.#make(member);
  }

  /** False when the member is being made already and cannot be had now. */
  #make(member: Member): boolean {
    if (member.state === "visiting") return false;
    if (member.state === "ready") return true;
    member.state = "visiting";
    const { source } = member;
    if (source.kind === "outer") this.#define(member, source.js, false);
    else if (source.kind === "select") this.#makeSelection(member, source.subject, source.binder);
    else if (source.expr.kind === "lambda" && this.#frame.unit.options.eager)
      this.#makeLambda(member, source.expr);
    else if (isImmediate(source.expr, this.#frame) && this.#makeMentioned(source.expr)) {
      this.#define(member, lazy(this.#frame, source.expr), isValue(source.expr));
    } else this.#makeThunk(member, source.expr);
    return true;
  }

  #makeMentioned(expr: Expr): boolean {
    for (const key of mentioned(expr, this.#keys))
      if (!this.#make(this.#members.get(key) as Member)) return false;
    return true;
  }

  #makeSelection(member: Member, subject: object, binder: Binder): void {
    const subjectJs = this.#frame.lookup(subject).js;
    if (this.#make(this.#members.get(subject) as Member)) {
      this.#define(member, selectLater(this.#frame, subjectJs, binder), false);
      return;
    }
    this.#patch(subject, `${member.js}.a=${subjectJs};`);
    this.#frame.emit(
      `const ${member.js}=new Thunk(SELECTED,undefined,${quote(binder.name)},${binder.start});`,
    );
    this.#ready(member);
  }

  #makeLambda(member: Member, expr: Lambda): void {
    const { known } = this.#frame.lookup(member.key);
    if (known === undefined) throw new Error("A lambda of a group was not announced");
    const { code, captures } = lambdaParts(this.#frame, expr, known, member.key);
    this.#emitPatchable(member, `new Lambda(${code},`, captures);
  }

  #makeThunk(member: Member, expr: Expr): void {
    const { fn, captures } = thunkParts(this.#frame, expr, member.key);
    this.#emitPatchable(member, `new Thunk(${fn},`, captures);
  }

  #emitPatchable(member: Member, open: string, captures: readonly Capture[]): void {
    const values = captures.map(({ key, outer }, i) => {
      const sibling = this.#members.get(key);
      if (sibling === undefined || sibling.state === "ready") return outer.js;
      this.#patch(key, `${member.js}.${captureField(i, captures.length)}=${outer.js};`);
      return "undefined";
    });
    this.#frame.emit(`const ${member.js}=${open}${captureArguments(values)});`);
    this.#ready(member);
  }

  #patch(key: object, line: string): void {
    this.#patches.set(key, [...(this.#patches.get(key) ?? []), line]);
  }

  #define(member: Member, js: string, forced: boolean): void {
    this.#frame.emit(`const ${member.js}=${js};`);
    if (forced) this.#frame.define(member.key, { js: member.js, forced });
    this.#ready(member);
  }

  #ready(member: Member): void {
    member.state = "ready";
    for (const patch of this.#patches.get(member.key) ?? []) this.#frame.emit(patch);
    this.#patches.delete(member.key);
  }
}

/** Made without a thunk of its own, from siblings that must exist. */
function isImmediate(expr: Expr, frame: Frame): boolean {
  const { eager } = frame.unit.options;
  switch (expr.kind) {
    case "int":
    case "float":
    case "string":
    case "path":
    case "var":
      return true;
    case "list":
      return eager || expr.items.length === 0;
    case "attrs":
      return eager && isTotalSet(expr);
    case "select":
      return (
        eager &&
        expr.fallback === undefined &&
        expr.subject.kind === "var" &&
        expr.path.every((name) => name.kind === "static")
      );
    default:
      return false;
  }
}

function isValue(expr: Expr): boolean {
  return expr.kind !== "var" && expr.kind !== "select";
}
