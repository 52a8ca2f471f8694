/** When things are evaluated, how evaluation fails, and what it says on the way. */
import {
  Attrs,
  addTrace,
  attempt,
  calls,
  coerceToString,
  type Evaluation,
  evalError,
  force,
  forceStringNoContext,
  isCatchable,
  isList,
  isString,
  type Lazy,
  printValue,
  textOf,
  throwStackOverflow,
  type Value,
} from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";

/** Forces a value and all that is in it. Sets and lists that contain themselves are visited once. */
export function forceDeep(lazy: Lazy): Value {
  const seen = new Set<Value>();
  const visit = (item: Lazy): Value => {
    const value = force(item);
    const parts = value instanceof Attrs ? value.values() : isList(value) ? value : undefined;
    if (!parts || parts.length === 0 || seen.has(value)) return value;
    seen.add(value);
    if (++calls.depth > calls.limit) throwStackOverflow();
    for (const part of parts) visit(part);
    calls.depth--;
    return value;
  };
  return visit(lazy);
}

function tryEval(_: Evaluation, lazy: Lazy): Value {
  return attempt(
    () => Attrs.fromSorted(["success", "value"], [true, force(lazy)]),
    (error) => {
      if (!isCatchable(error)) throw error;
      return Attrs.fromSorted(["success", "value"], [false, false]);
    },
  );
}

function addErrorContext(evaluation: Evaluation, context: Lazy, lazy: Lazy): Value {
  try {
    return force(lazy);
  } catch (error) {
    addTrace(error, textOf(coerceToString(evaluation, context)));
    throw error;
  }
}

function trace(evaluation: Evaluation, message: Lazy, lazy: Lazy): Value {
  const value = force(message);
  evaluation.host.message("trace", isString(value) ? textOf(value) : printValue(value));
  return force(lazy);
}

function warn(evaluation: Evaluation, message: Lazy, lazy: Lazy): Value {
  evaluation.host.message("warning", forceStringNoContext(message));
  if (evaluation.settings.abortOnWarn) {
    throw evalError("aborted", "aborting to reveal stack trace of warning, as abort-on-warn is set");
  }
  return force(lazy);
}

export const controlBuiltins = defineFunctions({
  seq: {
    args: ["first", "second"],
    doc: "Evaluates the first value, then gives the second.",
    run: (_, first, second) => {
      force(first);
      return force(second);
    },
  },
  deepSeq: {
    args: ["first", "second"],
    doc: "Evaluates the first value and everything in it, then gives the second.",
    run: (_, first, second) => {
      forceDeep(first);
      return force(second);
    },
  },
  tryEval: {
    args: ["value"],
    doc: "`{ success, value }`: whether a value could be evaluated without a `throw` or a failed assertion. It looks no deeper than the value itself, and other errors are not caught.",
    run: tryEval,
  },
  throw: {
    args: ["message"],
    doc: "Fails with a message, which `tryEval` catches.",
    plain: true,
    run: (evaluation, message) => {
      throw evalError("thrown", textOf(coerceToString(evaluation, message)));
    },
  },
  abort: {
    args: ["message"],
    doc: "Fails with a message, which nothing catches.",
    plain: true,
    run: (evaluation, message) => {
      const text = textOf(coerceToString(evaluation, message));
      throw evalError("aborted", `evaluation aborted with the following error message: '${text}'`);
    },
  },
  addErrorContext: {
    args: ["context", "value"],
    doc: "A value; should its evaluation fail, the context is shown with the error.",
    run: addErrorContext,
  },
  trace: {
    args: ["message", "value"],
    doc: "Shows a message, then gives the value.",
    run: trace,
  },
  traceVerbose: {
    args: ["message", "value"],
    doc: "As `trace`, but silent unless verbose traces were asked for.",
    run: (evaluation, message, value) =>
      evaluation.settings.traceVerbose ? trace(evaluation, message, value) : force(value),
  },
  warn: {
    args: ["message", "value"],
    doc: "Shows a warning, then gives the value.",
    run: warn,
  },
  break: {
    args: ["value"],
    doc: "Where a debugger would stop. There is none, so this gives the value.",
    plain: true,
    run: (_, value) => force(value),
  },
});
