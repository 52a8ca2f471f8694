/**
 * What builtins and compiled code may ask of the evaluator that runs them. All state of an evaluation hangs on
 * the object behind this interface; runtime functions that need the world take it as their first argument.
 */
import type { ByteString, Source } from "#base";
import type { EvalHost } from "../host.ts";
import type { Attrs } from "./attrs.ts";
import type { Lazy, Value } from "./value.ts";

export interface EvalSettings {
  /** No impure builtins, no paths outside of the store. */
  readonly pureEval: boolean;
  /** Only paths below the search path and the store may be read. */
  readonly restrictEval: boolean;
  readonly allowImportFromDerivation: boolean;
  readonly maxCallDepth: number;
  /** `builtins.traceVerbose` speaks. */
  readonly traceVerbose: boolean;
  /** `builtins.warn` ends the evaluation. */
  readonly abortOnWarn: boolean;
  /** Missing or not, derivations are only remembered and sources only hashed. */
  readonly readOnly: boolean;
  /** What Nix has only where it is switched on. */
  readonly experimentalFeatures: readonly string[];
}

/** A place in a source, for messages, `unsafeGetAttrPos` and `__curPos`. */
export interface Position {
  readonly source: Source;
  readonly offset: number;
}

export interface Evaluation {
  readonly host: EvalHost;
  readonly settings: EvalSettings;
  /** The `builtins` set, itself included. */
  readonly builtins: Attrs;
  /** Maps of the builtins' own making that live as long as the evaluation, by the name of their owner. */
  memo<T>(owner: string, create: () => T): T;

  /** `import`: a directory means its default.nix; a file is evaluated once. */
  importFile(path: ByteString): Value;
  /** `scopedImport`: the scope's names come before the global ones; not remembered. */
  importScoped(path: ByteString, scope: Attrs): Value;
  evalText(text: ByteString, options: { readonly baseDir: ByteString; readonly name?: string }): Value;

  /**
   * Attribute sets keep positions as one number each: the source's index and the offset in it. These unpack
   * and pack them.
   */
  positionAt(packed: number): Position | undefined;
  packPosition(position: Position): number;
  /** `file:line:column`, for messages. */
  showPosition(packed: number | undefined): string;
  /** `{ file, line, column }`, or null where there is no file: the value of `unsafeGetAttrPos`. */
  positionValue(packed: number | undefined): Lazy;

  /** The store path of a source path, copied there once in an evaluation. Context is the caller's business. */
  copyToStore(path: ByteString): string;
  /** Throws where pure or restricted evaluation forbids the path. */
  checkAccess(path: ByteString): void;
}
