/**
 * Goes through a maintainer script as a shell would, without running anything, and says which programs it would
 * call. Conditions are decided where the root or the arguments decide them; of the others both sides are gone
 * through, and what stands there is marked as something that only some runs would do.
 */
import type { ByteString } from "#base";
import {
  compareVersions,
  evaluateTest,
  hasProgram,
  not,
  type ScriptWorld,
  type Truth,
} from "./shell-conditions.ts";
import { ShellSyntaxError } from "./shell-lexer.ts";
import { asAssignment, parseShell } from "./shell-parser.ts";
import type { Assignment, Command, Redirect, Word } from "./shell-syntax.ts";
import {
  type ExpansionScope,
  expandFields,
  expandPattern,
  expandText,
  known,
  type ScriptWord,
  UNKNOWN,
  type Value,
} from "./shell-values.ts";

/** A call that a script makes. */
export interface ScriptCall {
  /** The program's name first; undefined stands for a word that cannot be known. */
  readonly words: readonly ScriptWord[];
  /** Whether every run makes this call with these words. */
  readonly isCertain: boolean;
  /** Files that it writes to by redirection. */
  readonly writes: readonly ScriptWord[];
  /** What it is given to read by a here-document. */
  readonly input?: ByteString | undefined;
}

export interface ReadScript {
  readonly calls: readonly ScriptCall[];
  /** Why the script could not be read to its end; then there may be calls that are not listed. */
  readonly problem?: string;
}

export interface ScriptRun {
  /** As dpkg gives them: `configure` and the version that was there before, which is "". */
  readonly args: readonly ByteString[];
  readonly packageName: string;
  readonly scriptName: string;
  readonly world: ScriptWorld;
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

/** How a list of commands ended: by its end, or by leaving what it stands in. */
type Ending = "end" | "exit" | "return" | "break";

interface Outcome {
  readonly truth: Truth;
  readonly ending: Ending;
}

const PASSED: Outcome = { truth: true, ending: "end" };
const OPEN: Outcome = { truth: undefined, ending: "end" };
const KEEPS_GOING = (outcome: Outcome): boolean => outcome.ending === "end";

class ScriptReader implements ExpansionScope {
  readonly calls: ScriptCall[] = [];
  readonly #world: ScriptWorld;
  readonly #variables: Map<string, Value>;
  readonly #functions = new Map<string, Command>();
  #args: readonly Value[];
  #steps = 0;
  #depth = 0;
  /** How many undecided conditions stand around what is being read. */
  #undecided = 0;
  /** Whether some runs have ended the script, or the function, before this place. */
  #mayHaveEnded = false;

  constructor(run: ScriptRun) {
    this.#world = run.world;
    this.#args = run.args.map(known);
    this.#variables = new Map([
      ["DPKG_ROOT", known("")],
      ["DPKG_ADMINDIR", known("/var/lib/dpkg")],
      ["DPKG_MAINTSCRIPT_NAME", known(run.scriptName)],
      ["DPKG_MAINTSCRIPT_PACKAGE", known(run.packageName)],
      ["DPKG_MAINTSCRIPT_ARCH", known(run.world.architecture)],
      ["DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT", known("1")],
      ["DEBIAN_FRONTEND", known("noninteractive")],
      ["DEBCONF_RECONFIGURE", known("")],
      ["DEBCONF_NONINTERACTIVE_SEEN", known("")],
      ["DEB_MAINT_PARAMS", known(run.args.join(" "))],
      ["HOME", known("/root")],
      ["0", known(`/var/lib/dpkg/info/${run.packageName}.${run.scriptName}`)],
      ["IFS", known(" \t\n")],
      ["-", known("")],
    ]);
  }

  run(command: Command): Outcome {
    if (++this.#steps > MAX_STEPS) throw new TooLong();
    switch (command.kind) {
      case "simple":
        return this.#simple(command);
      case "list":
        return this.#list(command.commands);
      case "pipeline":
        return this.#pipeline(command);
      case "and":
      case "or":
        return this.#andOr(command);
      case "if":
        return this.#if(command.clauses, command.otherwise);
      case "case":
        return this.#case(command);
      case "for":
        return this.#for(command);
      case "while":
        return this.#while(command);
      case "function":
        this.#functions.set(command.name, command.body);
        return PASSED;
      case "subshell": {
        const outcome = this.run(command.body);
        return { truth: outcome.truth, ending: "end" };
      }
      case "redirected": {
        const writes = this.#writes(command.redirects);
        if (writes.length > 0) this.calls.push({ words: [], isCertain: false, writes });
        return this.run(command.body);
      }
    }
  }

  variable(name: string): Value | undefined {
    if (/^[1-9][0-9]*$/.test(name)) return this.#args[Number(name) - 1];
    if (name === "#") return known(String(this.#args.length));
    if (name === "@" || name === "*") {
      const texts = this.#args.map(({ text }) => text);
      if (texts.includes(undefined)) return UNKNOWN;
      return { text: texts.join(" "), isCertain: this.#args.every(({ isCertain }) => isCertain) };
    }
    return this.#variables.get(name);
  }

  /** What a command prints, for the few whose output the arguments tell. */
  outputOf(body: Command): Value {
    const before = this.calls.length;
    // A subshell: what it sets is gone when it ends.
    const variables = new Map(this.#variables);
    this.run(body);
    this.#variables.clear();
    for (const [name, value] of variables) this.#variables.set(name, value);
    const lines = this.calls.slice(before).map((call) => {
      if (!call.isCertain || call.words.includes(undefined) || call.writes.length > 0) return undefined;
      return printedBy(call.words as ByteString[], this.#world);
    });
    if (lines.length === 0 || lines.includes(undefined)) return UNKNOWN;
    return known(lines.join("\n").replace(/\n+$/, ""));
  }

  #list(commands: readonly Command[]): Outcome {
    let outcome = PASSED;
    for (const command of commands) {
      outcome = this.run(command);
      if (!KEEPS_GOING(outcome)) return outcome;
    }
    return outcome;
  }

  #pipeline(command: Command & { readonly kind: "pipeline" }): Outcome {
    let outcome = OPEN;
    for (const each of command.commands) outcome = this.run(each);
    if (command.commands.length > 1) return OPEN;
    return { truth: command.isNegated ? not(outcome.truth) : outcome.truth, ending: outcome.ending };
  }

  #andOr(command: Command & { readonly kind: "and" | "or" }): Outcome {
    const left = this.run(command.left);
    if (!KEEPS_GOING(left)) return left;
    const goesOn = command.kind === "and" ? left.truth : not(left.truth);
    if (goesOn === false) return left;
    if (goesOn === true) return this.run(command.right);
    return this.#maybe(command.right);
  }

  /** Something that only some runs do: it changes nothing of what comes after for certain. */
  #maybe(command: Command): Outcome {
    this.#undecided++;
    this.#noteEnding(this.run(command));
    this.#undecided--;
    return OPEN;
  }

  /** Of a branch that only some runs take. That it fails is not reckoned with: then there would be no root. */
  #noteEnding({ ending, truth }: Outcome): void {
    if ((ending === "exit" || ending === "return") && truth !== false) this.#mayHaveEnded = true;
  }

  #if(
    clauses: readonly { readonly condition: Command; readonly body: Command }[],
    otherwise: Command | undefined,
  ): Outcome {
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
        this.#undecided++;
        this.#noteEnding(this.run(body));
      }
      const last = otherwise ? this.run(otherwise) : PASSED;
      if (entered === 0) return last;
      this.#noteEnding(last);
      return OPEN;
    } finally {
      this.#undecided -= entered;
    }
  }

  #case(command: Command & { readonly kind: "case" }): Outcome {
    const word = expandText(command.word, this);
    if (word.text === undefined || !word.isCertain) {
      for (const { body } of command.branches) this.#maybe(body);
      return OPEN;
    }
    let entered = false;
    for (const { patterns, body } of command.branches) {
      const regexes = patterns.map((pattern) => expandPattern(pattern, this));
      if (regexes.some((regex) => regex?.test(word.text!)))
        return entered ? this.#maybe(body) : this.run(body);
      if (regexes.includes(undefined)) {
        this.#maybe(body);
        entered = true;
      }
    }
    return entered ? OPEN : PASSED;
  }

  #for(command: Command & { readonly kind: "for" }): Outcome {
    const values = command.values?.flatMap((word) => this.#fields(word)) ?? this.#args;
    let outcome = PASSED;
    for (const value of values) {
      const isKnown = value.text !== undefined && !/[*?[]/.test(value.text);
      this.#variables.set(command.name, isKnown ? value : UNKNOWN);
      // Unknown words may be none at all.
      outcome = isKnown ? this.run(command.body) : this.#maybe(command.body);
      if (outcome.ending === "break") return OPEN;
      if (!KEEPS_GOING(outcome)) return outcome;
    }
    return outcome;
  }

  #while(command: Command & { readonly kind: "while" }): Outcome {
    const { truth } = this.run(command.condition);
    if ((command.isUntil ? not(truth) : truth) === false) return PASSED;
    // What it sets may differ from round to round: one is read, with what that sets already forgotten.
    for (const name of assignedIn(command.body)) this.#variables.set(name, UNKNOWN);
    this.#maybe(command.body);
    for (const name of assignedIn(command.body)) this.#variables.set(name, UNKNOWN);
    return OPEN;
  }

  #simple(command: Command & { readonly kind: "simple" }): Outcome {
    const fields = command.words.flatMap((word) => this.#fields(word));
    const writes = this.#writes(command.redirects);
    const program = fields[0];
    if (program === undefined) {
      let truth: Truth = true;
      for (const assignment of command.assignments) {
        const value = this.#assign(assignment);
        // `x=$(program)` ends as the program does.
        if (assignment.value.some((piece) => piece.kind === "output") && value.text === undefined)
          truth = undefined;
      }
      if (writes.length > 0) this.#record([], writes);
      return { truth, ending: "end" };
    }
    for (const { value } of command.assignments) expandText(value, this);
    if (writes.length > 0 && program.text !== undefined && this.#functions.has(program.text))
      this.#record([], writes);
    const input = command.redirects.find(({ document }) => document !== undefined)?.document;
    return this.#call(program.text, fields, { writes, words: command.words, input });
  }

  #call(
    program: ScriptWord,
    fields: readonly Value[],
    command: {
      readonly writes: readonly ScriptWord[];
      readonly words: readonly Word[];
      readonly input: ByteString | undefined;
    },
  ): Outcome {
    const args = fields.slice(1);
    const body = program === undefined ? undefined : this.#functions.get(program);
    if (body) return this.#callFunction(body, args);
    const status = args[0];
    switch (program) {
      case ":":
      case "true":
        if (command.writes.length > 0) this.#record(fields, command.writes);
        return PASSED;
      case "false":
        return { truth: false, ending: "end" };
      case "exit":
      case "return":
        return {
          truth:
            status === undefined ? undefined : status.text === undefined ? undefined : status.text === "0",
          ending: program,
        };
      case "break":
      case "continue":
        return { truth: true, ending: program === "break" ? "break" : "end" };
      case "local":
      case "export":
      case "readonly":
      case "typeset":
        for (const word of command.words.slice(1)) {
          const assignment = asAssignment(word);
          if (assignment) this.#assign(assignment);
        }
        return PASSED;
      case "unset":
        for (const { text } of args) if (text !== undefined) this.#set(text, known(""));
        return PASSED;
      case "shift":
        this.#args = this.#args.slice(status?.text === undefined ? 1 : Number(status.text));
        return PASSED;
      case "set":
        return this.#setArguments(args);
      case "read":
        for (const { text } of args)
          if (text !== undefined && !text.startsWith("-")) this.#set(text, UNKNOWN);
        return OPEN;
      case "[":
        return { truth: evaluateTest(args.slice(0, -1), this.#world), ending: "end" };
      case "test":
        return { truth: evaluateTest(args, this.#world), ending: "end" };
      case "exec":
        if (args.length > 0) {
          this.#record(args, command.writes);
          return { truth: undefined, ending: "exit" };
        }
        return PASSED;
    }
    this.#record(fields, command.writes, command.input);
    return { truth: this.#truthOf(fields), ending: "end" };
  }

  #callFunction(body: Command, args: readonly Value[]): Outcome {
    if (this.#depth >= MAX_DEPTH) throw new TooLong();
    const outer = this.#args;
    this.#args = args;
    this.#depth++;
    const outcome = this.run(body);
    this.#depth--;
    this.#args = outer;
    return outcome.ending === "return" ? { truth: outcome.truth, ending: "end" } : outcome;
  }

  #setArguments(args: readonly Value[]): Outcome {
    const at = args.findIndex(({ text }) => text === "--");
    if (at >= 0) this.#args = args.slice(at + 1);
    else if (args.length > 0 && !/^[-+]/.test(args[0]?.text ?? "")) this.#args = args;
    return PASSED;
  }

  #truthOf(fields: readonly Value[]): Truth {
    const [program, first, second, third, fourth] = fields.map(({ text, isCertain }) =>
      isCertain ? text : undefined,
    );
    if (program === "dpkg" && first === "--compare-versions") return compareVersions(second, third, fourth);
    if (program === "which" || (program === "type" && first !== undefined))
      return hasProgram(first, this.#world);
    if (program === "command" && (first === "-v" || first === "-V")) return hasProgram(second, this.#world);
    if (program === "dpkg-maintscript-helper" && first === "supports") return true;
    return program !== undefined && ALWAYS_PASSES.has(program) ? true : undefined;
  }

  #record(fields: readonly Value[], writes: readonly ScriptWord[], input?: ByteString): void {
    const isCertain =
      this.#undecided === 0 && !this.#mayHaveEnded && fields.every((field) => field.isCertain);
    this.calls.push({ words: fields.map(({ text }) => text), isCertain, writes, input });
  }

  #writes(redirects: readonly Redirect[]): ScriptWord[] {
    const writes: ScriptWord[] = [];
    for (const { operator, target } of redirects) {
      const { text } = expandText(target, this);
      if (operator === "<" || operator === "<<" || operator === "<&") continue;
      if (operator === ">&" && text !== undefined && /^(?:[0-9]+|-)$/.test(text)) continue;
      if (text !== undefined && /^\/dev\/(?:null|stdout|stderr|tty|console)$/.test(text)) continue;
      writes.push(text);
    }
    return writes;
  }

  #fields(word: Word): Value[] {
    const pieces = word.filter((piece) => piece.kind !== "text" || piece.text !== "");
    const [only] = pieces;
    // `"$@"`, the one word in quotes that is several.
    if (
      pieces.length === 1 &&
      only?.kind === "variable" &&
      only.name === "@" &&
      only.isQuoted &&
      !only.operator
    )
      return [...this.#args];
    return expandFields(word, this);
  }

  #assign({ name, value }: Assignment): Value {
    const found = expandText(value, this);
    this.#set(name, found);
    return found;
  }

  #set(name: string, value: Value): void {
    if (this.#undecided === 0) {
      this.#variables.set(name, value);
      return;
    }
    // A value that only some runs compute does not hide the one that is known: openjdk's `priority=1711`, which
    // for a foreign architecture becomes `$(expr $priority - 1)`. It is no longer certain, though.
    const text = value.text ?? this.#variables.get(name)?.text;
    this.#variables.set(name, { text, isCertain: false });
  }
}

/** What a script makes for itself, and removes. */
const SCRATCH = "/tmp/scratch";

const ALWAYS_PASSES: ReadonlySet<string> = new Set([
  "echo",
  "printf",
  "umask",
  "trap",
  "db_version",
  "db_stop",
]);

/** What a call prints, where its words alone tell. */
function printedBy([program, ...args]: readonly ByteString[], world: ScriptWorld): ByteString | undefined {
  const last = args.at(-1) ?? "";
  switch (program) {
    case "echo":
      return args.filter((arg, index) => index > 0 || arg !== "-n").join(" ");
    case "basename":
      return args.length === 1 ? last.replace(/\/+$/, "").replace(/^.*\//s, "") : undefined;
    case "dirname":
      return args.length === 1 && last.includes("/") ? last.replace(/\/+[^/]*\/*$/, "") || "/" : undefined;
    case "mktemp":
      return SCRATCH;
    case "dpkg":
      return args.length === 1 && last === "--print-architecture" ? world.architecture : undefined;
    case "command":
    case "which":
      return hasProgram(last, world) === false ? "" : undefined;
    default:
      return undefined;
  }
}

/** The variables that a piece of a script sets, in functions too that it may call. */
function assignedIn(command: Command): Set<string> {
  const names = new Set<string>();
  const visit = (each: Command): void => {
    switch (each.kind) {
      case "simple":
        for (const { name } of each.assignments) names.add(name);
        for (const word of each.words) {
          const assignment = asAssignment(word);
          if (assignment) names.add(assignment.name);
        }
        return;
      case "list":
      case "pipeline":
        for (const part of each.commands) visit(part);
        return;
      case "and":
      case "or":
        visit(each.left);
        visit(each.right);
        return;
      case "if":
        for (const { condition, body } of each.clauses) {
          visit(condition);
          visit(body);
        }
        if (each.otherwise) visit(each.otherwise);
        return;
      case "case":
        for (const { body } of each.branches) visit(body);
        return;
      case "for":
        names.add(each.name);
        visit(each.body);
        return;
      default:
        visit(each.body);
        if (each.kind === "while") visit(each.condition);
    }
  };
  visit(command);
  return names;
}
