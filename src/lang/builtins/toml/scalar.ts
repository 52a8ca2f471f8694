/**
 * TOML's numbers and bare words. Integers are 64 bits wide, in four bases; an underscore may stand between digits.
 * Dates and times exist in TOML but not in Nix: they are recognised to be refused.
 */
import { Float, intFromBigInt, type Value } from "../../runtime/mod.ts";

export class TomlSyntaxError extends Error {}

/** What can stand for a scalar outside of quotes. */
export const BARE_SCALAR = /[A-Za-z0-9_+\-.:]+(?: \d[\d:.+\-Zz]*)?/y;

const DATE_OR_TIME = /^(?:\d{4}-\d{2}-\d{2}(?:[Tt ]|$)|\d{2}:\d{2})/;
const DECIMAL = /^[+-]?(?:0|[1-9](?:_?[0-9])*)$/;
const FLOAT = /^[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?$/;
const PREFIXED = /^0(?:x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)$/;

export function parseBareScalar(word: string): Value {
  if (word === "true") return true;
  if (word === "false") return false;
  const special = /^([+-]?)(inf|nan)$/.exec(word);
  if (special) {
    const value = special[2] === "inf" ? Number.POSITIVE_INFINITY : Number.NaN;
    return new Float(special[1] === "-" ? -value : value);
  }
  if (DATE_OR_TIME.test(word)) throw new TomlSyntaxError("Dates and times are not supported");
  if (DECIMAL.test(word) || PREFIXED.test(word)) return parseInteger(word);
  if (FLOAT.test(word)) return parseFloating(word);
  throw new TomlSyntaxError(wrongNumber(word));
}

function wrongNumber(word: string): string {
  if (/^[+-]?[0-9]/.test(word) && /__|_$|^[+-]?_|_\.|\._/.test(word)) {
    return "[error] bad integer: `_` must be surrounded by digits";
  }
  if (/^[+-]?0[0-9]/.test(word)) return "[error] bad integer: invalid digit after an integer";
  return `[error] toml::parse_value: unknown value appeared: ${word}`;
}

function parseInteger(word: string): Value {
  const digits = word.replaceAll("_", "");
  const negative = digits.startsWith("-");
  const magnitude = BigInt(digits.replace(/^[+-]/, ""));
  const value = intFromBigInt(negative ? -magnitude : magnitude);
  if (value !== undefined) return value;
  const kind = /^0([xob])/.exec(digits)?.[1];
  if (kind === undefined) {
    throw new TomlSyntaxError(
      "[error] toml::parse_dec_integer: too large integer: current max digits = 2^63",
    );
  }
  const name = kind === "x" ? "hex" : kind === "o" ? "oct" : "bin";
  throw new TomlSyntaxError(
    `[error] toml::parse_${name}_integer: too large integer: current max value = 2^63`,
  );
}

function parseFloating(word: string): Value {
  const value = Number(word.replaceAll("_", ""));
  if (Number.isFinite(value)) return new Float(value);
  throw new TomlSyntaxError("[error] toml::parse_floating: failed to read floating point value from stream");
}
