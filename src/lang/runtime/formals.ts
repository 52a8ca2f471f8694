/** Matching an argument set with a lambda's formals. */
import type { ByteString } from "#base";
import type { Attrs } from "./attrs.ts";
import { evalError, suggest } from "./errors.ts";
import type { LambdaCode } from "./function.ts";

/**
 * Which slot of the set each formal takes, in the formals' order; -1 where the set lacks it. The last answer is
 * kept in the code, as a function is mostly called with sets of one shape. The set must be flat.
 */
export function matchFormals(code: LambdaCode, args: Attrs): readonly number[] {
  const { shape } = args;
  if (code.matchedShape === shape) return code.matchedSlots;
  const formals = code.options.formals ?? [];
  const slots: number[] = new Array(formals.length);
  let used = 0;
  for (let i = 0; i < formals.length; i++) {
    const formal = formals[i] as (typeof formals)[number];
    const slot = shape.indexOf(formal.name);
    if (slot >= 0) used++;
    else if (!formal.optional) {
      throw evalError(
        "missing-argument",
        `function '${functionName(code)}' called without required argument '${formal.name}'`,
        { span: { source: code.source, start: code.lastStart, end: code.lastStart + 1 } },
      );
    }
    slots[i] = slot;
  }
  if (!code.options.ellipsis && used !== shape.names.length) throw unexpectedArgument(code, shape.names);
  code.matchedShape = shape;
  code.matchedSlots = slots;
  return slots;
}

function functionName(code: LambdaCode): string {
  return code.name ?? "anonymous lambda";
}

function unexpectedArgument(code: LambdaCode, names: readonly ByteString[]): Error {
  const formals = new Set((code.options.formals ?? []).map((formal) => formal.name));
  const unexpected = names.find((name) => !formals.has(name)) ?? "";
  return evalError(
    "unexpected-argument",
    `function '${functionName(code)}' called with unexpected argument '${unexpected}'`,
    {
      span: { source: code.source, start: code.lastStart, end: code.lastStart + 1 },
      hint: suggest(unexpected, formals),
    },
  );
}
