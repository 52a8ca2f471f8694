/**
 * Floats as C prints them. JavaScript rounds a tie away from zero where C rounds to even, so both forms go
 * through the exact decimal expansion.
 */

/** `%g`, six significant digits: how values are printed. */
export function formatFloatShort(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits = "", exponentText = "0"] = exponential(value, 5).split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    const sign = exponent < 0 ? "-" : "+";
    return `${stripZeros(digits)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return stripZeros(fixed(value, 5 - exponent));
}

/** `%f`, six decimals: how `toString` prints. */
export function formatFloatFixed(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.000000`;
  const text = fixed(value, 6);
  return Object.is(value, -0) ? `-${text}` : text;
}

function formatSpecial(value: number): string | undefined {
  if (Number.isNaN(value)) return "nan";
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  return undefined;
}

function fixed(value: number, decimals: number): string {
  const rounded = value.toFixed(decimals);
  return isTie(value.toFixed(Math.min(100, decimals + 40)), decimals)
    ? toEven(value, rounded, decimals)
    : rounded;
}

function exponential(value: number, decimals: number): string {
  const rounded = value.toExponential(decimals);
  const exact = value.toExponential(60);
  const [digits = ""] = exact.split("e");
  if (!isTie(digits, decimals)) return rounded;
  const [mantissa = "", exponent = "0"] = rounded.split("e");
  return `${toEven(Number(digits), mantissa, decimals)}e${exponent}`;
}

/** Whether what is cut off is exactly one half. */
function isTie(exact: string, decimals: number): boolean {
  const rest = exact.slice(exact.indexOf(".") + 1 + decimals);
  return /^50*$/.test(rest);
}

/** `rounded` went away from zero; the neighbour nearer to it is the even one when this one is odd. */
function toEven(value: number, rounded: string, decimals: number): string {
  const last = Number(rounded.at(-1));
  if (last % 2 === 0) return rounded;
  const truncated = value.toFixed(Math.min(100, decimals + 40));
  const end = truncated.indexOf(".") + 1 + decimals;
  return decimals === 0 ? truncated.slice(0, end - 1) : truncated.slice(0, end);
}

function stripZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}
