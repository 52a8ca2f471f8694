/**
 * JSON as Nix prints it: names in byte order, on one line, or laid out where a person reads it, on a terminal.
 * Called by its own name copse always lays it out.
 */
import { isatty } from "node:tty";
import { type ByteString, textFromByteString } from "#base";
import { formatJson, formatJsonString, isJsonArray, isJsonObject, type Json, parseJsonText } from "#format";
import type { CommandLine, Option } from "./arguments.ts";
import type { CommandContext } from "./command.ts";

export const JSON_OPTIONS: readonly Option[] = [
  { names: ["--json"], help: "print as JSON" },
  { names: ["--pretty"], help: "lay JSON out over several lines (default on a terminal)" },
  { names: ["--no-pretty"], help: "print JSON on one line" },
];

/** What `JSON.stringify` takes, of plain data. Undefined members are left out. */
export function printJson(line: CommandLine, context: CommandContext, value: unknown): void {
  context.output.line(JSON.stringify(sorted(value), null, isPretty(line, context) ? 2 : undefined));
}

function isPretty(line: CommandLine, context: CommandContext): boolean {
  if (line.has("--pretty")) return true;
  return !line.has("--no-pretty") && (context.programName === "copse" || isatty(1));
}

/** JavaScript itself puts names first that are whole numbers; no name here is one. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}

/** What is JSON already, on one line. */
export function printJsonText(line: CommandLine, context: CommandContext, text: ByteString): void {
  const shown = isPretty(line, context) ? layOut(parseJsonText(text), "") : text;
  context.output.bytes(`${shown}\n`);
}

/** The same of a tree that tells whole numbers from others, as structured attributes must keep them. */
export function printJsonTree(line: CommandLine, context: CommandContext, json: Json): void {
  const text = isPretty(line, context) ? layOut(json, "") : formatJson(json);
  context.output.line(textFromByteString(text));
}

function layOut(json: Json, indent: string): ByteString {
  const deeper = `${indent}  `;
  const lines = isJsonArray(json)
    ? json.map((item) => layOut(item, deeper))
    : isJsonObject(json)
      ? [...json]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, member]) => `${formatJsonString(name)}: ${layOut(member, deeper)}`)
      : [];
  if (lines.length === 0) return formatJson(json);
  const [open, close] = isJsonArray(json) ? "[]" : "{}";
  return `${open}\n${deeper}${lines.join(`,\n${deeper}`)}\n${indent}${close}`;
}
