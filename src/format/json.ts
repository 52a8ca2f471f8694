/**
 * JSON as Nix's own library reads and writes it, for texts that are hashed or that a builder reads: names sorted by
 * byte, no spaces, whole numbers told apart from floats (`1` and `1.0` are different texts), strings as UTF-8.
 *
 * In memory a whole number is a bigint, a float a number, a string a byte string, an object a map.
 */
import { isUtf8 } from "node:buffer";
import {
  type ByteString,
  byteStringFromText,
  bytesFromByteString,
  CopseError,
  compareByteStrings,
} from "#base";

export type Json = null | boolean | bigint | number | ByteString | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<ByteString, Json>;

export function isJsonObject(value: Json): value is JsonObject {
  return value instanceof Map;
}

export function isJsonArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Of equal names the last counts. Throws CopseError `json-invalid`. */
export function parseJsonText(text: ByteString): Json {
  const bytes = bytesFromByteString(text);
  if (!isUtf8(bytes)) throw new CopseError("json-invalid", "JSON text is not UTF-8");
  try {
    return JSON.parse(bytes.toString("utf8"), revive) as Json;
  } catch (error) {
    if (error instanceof CopseError) throw error;
    // A text that is nested too deep for the stack is refused like one that is malformed.
    throw new CopseError("json-invalid", `JSON text is malformed: \`${(error as Error).message}\``);
  }
}

/** What the standard parser made of one value, whose members have been revived already. */
function revive(_name: string, value: unknown, context?: { readonly source?: string }): Json {
  if (typeof value === "number") return numberFromText(context?.source ?? String(value));
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new CopseError("json-invalid", "JSON string has half a surrogate pair");
    return byteStringFromText(value);
  }
  if (typeof value !== "object" || value === null || value instanceof Map) return value as Json;
  if (Array.isArray(value)) return value as Json[];
  return new Map(Object.entries(value).map(([name, member]) => [byteStringFromText(name), member as Json]));
}

/** Whole numbers of more than 64 bits become floats. */
function numberFromText(text: string): Json {
  if (/^-?\d+$/.test(text)) {
    const whole = BigInt(text);
    if (whole >= -(2n ** 63n) && whole < 2n ** 64n) return whole;
  }
  const float = Number(text);
  if (Number.isFinite(float)) return float;
  throw new CopseError("json-invalid", `JSON number is too large: \`${text}\``);
}

export function formatJson(value: Json): ByteString {
  if (value === null) return "null";
  if (typeof value === "string") return formatJsonString(value);
  if (typeof value === "number") return formatJsonFloat(value);
  if (isJsonArray(value)) return `[${value.map(formatJson).join(",")}]`;
  if (!isJsonObject(value)) return String(value);
  const members = [...value].sort(([a], [b]) => compareByteStrings(a, b));
  return `{${members.map(([name, member]) => `${formatJsonString(name)}:${formatJson(member)}`).join(",")}}`;
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** Control characters are escaped, DEL and everything above stand for themselves. */
export function formatJsonString(text: ByteString): ByteString {
  const escaped = text.replace(/["\\\x00-\x1f]/g, (unit) => {
    return SHORT_ESCAPES.get(unit) ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** The shortest digits that read back as the same number; always with a point or an exponent. */
export function formatJsonFloat(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 15) {
    const sign = exponent < 0 ? "-" : "+";
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = String(value);
  return plain.includes(".") ? plain : `${plain}.0`;
}
