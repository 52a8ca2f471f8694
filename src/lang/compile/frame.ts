/**
 * Where generated code stands: the unit (one source file), the frames (one JavaScript function each) and the
 * blocks in them.
 *
 * No generated function closes over another's variables. What a thunk or lambda needs of its surroundings is
 * copied into its fields when it is made and read back when its function begins; `Frame.lookup` notices such
 * needs while a body is being compiled, outwards through all frames in between.
 */
import type { ByteString } from "#base";

/** A Nix variable as generated code sees it. */
export interface JsVar {
  /** An identifier or another expression that costs nothing to repeat. */
  readonly js: string;
  /** Holds a value, not a thunk. */
  readonly forced: boolean;
  /** Is this very lambda. */
  readonly known?: KnownLambda | undefined;
}

export interface KnownLambda {
  /** The name of its function, to be called with the lambda and `arity` arguments. */
  readonly fn: string;
  readonly arity: number;
}

export interface Capture {
  readonly key: object;
  /** In the frame that makes the thunk or lambda. */
  readonly outer: JsVar;
}

export interface UnitOptions {
  /** Each call says when it begins and ends. */
  readonly tracedCalls?: boolean;
  /** Evaluate at once what is cheap and cannot fail. Off, thunks are where C++ Nix has them, for printing. */
  readonly eager: boolean;
  /** Names of `builtins`, which may then be selected from without looking. */
  readonly builtinNames: ReadonlySet<ByteString>;
  /** Names that `scopedImport` puts before the global ones. */
  readonly scopeNames: ReadonlySet<ByteString>;
  /** Leave marks of source offsets in the code, for `trace.ts`. */
  readonly marks: boolean;
}

/** The functions and constants of one source file. */
export class Unit {
  readonly options: UnitOptions;
  readonly functions: string[] = [];
  readonly #hoisted: string[] = [];
  #names = 0;

  constructor(options: UnitOptions) {
    this.options = options;
  }

  fresh(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** An expression whose value is made when it is first needed, and kept for the unit. */
  hoist(js: string): string {
    const name = this.fresh("k");
    this.#hoisted.push(name);
    return `(${name}??=${js})`;
  }

  get hoisted(): readonly string[] {
    return this.#hoisted;
  }

  /** Goes before what may fail, to say where in the source that is. */
  mark(offset: number): string {
    return this.options.marks ? `\u0001${offset}\u0002` : "";
  }
}

/** Statements under construction; branches of an `if` have blocks of their own. */
export class Block {
  readonly lines: string[] = [];
  readonly parent: Block | undefined;
  /** Variables that are known to be evaluated here, and the constants that hold the values. */
  readonly #forced = new Map<object, JsVar>();

  constructor(parent: Block | undefined) {
    this.parent = parent;
  }

  forced(key: object): JsVar | undefined {
    return this.#forced.get(key) ?? this.parent?.forced(key);
  }
  setForced(key: object, variable: JsVar): void {
    this.#forced.set(key, variable);
  }
}

export class Frame {
  readonly unit: Unit;
  readonly parent: Frame | undefined;
  /** The parameter that holds the thunk or lambda being run. */
  readonly self: "t" | "l" | "";
  /** Lambdas count the depth of calls: a return must count down. */
  countsDepth = false;
  block = new Block(undefined);
  readonly captures: Capture[] = [];
  readonly #captureNames: string[] = [];
  readonly #variables = new Map<object, JsVar>();

  constructor(unit: Unit, parent: Frame | undefined, self: "t" | "l" | "") {
    this.unit = unit;
    this.parent = parent;
    this.self = self;
  }

  define(key: object, variable: JsVar): void {
    this.#variables.set(key, variable);
  }

  /** Makes a variable of an outer frame a captured one, where need be. */
  lookup(key: object): JsVar {
    const here = this.block.forced(key) ?? this.#variables.get(key);
    if (here !== undefined) return here;
    if (this.parent === undefined) throw new Error("A variable has no binder in scope");
    const outer = this.parent.lookup(key);
    const variable = { ...outer, js: this.unit.fresh("v") };
    this.captures.push({ key, outer });
    this.#captureNames.push(variable.js);
    this.define(key, variable);
    return variable;
  }

  emit(line: string): void {
    this.block.lines.push(line);
  }

  /** Runs `body` with a block of its own; its lines are the caller's to place. */
  inBlock<T>(body: () => T): { lines: string[]; result: T } {
    const outer = this.block;
    this.block = new Block(outer);
    try {
      const result = body();
      return { lines: this.block.lines, result };
    } finally {
      this.block = outer;
    }
  }

  /** The statement that reads captured values back. */
  prologue(): string {
    const names = this.#captureNames;
    if (names.length === 0) return "";
    const self = this.self;
    if (names.length <= 3) {
      return `const ${names.map((name, i) => `${name}=${self}.${FIELDS[i]}`).join(",")};`;
    }
    const rest = names.slice(2).map((name, i) => `${name}=c[${i}]`);
    return `const ${names[0]}=${self}.a,${names[1]}=${self}.b,c=${self}.c,${rest.join(",")};`;
  }
}

const FIELDS = ["a", "b", "c"] as const;

/** Constructor arguments for captured values. */
export function captureArguments(values: readonly string[]): string {
  if (values.length <= 3) return [0, 1, 2].map((i) => values[i] ?? "undefined").join(",");
  return `${values[0]},${values[1]},[${values.slice(2).join(",")}]`;
}

/** Where the captured value stands in the object, for tying knots afterwards. */
export function captureField(index: number, count: number): string {
  if (index < 2 || count <= 3) return FIELDS[index] as string;
  return `c[${index - 2}]`;
}

/** A string as JavaScript source, in ASCII. */
export function quote(text: ByteString): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(/[\u007f-\u00ff]/g, (unit) => `\\x${unit.charCodeAt(0).toString(16)}`);
}
