/**
 * A small language in which a configuration file is described once. From one description come the reader
 * (`read.ts`), the types of what it reads, the JSON schema for editors (`json-schema.ts`) and the tables of the
 * handbook (`reference.ts`).
 *
 *     const task = table("A command with a name.", {
 *       run: required(text("The command.")),
 *       depends: list("Tasks that run before.", text("A task.")),
 *     });
 *     type Task = Read<typeof task>;         // { readonly run: string; readonly depends?: readonly string[] }
 *
 * Every shape says what it is for: there is no key without documentation.
 */

/** Carries the type of what is read; there is no such member at run time. */
interface Reads<T> {
  readonly doc: string;
  readonly reads?: T;
}

export interface TextShape<T extends string = string> extends Reads<T> {
  readonly kind: "text";
  readonly rule?: TextRule | undefined;
  readonly choices?: readonly T[] | undefined;
}

/** What a text must look like, as a pattern that JavaScript and JSON schema both understand. */
export interface TextRule {
  readonly pattern: string;
  /** What no pattern can say, and editors therefore do not check. */
  readonly accepts?: (text: string) => boolean;
  /** Ends the sentence "… is not ": `a version`. */
  readonly what: string;
  /** The way out. */
  readonly hint?: string;
}

export interface FlagShape extends Reads<boolean> {
  readonly kind: "flag";
}

export interface IntegerShape extends Reads<number> {
  readonly kind: "integer";
  readonly minimum: number;
  readonly maximum: number;
}

export interface ListShape<T = unknown> extends Reads<readonly T[]> {
  readonly kind: "list";
  readonly item: Shape;
}

/** A table whose keys are the user's own names. */
export interface RecordShape<T = unknown> extends Reads<ReadonlyMap<string, T>> {
  readonly kind: "record";
  /** What the keys name: `NAME` in the handbook. */
  readonly name: TextRule;
  readonly member: Shape;
}

export interface TableShape<T = unknown> extends Reads<T> {
  readonly kind: "table";
  readonly fields: Fields;
  readonly requires: ReadonlySet<string>;
}

/** One of several shapes, told apart by what kind of value they are written as. */
export interface EitherShape<T = unknown> extends Reads<T> {
  readonly kind: "either";
  readonly shapes: readonly Shape[];
}

export type Shape = TextShape | FlagShape | IntegerShape | ListShape | RecordShape | TableShape | EitherShape;

export type Fields = Readonly<Record<string, Shape | RequiredField<Shape>>>;

export interface RequiredField<S extends Shape> {
  readonly kind: "required";
  readonly shape: S;
}

/** The type of what a shape reads. */
export type Read<S> = S extends RequiredField<infer R> ? Read<R> : S extends Reads<infer T> ? T : never;

type RequiredNames<F extends Fields> = {
  [K in keyof F]: F[K] extends RequiredField<Shape> ? K : never;
}[keyof F];

export type ReadFields<F extends Fields> = {
  readonly [K in Exclude<keyof F, RequiredNames<F>>]?: Read<F[K]>;
} & { readonly [K in RequiredNames<F>]: Read<F[K]> };

export function text(doc: string, rule?: TextRule): TextShape {
  return { kind: "text", doc, ...(rule && { rule }) };
}

export function choice<const T extends string>(doc: string, choices: readonly T[]): TextShape<T> {
  return { kind: "text", doc, choices };
}

export function flag(doc: string): FlagShape {
  return { kind: "flag", doc };
}

export function integer(
  doc: string,
  range: { readonly minimum: number; readonly maximum: number },
): IntegerShape {
  return { kind: "integer", doc, ...range };
}

export function list<S extends Shape>(doc: string, item: S): ListShape<Read<S>> {
  return { kind: "list", doc, item };
}

export function record<S extends Shape>(doc: string, name: TextRule, member: S): RecordShape<Read<S>> {
  return { kind: "record", doc, name, member };
}

export function table<F extends Fields>(doc: string, fields: F): TableShape<ReadFields<F>> {
  const requires = Object.entries(fields).flatMap(([name, field]) =>
    field.kind === "required" ? [name] : [],
  );
  return { kind: "table", doc, fields, requires: new Set(requires) };
}

export function required<S extends Shape>(shape: S): RequiredField<S> {
  return { kind: "required", shape };
}

export function either<const S extends readonly Shape[]>(
  doc: string,
  ...shapes: S
): EitherShape<Read<S[number]>> {
  return { kind: "either", doc, shapes };
}

/** The same shape, said to be for something else. */
export function described<S extends Shape>(doc: string, shape: S): S {
  return { ...shape, doc };
}

export function shapeOf(field: Shape | RequiredField<Shape>): Shape {
  return field.kind === "required" ? field.shape : field;
}
