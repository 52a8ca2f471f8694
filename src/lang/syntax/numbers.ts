/** Number literals. Integers have 64 bits with sign and are written without one. */
import { type ByteString, CopseError, type Span } from "#base";

const largestInteger = 2n ** 63n - 1n;
const smallestNormalFloat = 2.2250738585072014e-308;

export function parseIntLiteral(written: ByteString, span: () => Span): number | bigint {
  const value = Number(written);
  if (Number.isSafeInteger(value)) return value;
  const exact = BigInt(written);
  if (exact > largestInteger)
    throw new CopseError("syntax-error", `invalid integer '${written}'`, { span: span() });
  return exact;
}

/** As strtod in C: overflow and loss of precision below the normal range are errors. */
export function parseFloatLiteral(written: ByteString, span: () => Span): number {
  const value = Number(written);
  const isZero = value === 0 && !/^[^eE]*[1-9]/.test(written);
  if (value <= Number.MAX_VALUE && (value >= smallestNormalFloat || isZero)) return value;
  throw new CopseError("syntax-error", `invalid float '${written}'`, { span: span() });
}
