/**
 * What is known at a place of a script that is read without being run: variables, arguments, the calls made so far,
 * and whether every run comes by here.
 */
import type { ByteString } from "#base";
import { outputOfCall } from "./program-answers.ts";
import type { ScriptCall } from "./script-call.ts";
import type { ScriptWorld } from "./shell/shell-conditions.ts";
import type { Assignment, Command, Redirect, Word } from "./shell/shell-syntax.ts";
import {
  type ExpansionScope,
  expandFields,
  expandText,
  known,
  type ScriptWord,
  UNKNOWN,
  type Value,
} from "./shell/shell-values.ts";

export interface ScriptRun {
  /** As dpkg gives them: `configure` and the version that was there before, which is "". */
  readonly args: readonly ByteString[];
  readonly packageName: string;
  readonly scriptName: string;
  readonly world: ScriptWorld;
}

export class ScriptState implements ExpansionScope {
  readonly calls: ScriptCall[] = [];
  readonly world: ScriptWorld;
  args: readonly Value[];
  /** How many undecided conditions stand around what is being read. */
  undecided = 0;
  /** Whether some runs have ended the script, or the function, before this place. */
  mayHaveEnded = false;
  readonly #variables: Map<string, Value>;
  readonly #read: (body: Command) => void;

  /** `read` goes through commands whose output a word asks for. */
  constructor(run: ScriptRun, read: (body: Command) => void) {
    this.world = run.world;
    this.args = run.args.map(known);
    this.#variables = variablesOf(run);
    this.#read = read;
  }

  variable(name: string): Value | undefined {
    if (/^[1-9][0-9]*$/.test(name)) return this.args[Number(name) - 1];
    if (name === "#") return known(String(this.args.length));
    if (name === "@" || name === "*") {
      const texts = this.args.map(({ text }) => text);
      if (texts.includes(undefined)) return UNKNOWN;
      return { text: texts.join(" "), isCertain: this.args.every(({ isCertain }) => isCertain) };
    }
    return this.#variables.get(name);
  }

  /** What a command prints, for the few whose output the arguments tell. */
  outputOf(body: Command): Value {
    const before = this.calls.length;
    // A subshell: what it sets is gone when it ends.
    const variables = new Map(this.#variables);
    this.#read(body);
    this.#variables.clear();
    for (const [name, value] of variables) this.#variables.set(name, value);
    const lines = this.calls.slice(before).map((call) => {
      if (!call.isCertain || call.words.includes(undefined) || call.writes.length > 0) return undefined;
      return outputOfCall(call.words as ByteString[], this.world);
    });
    if (lines.length === 0 || lines.includes(undefined)) return UNKNOWN;
    return known(lines.join("\n").replace(/\n+$/, ""));
  }

  fieldsOf(word: Word): Value[] {
    const pieces = word.filter((piece) => piece.kind !== "text" || piece.text !== "");
    const [only] = pieces;
    const isVariable = pieces.length === 1 && only?.kind === "variable";
    // `"$@"`, the one word in quotes that is several.
    if (isVariable && only.name === "@" && only.isQuoted && !only.operator) return [...this.args];
    return expandFields(word, this);
  }

  /** The files that redirections write to. */
  writesOf(redirects: readonly Redirect[]): ScriptWord[] {
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

  assign({ name, value }: Assignment): Value {
    const found = expandText(value, this);
    this.set(name, found);
    return found;
  }

  set(name: string, value: Value): void {
    if (this.undecided === 0) {
      this.#variables.set(name, value);
      return;
    }
    // A value that only some runs compute does not hide the one that is known: openjdk's `priority=1711`, which
    // for a foreign architecture becomes `$(expr $priority - 1)`. It is no longer certain, though.
    const text = value.text ?? this.#variables.get(name)?.text;
    this.#variables.set(name, { text, isCertain: false });
  }

  /** Of loops, whose rounds differ: whatever the value was, it is this one now. */
  replace(name: string, value: Value): void {
    this.#variables.set(name, value);
  }

  record(fields: readonly Value[], writes: readonly ScriptWord[], input?: ByteString): void {
    const isCertain = this.undecided === 0 && !this.mayHaveEnded && fields.every((field) => field.isCertain);
    this.calls.push({ words: fields.map(({ text }) => text), isCertain, writes, input });
  }
}

function variablesOf({ args, packageName, scriptName, world }: ScriptRun): Map<string, Value> {
  return new Map([
    ["DPKG_ROOT", known("")],
    ["DPKG_ADMINDIR", known("/var/lib/dpkg")],
    ["DPKG_MAINTSCRIPT_NAME", known(scriptName)],
    ["DPKG_MAINTSCRIPT_PACKAGE", known(packageName)],
    ["DPKG_MAINTSCRIPT_ARCH", known(world.architecture)],
    ["DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT", known("1")],
    ["DEBIAN_FRONTEND", known("noninteractive")],
    ["DEBCONF_RECONFIGURE", known("")],
    ["DEBCONF_NONINTERACTIVE_SEEN", known("")],
    ["DEB_MAINT_PARAMS", known(args.join(" "))],
    ["HOME", known("/root")],
    ["0", known(`/var/lib/dpkg/info/${packageName}.${scriptName}`)],
    ["IFS", known(" \t\n")],
    ["-", known("")],
  ]);
}
