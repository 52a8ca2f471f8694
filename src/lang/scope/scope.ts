/**
 * The names in scope at one place of a walk through a tree.
 *
 * A binder is visible from anywhere inside, past every `with`: to look a name up is to look at the top of that
 * name's own stack. So there is one map for the whole walk, and entering and leaving a scope pushes and pops.
 */
import type { ByteString } from "#base";
import type { Binder, VarRef, With } from "../syntax/ast.ts";

export type LocalRef = Extract<VarRef, { kind: "local" }>;
export type WithRef = Extract<VarRef, { kind: "with" }>;

export class Scope {
  /** Innermost last. */
  readonly #stacks = new Map<ByteString, LocalRef[]>();
  /** How the innermost `with` and those around it are referred to. */
  withs: WithRef | undefined;

  push(binder: Binder): void {
    const ref: LocalRef = { kind: "local", binder };
    const stack = this.#stacks.get(binder.name);
    if (stack === undefined) this.#stacks.set(binder.name, [ref]);
    else stack.push(ref);
  }

  pop(binder: Binder): void {
    this.#stacks.get(binder.name)?.pop();
  }

  find(name: ByteString): LocalRef | undefined {
    const stack = this.#stacks.get(name);
    return stack === undefined ? undefined : stack[stack.length - 1];
  }

  /** Enters a `with`; returns what stands outside of it, to be put back. */
  enterWith(node: With): WithRef | undefined {
    const outer = this.withs;
    this.withs = { kind: "with", withs: outer === undefined ? [node] : [node, ...outer.withs] };
    return outer;
  }

  *names(): Iterable<ByteString> {
    for (const [name, stack] of this.#stacks) if (stack.length > 0) yield name;
  }
}
