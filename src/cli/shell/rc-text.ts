/**
 * The start-up file of a shell in an environment, as nix-shell writes it: the user's `.bashrc` at a terminal, the stdenv's
 * functions, `shellHook`, prompt, and what is to run. In a root the host's PATH means nothing; on the host it comes
 * after the environment's own, unless the shell is pure.
 */
import type { StructuredAttributes } from "#build/warm";
import { quoteWord } from "./quote.ts";

export interface ShellStart {
  /** Entered a root, or on the host. */
  readonly inRoot: boolean;
  readonly pure: boolean;
  /** Removed when the shell ends. */
  readonly folder: string | undefined;
  readonly structured: StructuredAttributes | undefined;
  /** What `.bashrc` must not have changed: set again after it. */
  readonly env: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  /** The folder of the shell itself comes first in PATH. */
  readonly bash: string | undefined;
  readonly promptName: string;
  /** The time zone of the caller; a stdenv sets another. */
  readonly timeZone: string | undefined;
  readonly isRoot: boolean;
  /** Runs last. */
  readonly script: string;
}

export function rcText(start: ShellStart): string {
  const { inRoot, pure, folder, bash } = start;
  return [
    ...(folder === undefined ? [] : cleaning(folder)),
    ...(pure ? [] : ['[ -n "${PS1-}" ] && [ -e ~/.bashrc ] && source ~/.bashrc']),
    ...(inRoot ? settingAgain(start) : [...(pure ? [] : ["p=$PATH"]), "unset PATH"]),
    "dontAddDisableDepTrack=1",
    start.structured?.sh ?? "",
    '[ -e "${stdenv-}/setup" ] && source "$stdenv/setup"',
    ...(inRoot || pure ? [] : ["PATH=${PATH-}${PATH:+:}$p; unset p"]),
    ...(inRoot || bash === undefined ? [] : shellFirst(bash)),
    "set +e",
    prompt(start),
    'if [ "$(type -t runHook)" = function ]; then runHook shellHook',
    ...(inRoot ? ['elif [ -n "${shellHook-}" ]; then eval "$shellHook"'] : []),
    "fi",
    "unset NIX_ENFORCE_PURITY",
    "shopt -u nullglob",
    "unset TZ",
    ...(start.timeZone === undefined ? [] : [`export TZ=${quoteWord(start.timeZone)}`]),
    "shopt -s execfail",
    "hash -r",
    start.script,
    "",
  ]
    .filter((line) => line !== "")
    .join("\n")
    .concat("\n");
}

function cleaning(folder: string): string[] {
  return [
    `_nix_shell_clean_tmpdir() { command rm -rf ${quoteWord(folder)}; }`,
    "trap _nix_shell_clean_tmpdir EXIT",
    "exitHooks+=(_nix_shell_clean_tmpdir)",
    "failureHooks+=(_nix_shell_clean_tmpdir)",
  ];
}

/** A conda that activates itself, PATH, PYTHONPATH: what would lead out of the root. */
function settingAgain({ env, unset }: ShellStart): string[] {
  const lines = [`unset ${unset.join(" ")}`];
  for (const [name, value] of Object.entries(env)) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) lines.push(`export ${name}=${quoteWord(value)}`);
  }
  lines.push("unalias -a 2>/dev/null");
  return lines;
}

function shellFirst(bash: string): string[] {
  const folder = bash.slice(0, bash.lastIndexOf("/"));
  return [`PATH=${quoteWord(folder)}:"$PATH"`, `SHELL=${quoteWord(bash)}`, `BASH=${quoteWord(bash)}`];
}

function prompt({ promptName, isRoot, inRoot }: ShellStart): string {
  const colour = isRoot && !inRoot ? 31 : 32;
  const text = `\\n\\[\\033[1;${colour}m\\][${promptName}:\\w]\\$\\[\\033[0m\\] `;
  return `[ -n "\${PS1-}" -a -z "\${NIX_SHELL_PRESERVE_PROMPT-}" ] && PS1='${text}'`;
}
