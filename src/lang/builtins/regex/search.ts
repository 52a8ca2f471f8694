/**
 * Running an automaton over a byte string.
 *
 * This is a depth-first search in order of preference: one more repetition before going on, left alternatives
 * before right ones. A whole match takes the first path that ends at the end. A search takes, among all the paths
 * of the first position that has one, the one that ends last, and of those the first. These are the rules of the
 * C++ library that Nix uses; they are not quite POSIX's, which would maximise the groups from left to right.
 *
 * A repetition whose body can match nothing may do so twice in one place, as in the library: `(a*)*` on `aa` has an
 * empty group.
 *
 * The search keeps its own stack, so that a long string cannot overflow JavaScript's. When it has gone on for longer
 * than the string seems to deserve, it begins to remember what each branch led to, which bounds the time by states
 * times length: exploring a branch again would find the same ends again, and an end found first stands.
 */
import type { ByteString } from "#base";
import { type Automaton, Op } from "./automaton.ts";

/** Start and end of the whole, then of each group; -1 where a group took no part. */
export type Captures = readonly number[];

export interface SearchOptions {
  /** `whole`: from the first byte to the last. `prefix`: from `from`, to wherever. */
  readonly mode: "whole" | "prefix";
  readonly from: number;
  /** Refuse a match of no bytes. */
  readonly notEmpty?: boolean;
}

const Frame = {
  restoreStart: 0,
  restoreEnd: 1,
  restoreLoop: 2,
  forkRight: 3,
  forkJoin: 4,
  loopExit: 5,
  remember: 6,
} as const;

const PATIENCE = 10;
const MAX_TABLE_BYTES = 1 << 26;
const MAX_MAP_ENTRIES = 1 << 23;

export class Searcher {
  readonly #automaton: Automaton;
  readonly #text: ByteString;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** Per guarded repetition: where it was last entered, and how often there. */
  readonly #loopAt: Int32Array;
  readonly #loopCount: Uint8Array;
  #frames: number[] = [];
  #best: number[] | undefined;
  #bestEnd = -1;
  #stepsLeft: number;
  #memory: Memory | undefined;

  constructor(automaton: Automaton, text: ByteString) {
    this.#automaton = automaton;
    this.#text = text;
    this.#starts = new Int32Array(automaton.groups + 1).fill(-1);
    this.#ends = new Int32Array(automaton.groups + 1).fill(-1);
    this.#loopAt = new Int32Array(automaton.emptyLoops).fill(-1);
    this.#loopCount = new Uint8Array(automaton.emptyLoops);
    this.#stepsLeft = PATIENCE * (text.length + automaton.ops.length) + 1000;
  }

  /** Forgets what earlier runs led to; needed after a run that succeeded or had `notEmpty`. */
  reset(): void {
    this.#memory = undefined;
    this.#stepsLeft = PATIENCE * (this.#text.length + this.#automaton.ops.length) + 1000;
  }

  run({ mode, from, notEmpty = false }: SearchOptions): Captures | undefined {
    this.#best = undefined;
    this.#bestEnd = -1;
    this.#frames = [];
    this.#starts.fill(-1);
    this.#ends.fill(-1);
    this.#loopAt.fill(-1);
    this.#loopCount.fill(0);
    let state = this.#automaton.entry;
    let at = from;
    for (;;) {
      const found = this.#descend(state, at, { mode, from, notEmpty });
      if (this.#bestEnd === this.#text.length) return this.#best;
      const branch = this.#unwind(found);
      if (!branch) return this.#best;
      [state, at] = branch;
    }
  }

  /** Follows first choices from a state until acceptance or failure: whether the path was accepted. */
  #descend(state: number, at: number, options: Required<SearchOptions>): boolean {
    const { ops, next, other, data, sets } = this.#automaton;
    const text = this.#text;
    for (;;) {
      this.#stepsLeft--;
      switch (ops[state]) {
        case Op.set: {
          const set = sets[data[state] as number];
          if (at >= text.length || !set?.has(text.charCodeAt(at))) return false;
          at++;
          break;
        }
        case Op.open: {
          const group = data[state] as number;
          this.#frames.push(Frame.restoreStart, group, this.#starts[group] as number);
          this.#starts[group] = at;
          break;
        }
        case Op.close: {
          const group = data[state] as number;
          this.#frames.push(Frame.restoreEnd, group, this.#ends[group] as number);
          this.#ends[group] = at;
          break;
        }
        case Op.start:
          if (at !== 0) return false;
          break;
        case Op.end:
          if (at !== text.length) return false;
          break;
        case Op.accept:
          return this.#accept(at, options);
        default: {
          const known = this.#recall(state, at);
          if (known !== undefined) return known;
          if (ops[state] === Op.fork) {
            this.#frames.push(Frame.forkRight, state, at);
            state = other[state] as number;
            continue;
          }
          if (this.#enterLoop(data[state] as number, at)) {
            this.#frames.push(Frame.loopExit, state, at);
            // The loop's own entry must be taken back before its exit is tried: it lies above on the stack.
            this.#pushLoopRestore(data[state] as number, at);
            state = other[state] as number;
            continue;
          }
        }
      }
      state = next[state] as number;
    }
  }

  #accept(at: number, { mode, from, notEmpty }: Required<SearchOptions>): boolean {
    if (mode === "whole" && at !== this.#text.length) return false;
    if (notEmpty && at === from) return false;
    if (at > this.#bestEnd) {
      this.#bestEnd = at;
      this.#best = [from, at];
      for (let group = 1; group < this.#starts.length; group++) {
        const end = this.#ends[group] as number;
        this.#best.push(end < 0 ? -1 : (this.#starts[group] as number), end);
      }
    }
    return true;
  }

  /** Whether a repetition may be entered (again) here. */
  #enterLoop(loop: number, at: number): boolean {
    return loop < 0 || this.#loopAt[loop] !== at || (this.#loopCount[loop] as number) < 2;
  }

  #pushLoopRestore(loop: number, at: number): void {
    if (loop < 0) return;
    const [lastAt, count] = [this.#loopAt[loop] as number, this.#loopCount[loop] as number];
    this.#frames.push(Frame.restoreLoop, loop, lastAt * 4 + count);
    this.#loopCount[loop] = lastAt === at ? count + 1 : 1;
    this.#loopAt[loop] = at;
  }

  /** Goes back to the last open choice, whose state and place it returns. */
  #unwind(found: boolean): readonly [number, number] | undefined {
    const { next } = this.#automaton;
    const frames = this.#frames;
    while (frames.length > 0) {
      const value = frames.pop() as number;
      const subject = frames.pop() as number;
      switch (frames.pop()) {
        case Frame.restoreStart:
          this.#starts[subject] = value;
          break;
        case Frame.restoreEnd:
          this.#ends[subject] = value;
          break;
        case Frame.restoreLoop:
          this.#loopAt[subject] = Math.floor(value / 4);
          this.#loopCount[subject] = value & 3;
          break;
        case Frame.forkRight:
          frames.push(Frame.forkJoin, 0, found ? 1 : 0);
          return [next[subject] as number, value];
        case Frame.forkJoin:
          found ||= value === 1;
          break;
        case Frame.loopExit:
          if (!found) return [next[subject] as number, value];
          break;
        case Frame.remember:
          this.#memory?.set(value, found);
      }
    }
    return undefined;
  }

  /** What a branch led to before; where that is not known, sees to it that it will be. */
  #recall(state: number, at: number): boolean | undefined {
    if (this.#stepsLeft > 0) return undefined;
    this.#memory ??= new Memory(
      this.#automaton.ops.length * (this.#text.length + 1) * 3 ** this.#loopAt.length,
    );
    let key = state * (this.#text.length + 1) + at;
    for (let loop = 0; loop < this.#loopAt.length; loop++) {
      key = key * 3 + (this.#loopAt[loop] === at ? (this.#loopCount[loop] as number) : 0);
    }
    const known = this.#memory.get(key);
    if (known === undefined) this.#frames.push(Frame.remember, 0, key);
    return known;
  }
}

/** A partial function from keys to booleans: a table where that is small, else a bounded map. */
class Memory {
  readonly #table: Uint8Array | undefined;
  readonly #map = new Map<number, boolean>();
  readonly #usable: boolean;

  constructor(size: number) {
    this.#usable = size <= Number.MAX_SAFE_INTEGER;
    this.#table = size <= MAX_TABLE_BYTES ? new Uint8Array(size) : undefined;
  }

  get(key: number): boolean | undefined {
    if (!this.#table) return this.#map.get(key);
    const entry = this.#table[key];
    return entry === 0 ? undefined : entry === 2;
  }

  set(key: number, found: boolean): void {
    if (this.#table) this.#table[key] = found ? 2 : 1;
    else if (this.#usable && this.#map.size < MAX_MAP_ENTRIES) this.#map.set(key, found);
  }
}
