/** A value that was evaluated, and the forms in which it can be shown. */
import { CopseError, textFromByteString } from "#base";
import {
  call,
  type Evaluator,
  force,
  forceString,
  printAmbiguous,
  printValue,
  textOf,
  type Value,
} from "#lang";

export class Evaluated {
  readonly evaluator: Evaluator;
  readonly value: Value;

  constructor(evaluator: Evaluator, value: Value) {
    this.evaluator = evaluator;
    this.value = value;
  }

  /** As `nix-instantiate --eval` prints it: `<CODE>`, `<LAMBDA>`. */
  printAsInstantiate(options: { readonly strict: boolean }): string {
    const value = options.strict ? this.evaluator.forceDeep(this.value) : this.value;
    return textFromByteString(this.evaluator.enter(() => printAmbiguous(value)));
  }

  /** As `nix eval` prints it. */
  print(options: { readonly strict: boolean }): string {
    const value = options.strict ? this.evaluator.forceDeep(this.value) : this.value;
    return textFromByteString(this.evaluator.enter(() => printValue(value)));
  }

  toJson(): string {
    return textFromByteString(this.#callBuiltin("toJSON"));
  }

  /** A string as it is. @throws CopseError `type-error`. */
  toRaw(): string {
    const { evaluator, value } = this;
    return textFromByteString(evaluator.enter(() => textOf(forceString(value))));
  }

  #callBuiltin(name: string): string {
    const { evaluator, value } = this;
    const builtin = evaluator.builtins.get(name);
    if (builtin === undefined)
      throw new CopseError("builtin-missing", `There is no such builtin: \`${name}\``);
    return evaluator.enter(() => textOf(forceString(call(force(builtin), value))));
  }
}
