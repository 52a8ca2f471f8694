/** Thunks that need no code of their own: selections and calls of variables. */
import type { ByteString, Source } from "#base";
import { call, force, type Lazy, Thunk, type Value } from "../runtime/mod.ts";
import { findPath, findWith, known, lookUpWith, select } from "./lookups.ts";
import { noteSite } from "./sites.ts";

/**
 * Codes of thunks that many places of a unit share. The offset of the place stands in the thunk's `c`, and goes
 * with an error that comes out of it. `trace.ts` knows these functions by their names.
 */
export function createThunkCodes(source: Source) {
  function runSelect(thunk: Thunk): Value {
    try {
      return select(force(thunk.a as Lazy), thunk.b as ByteString);
    } catch (error) {
      noteSite(error, source, thunk.c);
      throw error;
    }
  }
  function runSelectPath(thunk: Thunk): Value {
    try {
      let value = force(thunk.a as Lazy);
      for (const name of thunk.b as readonly ByteString[]) value = select(value, name);
      return value;
    } catch (error) {
      noteSite(error, source, thunk.c);
      throw error;
    }
  }
  function runWith(thunk: Thunk): Value {
    try {
      return lookUpWith(thunk.a as readonly Lazy[], thunk.b as ByteString);
    } catch (error) {
      noteSite(error, source, thunk.c);
      throw error;
    }
  }
  function runApply(thunk: Thunk): Value {
    try {
      return call(force(thunk.a as Lazy), thunk.b as Lazy);
    } catch (error) {
      noteSite(error, source, thunk.c);
      throw error;
    }
  }
  return {
    SELECTED: runSelect,
    APPLY1: runApply,
    THUNKWITH: (scopes: readonly Lazy[], name: ByteString, offset: number): Thunk =>
      new Thunk(runWith, scopes, name, offset),
    /** What is evaluated already is looked into at once. */
    LAZYSEL: (subject: Lazy, name: ByteString, offset: number): Lazy => {
      const found = known(subject)?.get(name);
      return found === undefined ? new Thunk(runSelect, subject, name, offset) : found;
    },
    LAZYPATH: (subject: Lazy, names: readonly ByteString[], offset: number): Lazy =>
      findPath(subject, names) ?? new Thunk(runSelectPath, subject, names, offset),
    LAZYWITH: (scopes: readonly Lazy[], name: ByteString, offset: number): Lazy =>
      findWith(scopes, name) ?? new Thunk(runWith, scopes, name, offset),
  };
}
