/**
 * A Dockerfile as instructions: a word, its flags, and the rest, lines joined where they end in the escape character. Heredocs
 * (`RUN <<EOF`) are read as the text that they hold. Variables are those of ARG and ENV, as far as they are known.
 */
import { CopseError } from "#base";

const MAX_LENGTH = 256 * 1024;

export interface Instruction {
  /** In capitals. */
  readonly word: string;
  readonly flags: ReadonlyMap<string, string>;
  readonly rest: string;
  /** Bodies of its heredocs, one after the other. */
  readonly heredoc: string | undefined;
  /** One-based. */
  readonly line: number;
}

export function parseDockerfile(text: string): Instruction[] {
  const lines = text.split("\n");
  const continuation = /^#\s*escape\s*=\s*`/im.test(lines.slice(0, 5).join("\n")) ? "`" : "\\";
  const found: Instruction[] = [];
  for (let at = 0; at < lines.length; ) {
    const start = at;
    const parts: string[] = [];
    for (; at < lines.length; at++) {
      const line = lines[at] as string;
      // Comments and empty lines do not end an instruction.
      if (/^\s*(?:#|$)/.test(line)) {
        if (parts.length > 0) continue;
        break;
      }
      const isContinued = line.trimEnd().endsWith(continuation);
      parts.push(isContinued ? line.trimEnd().slice(0, -1) : line);
      if (!isContinued) break;
    }
    at++;
    const content = parts.join(" ").trim();
    if (content.length > MAX_LENGTH)
      throw new CopseError(
        "import-too-large",
        `An instruction of a Dockerfile is too long, in line: \`${start + 1}\``,
      );
    if (content === "") continue;
    const [heredoc, next] = takeHeredocs(content, lines, at);
    at = next;
    found.push({ ...splitInstruction(content), heredoc, line: start + 1 });
  }
  return found;
}

function takeHeredocs(content: string, lines: readonly string[], from: number): [string | undefined, number] {
  if (!/^\s*(?:RUN|COPY|ADD)\b/i.test(content)) return [undefined, from];
  const ends = [...content.matchAll(/<<(-?)(["']?)([A-Za-z_]\w*)\2/g)];
  if (ends.length === 0) return [undefined, from];
  const body: string[] = [];
  let at = from;
  for (const [, dash, , word] of ends)
    for (; at < lines.length; at++) {
      const line = dash === "-" ? (lines[at] as string).replace(/^\t+/, "") : (lines[at] as string);
      if (line.trim() === word) {
        at++;
        break;
      }
      body.push(line);
    }
  return [body.join("\n"), at];
}

function splitInstruction(content: string): Pick<Instruction, "word" | "flags" | "rest"> {
  const [, word = "", after = ""] = /^(\S+)\s*(.*)$/s.exec(content) ?? [];
  const flags = new Map<string, string>();
  let rest = after;
  for (let match = FLAG.exec(rest); match; match = FLAG.exec(rest)) {
    const name = match[1] as string;
    // `--mount` may be there several times.
    flags.set(flags.has(name) ? `${name} ${flags.size}` : name, match[2] ?? "");
    rest = rest.slice(match[0].length);
  }
  return { word: word.toUpperCase(), flags, rest };
}

const FLAG = /^--([a-z-]+)(?:=(\S*))?\s+/;

/** `$NAME`, `${NAME}`, `${NAME:-default}`; what is not known stays as it is. */
export function expandVariables(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(
    /\\\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?([-+])([^}]*))?\})/g,
    (whole, plain?: string, braced?: string, operator?: string, word?: string) => {
      if (whole === "\\$") return "$";
      const value = variables.get(plain ?? braced ?? "");
      if (operator === "+") return value === undefined ? "" : (word ?? "");
      return value ?? (operator === "-" ? (word ?? "") : whole);
    },
  );
}

/** `["a", "b"]`, or undefined for a line of a shell. */
export function execForm(rest: string): readonly string[] | undefined {
  if (!rest.trim().startsWith("[")) return undefined;
  try {
    const words: unknown = JSON.parse(rest);
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
  } catch {
    return undefined;
  }
}
