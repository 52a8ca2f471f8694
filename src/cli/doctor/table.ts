/**
 * The findings as a table for a terminal: a line for each, and below what is not well, what it means and the way out.
 * Texts are broken between words; commands that are to be typed are never broken, but stand on lines of their own if
 * they are too long.
 */
import type { Finding } from "./finding.ts";

const marks = { ok: "ok", note: "note", limited: "limited", problem: "PROBLEM" } as const;
const narrowest = 60;

/** Lines without a line feed. `columns`: of the terminal. */
export function formatTable(findings: readonly Finding[], columns: number): string[] {
  const checkWidth = Math.max("check".length, ...findings.map(({ check }) => check.length)) + 2;
  const stateWidth = Math.max("state".length, ...findings.map(({ state }) => marks[state].length)) + 2;
  const indent = " ".repeat(checkWidth + stateWidth);
  const width = Math.max(columns, narrowest) - indent.length;
  const row = (check: string, state: string, text: string): string[] => {
    const [first = "", ...rest] = wrap(text, width);
    const head = check.padEnd(checkWidth) + state.padEnd(stateWidth) + first;
    return [head.trimEnd(), ...rest.map((line) => indent + line)];
  };
  return [
    ...row("check", "state", "result"),
    ...findings.flatMap(({ check, state, result, meaning, wayOut }) => [
      ...row(check, marks[state], result),
      ...(meaning === undefined ? [] : row("", "", meaning)),
      ...(wayOut === undefined ? [] : row("", "", `way out: ${wayOut}`)),
    ]),
  ];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of unbreakable(text)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** What stands between backquotes is one word. */
function unbreakable(text: string): string[] {
  return text.match(/(?:`[^`]*`|[^\s`])+/g) ?? [];
}
