/**
 * The last step before a builder runs: a shell that has exactly the builder's variables, does what only a process can
 * do to itself, and becomes the builder by exec.
 *
 * All that a derivation says is bytes, but Node hands text on as UTF-8 only, and a shell passes on only variables whose
 * names it could have made itself. So what is not UTF-8 is spelled out for the shell's own printf, and variables with
 * odd names go through env(1), or, in a root that has none, through bash, which keeps them.
 */
import { isUtf8 } from "node:buffer";
import { accessSync, constants } from "node:fs";
import { type ByteString, bytesFromByteString, textFromByteString } from "#base";

export interface BuilderCommand {
  /** Exactly the builder's environment. */
  readonly env: Readonly<Record<ByteString, ByteString>>;
  readonly argv: readonly [ByteString, ...ByteString[]];
}

export interface BecomeOptions {
  /** Shell commands that come first, before the builder's variables matter. */
  readonly before: string;
  /** Where the builder starts. */
  readonly directory: ByteString;
  /** Redirections of the builder's descriptors. */
  readonly redirections: string;
  /** Whether the place where the shell becomes the builder has /usr/bin/env. */
  readonly hasEnv: boolean;
}

const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A shell has opinions about these: they are set in the last moment. */
const ASSIGNED_LATE = new Set(["IFS", "OPTIND", "OLDPWD", "PS1", "PS2", "PS4"]);
/** And these it sets itself, or not at all. */
const OWN = new Set(["PPID", "_", "LINENO", "FUNCNAME", "SHLVL"]);
const BASH = "/bin/bash";

export interface Become {
  /** For `env -i`. */
  readonly variables: readonly string[];
  /** The shell with its script and arguments. */
  readonly words: readonly [string, ...string[]];
}

export function becomeBuilder(command: BuilderCommand, options: BecomeOptions): Become {
  const spelled = new Spelling();
  const early: string[] = [];
  const late: ByteString[] = [];
  let assignments = "";
  let hasOddName = false;
  for (const [name, value] of Object.entries(command.env)) {
    const isOdd = !SHELL_NAME.test(name);
    if (isOdd || OWN.has(name)) {
      if (options.hasEnv) late.push(`${name}=${value}`);
      else if (isOdd && isText(value)) early.push(`${textFromByteString(name)}=${textFromByteString(value)}`);
      hasOddName ||= isOdd;
    } else if (ASSIGNED_LATE.has(name) || !isText(value)) {
      assignments += `${name}=${spelled.word(value)}; export ${name}; `;
    } else early.push(`${name}=${textFromByteString(value)}`);
  }
  const viaEnv = late.length > 0 ? ["/usr/bin/env", ...late] : [];
  const words = [...viaEnv, ...command.argv];
  const shell = hasOddName && !options.hasEnv && isExecutable(BASH) ? BASH : "/bin/sh";
  const texts = words.filter(isText).map(textFromByteString);
  let position = 0;
  const spelledWords = words.map((word) => (isText(word) ? `"\${${++position}}"` : spelled.word(word)));
  const script = [
    `${options.before} cd ${spelled.word(options.directory)} || exit 125; ${restoreStack()}ulimit -S -c 0; umask 022; unset OLDPWD; `,
    command.env["PWD"] === undefined ? "unset PWD; " : "",
    spelled.definitions,
    checkBuilder(spelledWords[viaEnv.length] as string),
    assignments,
    `exec ${words.every(isText) ? '"$@"' : spelledWords.join(" ")} ${options.redirections}`,
  ].join("");
  return { variables: early, words: [shell, "-c", script, "sh", ...texts] };
}

/** The limit that copse was started with: its own is larger. */
function restoreStack(): string {
  const limit = process.env["COPSE_STACK_LIMIT"] ?? "";
  return /^(?:\d+|unlimited)$/.test(limit) ? `ulimit -S -s ${limit} 2> /dev/null; ` : "";
}

/** What the kernel would say, in the words that Nix has for it, where a shell would say something else. */
function checkBuilder(builder: string): string {
  const fail = (problem: string) => `{ printf "error: executing '%s': ${problem}\\n" ${builder}; exit 1; }; `;
  return (
    `[ -e ${builder} ] || ${fail("No such file or directory")}` +
    `{ [ -x ${builder} ] && [ ! -d ${builder} ]; } || ${fail("Permission denied")}`
  );
}

/** Byte strings as words of a shell script, those that are not UTF-8 by way of variables. */
class Spelling {
  #definitions = "";
  #count = 0;

  get definitions(): string {
    return this.#definitions;
  }
  word(value: ByteString): string {
    if (isText(value)) return `'${textFromByteString(value).replaceAll("'", "'\\''")}'`;
    const name = `copse_bytes_${this.#count++}`;
    const octal = [...bytesFromByteString(value)]
      .map((byte) => `\\${byte.toString(8).padStart(3, "0")}`)
      .join("");
    // Substitution drops newlines at the end: a character more keeps them.
    this.#definitions += `${name}=$(printf '${octal}.'); ${name}=\${${name}%.}; `;
    return `"$${name}"`;
  }
}

function isText(bytes: ByteString): boolean {
  return !/[\x80-\xff]/.test(bytes) || isUtf8(bytesFromByteString(bytes));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
