/**
 * The evaluator: all state of an evaluation, and the ways into it.
 *
 * Every public method that evaluates is an entry: it sets the limit on call depth, turns JavaScript's stack
 * overflow into Nix's, and gives an error that leaves it the places it came from.
 */
import { type ByteString, CopseError, type Source } from "#base";
import { type Builtin, builtinTable } from "./builtins/mod.ts";
import { withFileErrors } from "./builtins/realise.ts";
import { createLinkage, createUnitLinkage } from "./compile/mod.ts";
import { autoCall, selectPath } from "./entry.ts";
import type { EvalHost } from "./host.ts";
import { Imports } from "./imports.ts";
import { isLinting, type LintLevels } from "./lint.ts";
import { Positions } from "./positions.ts";
import {
  Attrs,
  addTrace,
  calls,
  delay,
  type EvalSettings,
  type Evaluation,
  evalError,
  force,
  isList,
  type Lazy,
  type Position,
  PrimOp,
  throwStackOverflow,
  type Value,
  withCallDepth,
} from "./runtime/mod.ts";
import { type CodeCache, Units } from "./units.ts";

export type { CodeCache };

export interface EvaluatorOptions {
  readonly host: EvalHost;
  /** In place of the language's own, `builtinTable`, which they usually extend. */
  readonly builtins?: readonly Builtin[];
  readonly settings?: Partial<EvalSettings> & {
    readonly pipeOperators?: boolean;
    /** What of the language is warned of or refused. Default: nothing. */
    readonly lint?: LintLevels;
    /** Say when each call begins and ends. */
    readonly traceCalls?: boolean;
  };
  readonly codeCache?: CodeCache | undefined;
  /**
   * Leave unevaluated exactly what C++ Nix does, for printing values that were not evaluated deeply. Slower.
   */
  readonly exactLaziness?: boolean;
}

const DEFAULT_SETTINGS: EvalSettings = {
  pureEval: false,
  restrictEval: false,
  allowImportFromDerivation: true,
  maxCallDepth: 10_000,
  traceVerbose: false,
  abortOnWarn: false,
  readOnly: false,
  experimentalFeatures: [],
};

/** Frames of the JavaScript stack that an error keeps, to tell where it came from. */
const STACK_FRAMES = 50;

export function createEvaluator(options: EvaluatorOptions): Evaluator {
  return new Evaluator(options);
}

export class Evaluator implements Evaluation {
  readonly host: EvalHost;
  readonly settings: EvalSettings;
  readonly builtins: Attrs;
  readonly #globals: ReadonlyMap<ByteString, Lazy>;
  readonly #positions = new Positions();
  readonly #units: Units;
  readonly #imports: Imports;
  readonly #linkage: object;
  readonly #memos = new Map<string, unknown>();
  readonly #storeCopies = new Map<ByteString, string>();
  #entered = false;

  constructor(options: EvaluatorOptions) {
    this.host = options.host;
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    const { builtins, globals } = bindBuiltins(options.builtins ?? builtinTable, this);
    this.builtins = builtins;
    this.#globals = globals;
    const levels = options.settings?.lint;
    const isLinted = levels !== undefined && isLinting(levels);
    this.#units = new Units({
      globalNames: new Set(globals.keys()),
      builtinNames: new Set(builtins.names()),
      home: this.settings.pureEval ? undefined : options.host.home,
      pipeOperators: options.settings?.pipeOperators ?? false,
      eager: !options.exactLaziness,
      // Code that traces is other code, and none that is worth keeping.
      codeCache: isLinted || options.settings?.traceCalls ? undefined : options.codeCache,
      tracedCalls: options.settings?.traceCalls ?? false,
      lint: isLinted ? { levels, warn: (text) => this.host.message("warning", text) } : undefined,
    });
    this.#imports = new Imports(this, (source, baseDir, scope) => this.#run(source, baseDir, scope));
    this.#linkage = createLinkage(this);
  }

  /** The value of a file; a directory means its default.nix. Evaluated once, however often it is asked for. */
  evalFile(path: ByteString): Value {
    return this.enter(() => this.importFile(path));
  }

  evalText(text: ByteString, options: { readonly baseDir: ByteString; readonly name?: string }): Value {
    const source = { name: options.name ?? "\u00c2\u00abstring\u00c2\u00bb", text };
    return this.enter(() => this.#run(source, options.baseDir, undefined));
  }

  force(lazy: Lazy): Value {
    return this.enter(() => force(lazy));
  }

  /** Evaluates everything in a value. */
  forceDeep(lazy: Lazy): Value {
    return this.enter(() => {
      forceDeep(lazy, new Set());
      return force(lazy);
    });
  }

  /**
   * Calls a function with those of the arguments that it names: what is evaluated at the top level may be a
   * function whose arguments come from `--arg`. Anything else is answered as it is.
   */
  autoCall(value: Value, args: Attrs): Value {
    return this.enter(() => autoCall(value, args));
  }

  /** Follows `a.b."c d".0` through sets and lists, calling functions on the way as `autoCall` does. */
  selectPath(value: Value, path: string, args: Attrs = Attrs.empty): Value {
    return this.enter(() => selectPath(value, path, args));
  }

  /** Runs TypeScript code that evaluates, as an entry. */
  enter<T>(work: () => T): T {
    if (this.#entered) return work();
    this.#entered = true;
    const frames = Error.stackTraceLimit;
    Error.stackTraceLimit = STACK_FRAMES;
    try {
      return withCallDepth(this.settings.maxCallDepth, work);
    } catch (error) {
      if (error instanceof CopseError) this.#units.locate(error);
      throw error;
    } finally {
      Error.stackTraceLimit = frames;
      this.#entered = false;
    }
  }

  /** Hands generated code to the code cache, with what V8 has compiled of it by now. */
  saveCode(): void {
    this.#units.save();
  }

  memo<T>(owner: string, create: () => T): T {
    if (!this.#memos.has(owner)) this.#memos.set(owner, create());
    return this.#memos.get(owner) as T;
  }

  importFile(path: ByteString): Value {
    return this.#imports.file(path);
  }

  importScoped(path: ByteString, scope: Attrs): Value {
    return this.#imports.scoped(path, scope);
  }

  positionAt(packed: number): Position | undefined {
    return this.#positions.unpack(packed);
  }
  packPosition(position: Position): number {
    return this.#positions.pack(position);
  }
  showPosition(packed: number | undefined): string {
    return this.#positions.show(packed);
  }
  positionValue(packed: number | undefined): Lazy {
    return this.#positions.value(packed);
  }

  copyToStore(path: ByteString): string {
    if (path.endsWith(".drv")) throw evalError("eval-error", "file names are not allowed to end in '.drv'");
    this.checkAccess(path);
    let storePath = this.#storeCopies.get(path);
    if (storePath === undefined) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      storePath = withFileErrors(path, () => this.host.addPath({ path, name, method: "nar" }));
      this.#storeCopies.set(path, storePath);
    }
    return storePath;
  }

  checkAccess(path: ByteString): void {
    const { pureEval, restrictEval } = this.settings;
    if (!pureEval && !restrictEval) return;
    if (isWithin(path, this.host.storeDir)) return;
    if (restrictEval && !pureEval && this.#mayRead(path)) return;
    const mode = pureEval ? "pure evaluation mode (use '--impure' to override)" : "restricted mode";
    throw evalError("restricted", `access to absolute path '${path}' is forbidden in ${mode}`);
  }

  #mayRead(path: ByteString): boolean {
    if (this.host.mayRead) return this.host.mayRead(path);
    return this.host.searchPath.some((entry) => isWithin(path, entry.path));
  }

  #run(source: Source, baseDir: ByteString, scope: Attrs | undefined): Value {
    const request = { source, baseDir, scopeNames: new Set(scope?.names()) };
    const { factory } = this.#units.load(request);
    const unitLinkage = createUnitLinkage({
      evaluation: this,
      source,
      global: (name) => this.#global(name, scope),
      assertionText: (offset) => this.#units.assertionText(request, offset),
    });
    return factory({ ...this.#linkage, ...unitLinkage })() as Value;
  }

  #global(name: ByteString, scope: Attrs | undefined): Lazy {
    const value = scope?.get(name) ?? this.#globals.get(name);
    if (value === undefined) throw evalError("undefined-variable", `undefined variable '${name}'`);
    return value;
  }
}

function bindBuiltins(
  table: readonly Builtin[],
  evaluation: Evaluation,
): { builtins: Attrs; globals: ReadonlyMap<ByteString, Lazy> } {
  const members = new Map<ByteString, Lazy>();
  const globals = new Map<ByteString, Lazy>();
  function bind(name: ByteString, globalName: ByteString, value: Lazy): void {
    members.set(name, value);
    globals.set(globalName, value);
  }
  bind("true", "true", true);
  bind("false", "false", false);
  bind("null", "null", null);
  bind(
    "builtins",
    "builtins",
    delay(() => builtins),
  );
  for (const builtin of table) {
    const value =
      builtin.kind === "function" ? new PrimOp(builtin.definition, evaluation) : builtin.value(evaluation);
    if (value !== undefined) bind(builtin.name, builtin.globalName, value);
  }
  const builtins = Attrs.fromEntries(members);
  return { builtins, globals };
}

function forceDeep(lazy: Lazy, seen: Set<Value>): void {
  if (++calls.depth > calls.limit) throwStackOverflow();
  const value = force(lazy);
  if (value instanceof Attrs && !seen.has(value)) {
    seen.add(value);
    const names = value.names();
    const slots = value.values();
    for (let i = 0; i < slots.length; i++) {
      traced(
        () => forceDeep(slots[i] as Lazy, seen),
        () => `while evaluating the attribute '${names[i]}'`,
      );
    }
  } else if (isList(value) && !seen.has(value)) {
    seen.add(value);
    for (let i = 0; i < value.length; i++) {
      traced(
        () => forceDeep(value[i] as Lazy, seen),
        () => `while evaluating list element at index ${i}`,
      );
    }
  }
  calls.depth--;
}

function traced(work: () => void, describe: () => string): void {
  try {
    work();
  } catch (error) {
    addTrace(error, describe());
    throw error;
  }
}

function isWithin(path: ByteString, directory: ByteString): boolean {
  return path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`);
}
