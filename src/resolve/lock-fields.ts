/**
 * What the readers of the lock's sections have in common: a field that is missing, unknown or of a wrong kind is refused
 * with the place where it stands.
 */
import { CopseError, type Source, type Span } from "#base";
import type { LocatedJson } from "./located-json.ts";

export const MENDING_HINT = "take the file back from version control, or remove it and lock again";

const MAX_STRING = 1000;

/** Everything throws `lock-invalid`. */
export class LockFields {
  readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }

  object(json: LocatedJson, allowed?: readonly string[]): ReadonlyMap<string, LocatedJson> {
    if (json.kind !== "object") throw this.fail(json, "An object is expected");
    const other = allowed && [...json.entries].find(([name]) => !allowed.includes(name));
    if (other) throw this.fail(other[1], `Field is not known: \`${other[0].slice(0, 100)}\``);
    return json.entries;
  }

  array(json: LocatedJson | undefined, parent: LocatedJson, name: string): readonly LocatedJson[] {
    const value = json ?? this.missing(parent, name);
    if (value.kind !== "array") throw this.fail(value, `\`${name}\` is to be a list`);
    return value.items;
  }

  string(json: LocatedJson | undefined, parent: LocatedJson, name: string): string {
    const value = json ?? this.missing(parent, name);
    if (value.kind !== "string" || value.value.length > MAX_STRING)
      throw this.fail(value, `\`${name}\` is to be a string`);
    return value.value;
  }

  strings(json: LocatedJson | undefined, parent: LocatedJson, name: string): string[] {
    return this.array(json, parent, name).map((one) => this.string(one, parent, name));
  }

  number(json: LocatedJson | undefined, parent: LocatedJson, name: string): number {
    const value = json ?? this.missing(parent, name);
    if (value.kind !== "number") throw this.fail(value, `\`${name}\` is to be a number`);
    return value.value;
  }

  size(json: LocatedJson | undefined, parent: LocatedJson): number {
    const size = this.number(json, parent, "size");
    if (Number.isSafeInteger(size) && size >= 0) return size;
    throw this.fail(json ?? parent, `Size is no whole number: \`${size}\``);
  }

  sha256(json: LocatedJson | undefined, parent: LocatedJson): string {
    return this.matching(json ?? this.missing(parent, "sha256"), sha256Pattern, "sha256");
  }

  matching(json: LocatedJson, pattern: RegExp, name: string): string {
    if (json.kind !== "string" || !pattern.test(json.value)) throw this.fail(json, `Value is no ${name}`);
    return json.value;
  }

  missing(json: LocatedJson, name: string): never {
    throw this.fail(json, `Field is missing: \`${name}\``);
  }

  fail(json: LocatedJson, message: string): CopseError {
    return new CopseError("lock-invalid", message, { span: this.span(json), hint: MENDING_HINT });
  }

  span(json: LocatedJson): Span {
    return { source: this.source, start: json.start, end: json.end };
  }
}

export const sha256Pattern = /^[0-9a-f]{64}$/;
