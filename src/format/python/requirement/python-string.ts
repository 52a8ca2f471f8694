/**
 * What stands between the quotes of a string literal of Python (its reference, "String and Bytes literals"). Packaging
 * has the strings of markers read by Python itself. A backslash before any other character stands for itself.
 */

const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))/gsu;

const SIMPLE: { readonly [unit: string]: string } = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Undefined for what Python refuses, and for characters by name (`\N{...}`), which no marker has. */
export function parsePythonString(body: string): string | undefined {
  if (/[\n\r\0]/.test(body)) return undefined;
  if (!body.includes("\\")) return body;
  let valid = true;
  const text = body.replace(ESCAPE, (whole, octal, byte, short, long, unit: string | undefined) => {
    const digits = byte ?? short ?? long;
    const point = octal !== undefined ? Number.parseInt(octal, 8) : Number.parseInt(digits, 16);
    if (octal !== undefined || digits !== undefined) {
      if (point <= 0x10ffff) return String.fromCodePoint(point);
      valid = false;
      return "";
    }
    if (unit === "" || unit === undefined || "xuUN".includes(unit)) valid = false;
    return SIMPLE[unit ?? ""] ?? whole;
  });
  return valid ? text : undefined;
}
