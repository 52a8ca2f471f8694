/** The shell's own commands, as far as they change what comes after them (POSIX, XCU 2.14). */
import { endWith, OPEN, type Outcome, PASSED } from "./outcome.ts";
import type { ScriptState } from "./script-state.ts";
import { evaluateTest } from "./shell/shell-conditions.ts";
import { asAssignment } from "./shell/shell-parser.ts";
import type { Word } from "./shell/shell-syntax.ts";
import { known, type ScriptWord, UNKNOWN, type Value } from "./shell/shell-values.ts";

export interface SimpleCall {
  /** The program, then its arguments. */
  readonly fields: readonly Value[];
  /** The same before expansion. */
  readonly words: readonly Word[];
  readonly writes: readonly ScriptWord[];
}

/** Undefined for what is none of the shell's own. */
export function callBuiltin(state: ScriptState, { fields, words, writes }: SimpleCall): Outcome | undefined {
  const [program, ...args] = fields;
  const [first] = args;
  switch (program?.text) {
    case ":":
    case "true":
      if (writes.length > 0) state.record(fields, writes);
      return PASSED;
    case "false":
      return endWith(false);
    case "exit":
    case "return":
      return { truth: first?.text === undefined ? undefined : first.text === "0", ending: program.text };
    case "break":
      return { truth: true, ending: "break" };
    case "continue":
      return PASSED;
    case "local":
    case "export":
    case "readonly":
    case "typeset":
      for (const word of words.slice(1)) {
        const assignment = asAssignment(word);
        if (assignment) state.assign(assignment);
      }
      return PASSED;
    case "unset":
      for (const { text } of args) if (text !== undefined) state.set(text, known(""));
      return PASSED;
    case "shift":
      state.args = state.args.slice(first?.text === undefined ? 1 : Number(first.text));
      return PASSED;
    case "set":
      setArguments(state, args);
      return PASSED;
    case "read":
      for (const { text } of args) if (text !== undefined && !text.startsWith("-")) state.set(text, UNKNOWN);
      return OPEN;
    case "[":
      return endWith(evaluateTest(args.slice(0, -1), state.world));
    case "test":
      return endWith(evaluateTest(args, state.world));
    case "exec":
      if (args.length === 0) return PASSED;
      state.record(args, writes);
      return { truth: undefined, ending: "exit" };
    default:
      return undefined;
  }
}

function setArguments(state: ScriptState, args: readonly Value[]): void {
  const at = args.findIndex(({ text }) => text === "--");
  if (at >= 0) state.args = args.slice(at + 1);
  else if (args.length > 0 && !/^[-+]/.test(args[0]?.text ?? "")) state.args = args;
}
