/**
 * Order of evaluation. JavaScript evaluates operands from left to right, but statements run before the expression
 * that they are for. So where a later operand emits statements, `inOrder` moves the earlier ones into constants
 * before them.
 */
import type { Frame } from "./frame.ts";

/** Compiles operands such that they are evaluated in this order. */
export function inOrder(frame: Frame, operands: readonly (() => string)[]): string[] {
  const results: string[] = [];
  for (const operand of operands) {
    const { lines } = frame.block;
    const before = lines.length;
    const js = operand();
    if (lines.length > before) {
      const spills: string[] = [];
      for (let i = 0; i < results.length; i++) {
        const earlier = results[i] as string;
        if (isAtom(earlier)) continue;
        const name = frame.unit.fresh("s");
        spills.push(`const ${name}=${earlier};`);
        results[i] = name;
      }
      lines.splice(before, 0, ...spills);
    }
    results.push(js);
  }
  return results;
}

/** An identifier or a short literal: may be repeated and moved. */
export function isAtom(js: string): boolean {
  return /^(?:[A-Za-z_]\w*|-?\d{1,15}|"(?:[^"\\]|\\.)*")$/.test(js);
}

/** Gives a value a name, unless it has one. */
export function named(frame: Frame, js: string): string {
  if (isAtom(js)) return js;
  const name = frame.unit.fresh("s");
  frame.emit(`const ${name}=${js};`);
  return name;
}

/** As an operand of `!`. */
export function parenthesised(js: string): string {
  return isAtom(js) ? js : `(${js})`;
}
