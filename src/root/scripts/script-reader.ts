/**
 * Goes through a maintainer script as a shell would, without running anything, and says which programs it would
 * call. Conditions are decided where the root or the arguments decide them; of the others both sides are gone
 * through, and what stands there is marked as something that only some runs would do.
 */
import type { ByteString } from "#base";
import { callBuiltin } from "./builtin-calls.ts";
import { endWith, OPEN, type Outcome, PASSED } from "./outcome.ts";
import { truthOfCall } from "./program-answers.ts";
import type { ScriptCall } from "./script-call.ts";
import { type ScriptRun, ScriptState } from "./script-state.ts";
import { assignedNames } from "./shell/assigned-names.ts";
import { not, type Truth } from "./shell/shell-conditions.ts";
import { ShellSyntaxError } from "./shell/shell-lexer.ts";
import { parseShell } from "./shell/shell-parser.ts";
import type { Command } from "./shell/shell-syntax.ts";
import { expandPattern, expandText, UNKNOWN, type Value } from "./shell/shell-values.ts";

export interface ReadScript {
  readonly calls: readonly ScriptCall[];
  /** Why the script could not be read to its end; then there may be calls that are not listed. */
  readonly problem?: string;
}

const MAX_STEPS = 50_000;
const MAX_DEPTH = 24;

/** Never throws for what a script holds. */
export function readScript(script: ByteString, run: ScriptRun): ReadScript {
  const interpreter = /^#![ \t]*(\S+)[ \t]*([^\n]*)/.exec(script);
  const shell = interpreter?.[1] ?? "/bin/sh";
  if (!/^(?:\/usr)?\/bin\/(?:sh|bash|dash)$/.test(shell))
    return { calls: [], problem: `it is run by ${shell}` };
  const reader = new ScriptReader(run);
  try {
    reader.run(parseShell(script));
  } catch (error) {
    if (error instanceof ShellSyntaxError) return { calls: reader.calls, problem: error.message };
    if (error instanceof TooLong) return { calls: reader.calls, problem: "it is too long to follow" };
    throw error;
  }
  return { calls: reader.calls };
}

class TooLong extends Error {}

type CommandOf<K extends Command["kind"]> = Command & { readonly kind: K };

class ScriptReader {
  readonly #state: ScriptState;
  readonly #functions = new Map<string, Command>();
  #steps = 0;
  #depth = 0;

  constructor(run: ScriptRun) {
    this.#state = new ScriptState(run, (body) => this.run(body));
  }

  get calls(): readonly ScriptCall[] {
    return this.#state.calls;
  }

  run(command: Command): Outcome {
    if (++this.#steps > MAX_STEPS) throw new TooLong();
    switch (command.kind) {
      case "simple":
        return this.#simple(command);
      case "list":
        return this.#list(command);
      case "pipeline":
        return this.#pipeline(command);
      case "and":
      case "or":
        return this.#andOr(command);
      case "if":
        return this.#if(command);
      case "case":
        return this.#case(command);
      case "for":
        return this.#for(command);
      case "while":
        return this.#while(command);
      case "function":
        this.#functions.set(command.name, command.body);
        return PASSED;
      case "subshell":
        return endWith(this.run(command.body).truth);
      case "redirected": {
        const writes = this.#state.writesOf(command.redirects);
        if (writes.length > 0) this.#state.calls.push({ words: [], isCertain: false, writes });
        return this.run(command.body);
      }
    }
  }

  #list({ commands }: CommandOf<"list">): Outcome {
    let outcome = PASSED;
    for (const command of commands) {
      outcome = this.run(command);
      if (outcome.ending !== "end") return outcome;
    }
    return outcome;
  }

  #pipeline({ commands, isNegated }: CommandOf<"pipeline">): Outcome {
    let outcome = OPEN;
    for (const each of commands) outcome = this.run(each);
    if (commands.length > 1) return OPEN;
    return { truth: isNegated ? not(outcome.truth) : outcome.truth, ending: outcome.ending };
  }

  #andOr(command: CommandOf<"and" | "or">): Outcome {
    const left = this.run(command.left);
    if (left.ending !== "end") return left;
    const goesOn = command.kind === "and" ? left.truth : not(left.truth);
    if (goesOn === false) return left;
    if (goesOn === true) return this.run(command.right);
    return this.#maybe(command.right);
  }

  /** Something that only some runs do: it changes nothing of what comes after for certain. */
  #maybe(command: Command): Outcome {
    this.#state.undecided++;
    this.#noteEnding(this.run(command));
    this.#state.undecided--;
    return OPEN;
  }

  /** Of a branch that only some runs take. That it fails is not reckoned with: then there would be no root. */
  #noteEnding({ ending, truth }: Outcome): void {
    if ((ending === "exit" || ending === "return") && truth !== false) this.#state.mayHaveEnded = true;
  }

  #if({ clauses, otherwise }: CommandOf<"if">): Outcome {
    let entered = 0;
    try {
      for (const { condition, body } of clauses) {
        const { truth, ending } = this.run(condition);
        if (ending !== "end") return { truth, ending: entered > 0 ? "end" : ending };
        if (truth === false) continue;
        if (truth === true) {
          const outcome = this.run(body);
          if (entered === 0) return outcome;
          this.#noteEnding(outcome);
          return OPEN;
        }
        entered++;
        this.#state.undecided++;
        this.#noteEnding(this.run(body));
      }
      const last = otherwise ? this.run(otherwise) : PASSED;
      if (entered === 0) return last;
      this.#noteEnding(last);
      return OPEN;
    } finally {
      this.#state.undecided -= entered;
    }
  }

  #case({ word, branches }: CommandOf<"case">): Outcome {
    const { text, isCertain } = expandText(word, this.#state);
    if (text === undefined || !isCertain) {
      for (const { body } of branches) this.#maybe(body);
      return OPEN;
    }
    let entered = false;
    for (const { patterns, body } of branches) {
      const regexes = patterns.map((pattern) => expandPattern(pattern, this.#state));
      if (regexes.some((regex) => regex?.test(text))) return entered ? this.#maybe(body) : this.run(body);
      if (regexes.includes(undefined)) {
        this.#maybe(body);
        entered = true;
      }
    }
    return entered ? OPEN : PASSED;
  }

  #for({ name, values, body }: CommandOf<"for">): Outcome {
    let outcome = PASSED;
    for (const value of values?.flatMap((word) => this.#state.fieldsOf(word)) ?? this.#state.args) {
      const isKnown = value.text !== undefined && !/[*?[]/.test(value.text);
      this.#state.replace(name, isKnown ? value : UNKNOWN);
      // Unknown words may be none at all.
      outcome = isKnown ? this.run(body) : this.#maybe(body);
      if (outcome.ending === "break") return OPEN;
      if (outcome.ending !== "end") return outcome;
    }
    return outcome;
  }

  #while({ condition, body, isUntil }: CommandOf<"while">): Outcome {
    const { truth } = this.run(condition);
    if ((isUntil ? not(truth) : truth) === false) return PASSED;
    // What it sets may differ from round to round: one is read, with what that sets already forgotten.
    const names = assignedNames(body);
    for (const name of names) this.#state.replace(name, UNKNOWN);
    this.#maybe(body);
    for (const name of names) this.#state.replace(name, UNKNOWN);
    return OPEN;
  }

  #simple({ assignments, words, redirects }: CommandOf<"simple">): Outcome {
    const state = this.#state;
    const fields = words.flatMap((word) => state.fieldsOf(word));
    const writes = state.writesOf(redirects);
    const [program, ...args] = fields;
    if (program === undefined) {
      let truth: Truth = true;
      for (const assignment of assignments) {
        const { text } = state.assign(assignment);
        // `x=$(program)` ends as the program does.
        if (text === undefined && assignment.value.some(({ kind }) => kind === "output")) truth = undefined;
      }
      if (writes.length > 0) state.record([], writes);
      return endWith(truth);
    }
    // For what runs in them: they hold for this program alone.
    for (const { value } of assignments) expandText(value, state);
    const body = program.text === undefined ? undefined : this.#functions.get(program.text);
    if (body) {
      if (writes.length > 0) state.record([], writes);
      return this.#callFunction(body, args);
    }
    const ended = callBuiltin(state, { fields, words, writes });
    if (ended) return ended;
    state.record(fields, writes, redirects.find(({ document }) => document !== undefined)?.document);
    return endWith(truthOfCall(fields, state.world));
  }

  #callFunction(body: Command, args: readonly Value[]): Outcome {
    if (this.#depth >= MAX_DEPTH) throw new TooLong();
    const outer = this.#state.args;
    this.#state.args = args;
    this.#depth++;
    const outcome = this.run(body);
    this.#depth--;
    this.#state.args = outer;
    return outcome.ending === "return" ? endWith(outcome.truth) : outcome;
  }
}
