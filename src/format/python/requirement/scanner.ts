/** Reads a requirement or marker from left to right: sticky patterns, and an error that says where. */
import { CopseError } from "#base";

export class Scanner {
  readonly text: string;
  readonly #code: string;
  readonly #what: string;
  position = 0;

  /** `code` is that of the errors, `what` is what they call the text. */
  constructor(text: string, options: { readonly code: string; readonly what: string }) {
    this.text = text;
    this.#code = options.code;
    this.#what = options.what;
  }

  /** Passes over what a sticky pattern matches here, and returns it. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.position = pattern.lastIndex;
    return match[0];
  }

  takeUnit(unit: string): boolean {
    if (this.text[this.position] !== unit) return false;
    this.position++;
    return true;
  }

  skipSpace(): void {
    this.take(SPACE);
  }

  get atEnd(): boolean {
    return this.position === this.text.length;
  }

  /** For `throw`: what was expected here. */
  expected(what: string): CopseError {
    return new CopseError(
      this.#code,
      `Invalid ${this.#what}, ${what} expected at position ${this.position}: \`${excerpt(this.text)}\``,
    );
  }

  error(problem: string): CopseError {
    return new CopseError(this.#code, `Invalid ${this.#what}, ${problem}: \`${excerpt(this.text)}\``);
  }
}

const SPACE = /[ \t]*/y;

function excerpt(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
