/**
 * The commands of a line of shell, as far as words tell: split at `&&`, `;`, `|` and ends of lines, outside of quotes. Nothing
 * is run, and nothing of a shell's further language is understood; what a command is not known by its words is reported.
 */
import { splitWords } from "../python/requirements-lines.ts";

export interface ShellCommand {
  readonly words: readonly string[];
  readonly text: string;
  /** The program behind the pipe that it ends in. */
  readonly pipedTo: string | undefined;
}

export function shellCommands(text: string): ShellCommand[] {
  const found: ShellCommand[] = [];
  for (const { command, pipedTo } of split(text)) {
    const words = withoutPrefix(splitWords(command));
    if (words.length > 0) found.push({ words, text: command.trim().replace(/\s+/g, " "), pipedTo });
  }
  return found;
}

function* split(text: string): Generator<{ readonly command: string; readonly pipedTo: string | undefined }> {
  const pieces = [...text.matchAll(PIECE)];
  let command = "";
  const done: { command: string; separator: string }[] = [];
  for (const [piece, separator] of pieces) {
    if (piece.startsWith("#")) continue;
    if (separator === undefined) command += piece;
    else {
      done.push({ command, separator });
      command = "";
    }
  }
  done.push({ command, separator: "" });
  for (const [at, one] of done.entries()) {
    const next = done[at + 1]?.command ?? "";
    const pipedTo = one.separator === "|" ? withoutPrefix(splitWords(next))[0] : undefined;
    yield { command: one.command, pipedTo };
  }
}

/** A comment, something in quotes, what ends a command, or anything else. */
const PIECE =
  /(?<=^|\s)#[^\n]*|"(?:[^"\\]|\\.)*"?|'[^']*'?|\\.|(&&|\|\||;;?|\|&?|\n|(?<![>&\d])&(?![>&]))|[^"'\\&|;\n#]+|[\s\S]/g;

/** `if`, `sudo` and `A=b` before a command are not it. */
function withoutPrefix(words: readonly string[]): readonly string[] {
  let at = 0;
  while (
    at < words.length &&
    /^(?:[A-Za-z_]\w*=.*|sudo|-E|exec|time|then|else|do|\{|\(|!|env)$/s.test(words[at] as string)
  )
    at++;
  const rest = words.slice(at).map((word, index) => (index === 0 ? word.replace(/^\(+/, "") : word));
  return rest.filter((word) => !/^(?:\d?>{1,2}&?.*|<.*|&>.*|\))$/.test(word));
}
