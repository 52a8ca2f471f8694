/**
 * TOML's numbers and bare words. Integers are 64 bits wide, in four bases; an underscore may stand between digits.
 * Dates and times exist in TOML but neither in Nix nor in what copse is configured by: they are recognised to be
 * refused.
 */
export class TomlSyntaxError extends Error {
  /** In the document, in bytes. */
  offset: number | undefined;
}

/** A floating point number, told apart from an integer. */
export class TomlFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Integers are 64 bits wide. */
export type TomlScalar = boolean | bigint | TomlFloat;

/** What can stand for a scalar outside of quotes. */
export const BARE_SCALAR = /(?:\d{4}-\d\d-\d\d \d\d:)?[A-Za-z0-9_+\-.:]+/y;

const DATE_OR_TIME = /^(?:\d{4}-\d{2}-\d{2}(?:[Tt ]|$)|\d{2}:\d{2})/;
const DECIMAL = /^[+-]?(?:0|[1-9](?:_?[0-9])*)$/;
const FLOAT = /^[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?$/;
const PREFIXED = /^0(?:x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)$/;

export function isDateOrTime(word: string): boolean {
  return DATE_OR_TIME.test(word);
}

export function parseBareScalar(word: string): TomlScalar {
  if (word === "true") return true;
  if (word === "false") return false;
  const special = /^([+-]?)(inf|nan)$/.exec(word);
  if (special) {
    const value = special[2] === "inf" ? Number.POSITIVE_INFINITY : Number.NaN;
    return new TomlFloat(special[1] === "-" ? -value : value);
  }
  if (DATE_OR_TIME.test(word)) throw new TomlSyntaxError("Dates and times are not supported");
  if (DECIMAL.test(word) || PREFIXED.test(word)) return parseInteger(word);
  if (FLOAT.test(word)) return parseFloating(word);
  throw new TomlSyntaxError(wrongScalar(word));
}

const PREFIX_EXAMPLES: Readonly<Record<string, string>> = {
  x: "hex_integer: invalid integer: hex_int must be like: 0xC0FFEE, 0xdead_beef",
  o: "oct_integer: invalid integer: oct_int must be like: 0o775, 0o04_44",
  b: "bin_integer: invalid integer: bin_int must be like: 0b0101, 0b1111_0000",
};

function wrongScalar(word: string): string {
  if (/^[tf]/.test(word)) {
    return (
      "[error] toml::parse_boolean: invalid boolean: boolean must be `true` or `false`, in lowercase. " +
      'string must be surrounded by `"`'
    );
  }
  if (/^[in]/.test(word)) {
    const name = word.startsWith("i") ? "inf" : "nan";
    return `[error] toml::parse_value: \`${name}\` must be in lowercase. A string must be surrounded by quotes.`;
  }
  const prefix = /^0([xob])/.exec(word)?.[1];
  if (prefix !== undefined) return `[error] toml::parse_${PREFIX_EXAMPLES[prefix]}`;
  if (word.startsWith("_")) return "[error] bad number: `_` must be surrounded by digits";
  if (word.startsWith(".")) return "[error] bad float: integer part is required before decimal point";
  return wrongNumber(word);
}

function wrongNumber(word: string): string {
  if (!/^[+-]?[0-9]/.test(word)) return "[error] bad format: unknown value appeared";
  if (/^[+-]?00/.test(word)) return "[error] bad integer: leading zero";
  if (/^[+-]?0[0-9]/.test(word)) return "[error] bad integer: invalid digit after an integer";
  const isFloat = /^[+-]?[0-9_]*[.eE]/.test(word) && !/^[+-]?[0-9]+\.[0-9]+[^0-9eE_]/.test(word);
  if (isFloat) return "[error] bad float: invalid format";
  if (/^[+-]?[0-9_]*_/.test(word)) return "[error] bad integer: `_` must be surrounded by digits";
  if (/^[0-9]+[-:]/.test(word)) return "[error] bad datetime: invalid format";
  return "[error] toml::parse_table: newline (LF / CRLF) or EOF is expected";
}

function parseInteger(word: string): TomlScalar {
  const digits = word.replaceAll("_", "");
  const negative = digits.startsWith("-");
  const magnitude = BigInt(digits.replace(/^[+-]/, ""));
  const value = negative ? -magnitude : magnitude;
  if (BigInt.asIntN(64, value) === value) return value;
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

function parseFloating(word: string): TomlScalar {
  const value = Number(word.replaceAll("_", ""));
  if (Number.isFinite(value)) return new TomlFloat(value);
  throw new TomlSyntaxError("[error] toml::parse_floating: failed to read floating point value from stream");
}
