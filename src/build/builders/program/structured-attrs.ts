/**
 * Structured attributes for the builder: `.attrs.json`, all of them as they are, and `.attrs.sh`, which Bash can
 * source: strings, numbers, booleans, lists and flat sets as variables. What Bash has no form for (nested sets, numbers
 * with a fraction, names that are no identifiers) is in the JSON alone.
 */
import type { ByteString } from "#base";
import { formatJson, isJsonArray, isJsonObject, type Json, type JsonObject } from "#format";

export const ATTRS_JSON = ".attrs.json";
export const ATTRS_SH = ".attrs.sh";

export function formatAttrsJson(attrs: JsonObject): ByteString {
  return formatJson(attrs);
}

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function formatAttrsShell(attrs: JsonObject): ByteString {
  let text = "";
  for (const [name, value] of sorted(attrs)) {
    if (!VARIABLE_NAME.test(name)) continue;
    const declaration = declare(name, value);
    if (declaration !== undefined) text += `declare ${declaration}\n`;
  }
  return text;
}

function declare(name: string, value: Json): ByteString | undefined {
  if (isJsonArray(value)) {
    const items = value.map(shellWord);
    if (items.includes(undefined)) return undefined;
    return `-a ${name}=(${items.map((item) => `${item} `).join("")})`;
  }
  if (isJsonObject(value)) {
    const members = sorted(value).map(([key, member]) => [quoteWord(key), shellWord(member)] as const);
    if (members.some(([, word]) => word === undefined)) return undefined;
    return `-A ${name}=(${members.map(([key, word]) => `[${key}]=${word} `).join("")})`;
  }
  const word = shellWord(value);
  return word === undefined ? undefined : `${name}=${word}`;
}

function shellWord(value: Json): ByteString | undefined {
  if (typeof value === "string") return quoteWord(value);
  if (value === null) return "''";
  if (typeof value === "boolean") return value ? "1" : "";
  if (typeof value !== "bigint" && typeof value !== "number") return undefined;
  return shellNumber(value);
}

/**
 * What Nix does with numbers, and builders have come to see: whether one is whole is decided in single precision,
 * and 32 bits of it are kept. A float that has no such number becomes the smallest.
 */
function shellNumber(value: bigint | number): ByteString | undefined {
  if (typeof value === "bigint") return String(BigInt.asIntN(32, value));
  if (!Number.isInteger(Math.fround(value))) return undefined;
  const whole = Math.trunc(value);
  return String(Math.abs(whole) < 2 ** 31 ? whole : -(2 ** 31));
}

function quoteWord(text: ByteString): ByteString {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function sorted(object: JsonObject): [ByteString, Json][] {
  return [...object].sort(([a], [b]) => (a < b ? -1 : 1));
}
