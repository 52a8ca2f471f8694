/** A value that was evaluated, and the forms in which it can be shown: as bytes, since it may hold what is no text. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import {
  type ByteString,
  byteStringFromText,
  bytesFromByteString,
  CopseError,
  textFromByteString,
} from "#base";
import {
  Attrs,
  addTrace,
  call,
  coerceToString,
  type Evaluator,
  evalError,
  force,
  forceString,
  isString,
  type Lazy,
  printAmbiguous,
  printValue,
  textOf,
  typeError,
  type Value,
} from "#lang";
import { formatXml } from "#lang/builtins";

export class Evaluated {
  readonly evaluator: Evaluator;
  readonly value: Value;

  constructor(evaluator: Evaluator, value: Value) {
    this.evaluator = evaluator;
    this.value = value;
  }

  /** As `nix-instantiate --eval` prints it: `<CODE>`, `<LAMBDA>`. */
  printAsInstantiate(options: { readonly strict: boolean }): ByteString {
    const value = options.strict ? this.evaluator.forceDeep(this.value) : this.value;
    return this.evaluator.enter(() => printAmbiguous(value));
  }

  /** As `nix eval` prints it. */
  print(options: { readonly strict: boolean }): ByteString {
    const value = options.strict ? this.evaluator.forceDeep(this.value) : this.value;
    return this.evaluator.enter(() => printValue(value));
  }

  /** With `locations`, attributes and functions say where they stand. */
  toXml(options: { readonly strict: boolean; readonly locations: boolean }): ByteString {
    const { evaluator, value } = this;
    const positions = options.locations ? evaluator : undefined;
    return evaluator.enter(() => formatXml(value, { strict: options.strict, positions }));
  }

  /** The value of a function for this one. */
  apply(functionText: string, baseDir: string): Evaluated {
    const { evaluator, value } = this;
    const called = evaluator.evalText(byteStringFromText(functionText), {
      baseDir: byteStringFromText(baseDir),
    });
    return new Evaluated(
      evaluator,
      evaluator.enter(() => call(called, value)),
    );
  }

  toJson(): ByteString {
    return this.#callBuiltin("toJSON");
  }

  /** A string as it is. @throws CopseError `type-error`. */
  toRaw(): ByteString {
    const { evaluator, value } = this;
    return evaluator.enter(() => textOf(coerceToString(evaluator, value, { copyToStore: true })));
  }

  /**
   * Texts as files, sets as folders.
   *
   * @throws CopseError `file-exists`, `type-error`, `invalid-value` for names that are no file's.
   */
  writeTo(path: string): void {
    if (existsSync(path)) throw new CopseError("file-exists", `path '${path}' already exists`);
    this.evaluator.enter(() => writeTree(this.value, path));
  }

  #callBuiltin(name: string): ByteString {
    const { evaluator, value } = this;
    const builtin = evaluator.builtins.get(name);
    if (builtin === undefined)
      throw new CopseError("builtin-missing", `There is no such builtin: \`${name}\``);
    return evaluator.enter(() => textOf(forceString(call(force(builtin), value))));
  }
}

function writeTree(lazy: Lazy, path: string): void {
  const value = force(lazy);
  if (isString(value)) {
    writeFileSync(path, bytesFromByteString(textOf(value)), { flag: "wx" });
  } else if (value instanceof Attrs) {
    mkdirSync(path);
    for (const [name, member] of value.entries()) {
      try {
        writeTree(member, `${path}/${fileName(textFromByteString(name))}`);
      } catch (error) {
        addTrace(error, `while evaluating the attribute '${name}'`);
        throw error;
      }
    }
  } else throw typeError(`value at '${path}' is not a string or an attribute set`);
}

/** One that stays in its folder. */
function fileName(name: string): string {
  if (name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name)) return name;
  throw evalError("invalid-value", `invalid file name '${name}'`);
}
