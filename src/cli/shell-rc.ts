/**
 * The start-up file of a shell in an environment. At a terminal the user's own `.bashrc` comes first, as with
 * nix-shell, for prompt, aliases and completion; what it sets that would lead out of the environment (PATH, a conda
 * that activates itself, PYTHONPATH) is then set right again.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface ShellStart {
  readonly cacheDir: string;
  /** At a terminal; otherwise there is neither `.bashrc` nor a prompt. */
  readonly interactive: boolean;
  readonly pure: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** Variables that must not be set, whatever `.bashrc` does. */
  readonly unset: readonly string[];
  readonly shellHook: string;
  /** Runs after the hook. */
  readonly script: string;
  readonly promptName: string;
}

/** Writes the file, named by its contents, and gives its path. */
export function writeRcFile(start: ShellStart): string {
  const text = rcText(start);
  const dir = join(start.cacheDir, "shells");
  const { createHash } = process.getBuiltinModule("node:crypto");
  const file = join(dir, `${createHash("sha256").update(text).digest("hex").slice(0, 32)}.bash`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

function rcText(start: ShellStart): string {
  // The shell's own children must not prepare themselves again.
  if (!start.interactive) return ["unset BASH_ENV", start.shellHook, start.script, ""].join("\n");
  const lines = start.pure ? [] : ["[ -e ~/.bashrc ] && . ~/.bashrc"];
  lines.push(`unset ${start.unset.join(" ")}`);
  for (const [name, value] of Object.entries(start.env)) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) lines.push(`export ${name}=${quote(value)}`);
  }
  lines.push("unalias -a 2>/dev/null; hash -r");
  lines.push(start.shellHook);
  lines.push(
    `[ -n "\${NIX_SHELL_PRESERVE_PROMPT-}" ] || PS1='\\n\\[\\e[1;32m\\][${start.promptName}:\\w]\\$\\[\\e[0m\\] '`,
  );
  lines.push(start.script);
  return `${lines.filter((line) => line !== "").join("\n")}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
