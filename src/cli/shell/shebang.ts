/**
 * `nix-shell` as an interpreter: a script whose first line names it, and in which lines `#! nix-shell ARGUMENTS`, any
 * number of them, anywhere, say what nix-shell is to do.
 *
 *     #! /usr/bin/env nix-shell
 *     #! nix-shell -i python3 -p python3 hello
 *
 * The kernel calls `nix-shell SCRIPT ARGUMENTS...`. The lines are split as a shell's words are.
 */
import { readFileSync } from "node:fs";
import { CopseError } from "#base";
import { quoteWord } from "./quote.ts";

/** How a script is handed on: hidden options before the words of its own lines, which it cannot come to know of. */
export const IN_SCRIPT = "--in-script";

/** The command line that a script stands for; undefined where the first argument is none. */
export function expandShebang(args: readonly string[]): string[] | undefined {
  const [script, ...rest] = args;
  if (script === undefined || script.startsWith("-")) return undefined;
  const text = readIfFile(script);
  if (!text?.startsWith("#!")) return undefined;
  const words = text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, words] = /^#!\s*nix-shell\s+(.*)$/.exec(line.replace(/\r$/, "")) ?? [];
      return words === undefined ? [] : splitWords(words);
    });
  return [...words, IN_SCRIPT, script, ...rest];
}

function readIfFile(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1") && readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Words as Perl's shellwords has them: a backslash stands for the next character, within double quotes too. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (quote === "" && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "\\" && quote !== "'") word = (word ?? "") + (text[++i] ?? "");
    else if (char === quote) quote = "";
    else if (quote === "" && (char === "'" || char === '"')) {
      quote = char;
      word ??= "";
    } else word = (word ?? "") + char;
  }
  if (quote !== "") throw new CopseError("shebang-quote", "unterminated quote in shebang line");
  return word === undefined ? words : [...words, word];
}

/**
 * What the shell does in the end: it becomes the interpreter. Perl and Ruby look at the script's first line themselves
 * and would start nix-shell again; the name `PERL`, and loading the script from a line of Ruby, keep them from it.
 */
export function interpreterScript(interpreter: string, script: string, args: readonly string[]): string {
  const words = [quoteWord(script), ...args.map(quoteWord)].join(" ");
  const exec = interpreter.includes("perl") ? "exec -a PERL" : "exec";
  const call = interpreter.includes("ruby")
    ? `${exec} ${interpreter} -e 'load(ARGV.shift)' -- ${words}`
    : `${exec} ${interpreter} ${words}`;
  const missing =
    "error[command-not-found]: There is no such interpreter in the environment: `%s`\\n hint: name its package with -p\\n";
  const [program = ""] = splitWords(interpreter);
  return [
    `if ! type -P -- ${quoteWord(program)} >/dev/null; then printf '${missing}' ${quoteWord(program)} >&2; exit 127; fi`,
    call,
    "exit 126",
  ].join("\n");
}
