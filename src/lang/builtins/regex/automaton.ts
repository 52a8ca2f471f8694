/**
 * A regular expression as a graph of numbered states, laid out in typed arrays.
 *
 * `next` is where a state goes; `other` is the branch that is tried *first* at a fork. Counted repetitions are
 * unrolled, which the parser's limit of states keeps finite.
 */
import type { CharacterSet } from "./bracket.ts";
import type { ParsedRegex, RegexNode } from "./syntax.ts";

export const Op = {
  /** Consume one byte of `sets[data]`. */
  set: 0,
  /** `data` is the group. */
  open: 1,
  close: 2,
  /** Alternatives: `other`, then `next`, and the longer wins. */
  fork: 3,
  /** A repetition: once more through `other`, or on through `next`. `data` is its number. */
  repeat: 4,
  start: 5,
  end: 6,
  accept: 7,
} as const;

export interface Automaton {
  readonly ops: Uint8Array;
  readonly next: Int32Array;
  readonly other: Int32Array;
  readonly data: Int32Array;
  readonly sets: readonly CharacterSet[];
  readonly entry: number;
  readonly groups: number;
  /** How many repetitions have a body that can match nothing: these must be kept from going round for ever. */
  readonly emptyLoops: number;
}

interface State {
  op: number;
  next: number;
  other: number;
  data: number;
}

export function isNullable(node: RegexNode): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "empty":
    case "start":
    case "end":
      return true;
    case "sequence":
      return node.items.every(isNullable);
    case "alternatives":
      return node.items.some(isNullable);
    case "group":
      return isNullable(node.body);
    case "repeat":
      return node.min === 0 || isNullable(node.body);
  }
}

class Builder {
  readonly states: State[] = [];
  readonly sets: CharacterSet[] = [];
  emptyLoops = 0;

  add(op: number, next: number, other = -1, data = -1): number {
    this.states.push({ op, next, other, data });
    return this.states.length - 1;
  }

  /** Builds the states of a node that go on to `next`; returns their entry. Built from the end to the front. */
  node(node: RegexNode, next: number): number {
    switch (node.kind) {
      case "empty":
        return next;
      case "set":
        this.sets.push(node.set);
        return this.add(Op.set, next, -1, this.sets.length - 1);
      case "start":
        return this.add(Op.start, next);
      case "end":
        return this.add(Op.end, next);
      case "sequence":
        return node.items.reduceRight((after, item) => this.node(item, after), next);
      case "alternatives":
        return this.alternatives(node.items, next);
      case "group": {
        const close = this.add(Op.close, next, -1, node.index);
        return this.add(Op.open, this.node(node.body, close), -1, node.index);
      }
      case "repeat":
        return this.repeat(node, next);
    }
  }

  // `a|b|c` is `(a|b)|c`: left ones are tried first at every fork.
  alternatives(items: readonly RegexNode[], next: number): number {
    const [first, ...rest] = items;
    let entry = this.node(first as RegexNode, next);
    for (const item of rest) entry = this.add(Op.fork, this.node(item, next), entry);
    return entry;
  }

  repeat(node: RegexNode & { kind: "repeat" }, next: number): number {
    const guard = isNullable(node.body) ? () => this.emptyLoops++ : () => -1;
    let entry = next;
    if (node.max === Number.POSITIVE_INFINITY) {
      const loop = this.add(Op.repeat, next, -1, guard());
      const body = this.node(node.body, loop);
      (this.states[loop] as State).other = body;
      if (node.entersBody) return body;
      entry = loop;
    } else {
      for (let i = node.min; i < node.max; i++) {
        entry = this.add(Op.repeat, next, this.node(node.body, entry), guard());
      }
    }
    for (let i = 0; i < node.min; i++) entry = this.node(node.body, entry);
    return entry;
  }
}

export function buildAutomaton(regex: ParsedRegex): Automaton {
  const builder = new Builder();
  const accept = builder.add(Op.accept, -1);
  const entry = builder.node(regex.root, accept);
  const { states, sets, emptyLoops } = builder;
  return {
    ops: Uint8Array.from(states, (state) => state.op),
    next: Int32Array.from(states, (state) => state.next),
    other: Int32Array.from(states, (state) => state.other),
    data: Int32Array.from(states, (state) => state.data),
    sets,
    entry,
    groups: regex.groups,
    emptyLoops,
  };
}
