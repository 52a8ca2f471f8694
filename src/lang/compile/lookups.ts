/** Looking names up in sets and in `with`s, at once or as far as is evaluated already. */
import type { ByteString } from "#base";
import {
  Attrs,
  evalError,
  force,
  forceAttrs,
  forced,
  type Lazy,
  printForError,
  showType,
  suggest,
  Thunk,
  typeError,
  type Value,
} from "../runtime/mod.ts";

export function expectAttrs(value: Value): Attrs {
  if (value instanceof Attrs) return value;
  throw typeError(`expected a set but found ${showType(value)}: ${printForError(value)}`);
}

export function select(value: Value, name: ByteString): Value {
  if (value instanceof Attrs) {
    const found = value.get(name);
    if (found !== undefined) return force(found);
  }
  return failSelect(value, name);
}

function failSelect(value: Value, name: ByteString): never {
  const attrs = expectAttrs(value);
  throw evalError("missing-attribute", `attribute '${name}' missing`, { hint: hintFor(name, attrs) });
}

function hintFor(name: ByteString, attrs: Attrs): string | undefined {
  return attrs.hintFor(name) ?? suggest(name, attrs.names());
}

/** For `or` and `?`: undefined where there is no such attribute or no set. */
export function lookUp(value: Value, name: ByteString): Lazy | undefined {
  return value instanceof Attrs ? value.get(name) : undefined;
}

export function undefinedVariable(name: ByteString, scopes: readonly Lazy[]): never {
  const names = scopes.flatMap((scope) => [...forceAttrs(scope).names()]);
  throw evalError("undefined-variable", `undefined variable '${name}'`, { hint: suggest(name, names) });
}

export function lookUpWith(scopes: readonly Lazy[], name: ByteString): Value {
  for (const scope of scopes) {
    const found = forceAttrs(scope).get(name);
    if (found !== undefined) return force(found);
  }
  return undefinedVariable(name, scopes);
}

/** Looks no further than what is evaluated already. */
export function findWith(scopes: readonly Lazy[], name: ByteString): Lazy | undefined {
  for (const scope of scopes) {
    const attrs = known(scope);
    if (attrs === undefined) return undefined;
    const found = attrs.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function findPath(subject: Lazy, names: readonly ByteString[]): Lazy | undefined {
  let current: Lazy | undefined = subject;
  for (const name of names) {
    current = known(current)?.get(name);
    if (current === undefined) return undefined;
  }
  return current;
}

/** The set that a lazy value is already known to be. */
export function known(lazy: Lazy): Attrs | undefined {
  const value = lazy instanceof Thunk && lazy.code === forced ? lazy.a : lazy;
  return value instanceof Attrs ? value : undefined;
}
