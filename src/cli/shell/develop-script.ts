/**
 * Bash code that gives a shell the environment of a build: variables and functions, with PATH before what the shell has,
 * a folder for the build, and the outputs' paths replaced by places below `./outputs` that can be written.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BashEnvironment, formatBashCode, outputsOf } from "#build";

/** What belongs to the shell that is, not to the build that was. */
const NOT_TAKEN: ReadonlySet<string> = new Set([
  ...["BASHOPTS", "HOME", "NIX_BUILD_TOP", "NIX_ENFORCE_PURITY", "NIX_LOG_FD", "NIX_REMOTE", "PPID"],
  ...["SHELLOPTS", "SSL_CERT_FILE", "TEMP", "TEMPDIR", "TERM", "TMP", "TMPDIR", "TZ", "UID"],
]);

/** Variables that the environment's own value comes before. */
const JOINED = ["PATH", "XDG_DATA_DIRS"];

export interface DevelopScript {
  readonly environment: BashEnvironment;
  /** Where outputs are to be written. */
  readonly outputsDir: string;
  /** Made where structured attributes need a place for their files. */
  readonly folder: () => string;
  /** Further paths to replace. */
  readonly redirects?: ReadonlyMap<string, string>;
}

/** @throws CopseError `environment-invalid`. */
export function developScript({ environment, outputsDir, folder, redirects }: DevelopScript): string {
  const lines = ["unset shellHook"];
  for (const name of JOINED) lines.push(`${name}=\${${name}:-}`, `nix_saved_${name}="$${name}"`);
  lines.push(formatBashCode(environment, NOT_TAKEN).trimEnd());
  for (const name of JOINED) lines.push(`${name}="$${name}\${nix_saved_${name}:+:$nix_saved_${name}}"`);
  lines.push('export NIX_BUILD_TOP="$(mktemp -d -t nix-shell.XXXXXX)"');
  for (const name of ["TMP", "TMPDIR", "TEMP", "TEMPDIR"]) lines.push(`export ${name}="$NIX_BUILD_TOP"`);
  lines.push('eval "${shellHook:-}"', "");
  const rewrites = new Map(redirects);
  for (const [name, path] of outputsOf(environment)) rewrites.set(path, join(outputsDir, name));
  for (const [from, to] of structuredFiles(environment, folder)) rewrites.set(from, to);
  return rewrite(lines.join("\n"), rewrites);
}

/** The files of structured attributes lay in the build's folder; the shell gets copies. */
function structuredFiles(environment: BashEnvironment, folder: () => string): [string, string][] {
  const { structuredAttrs, variables } = environment;
  if (!structuredAttrs) return [];
  const place = folder();
  mkdirSync(place, { recursive: true });
  return (["sh", "json"] as const).flatMap((kind): [string, string][] => {
    const variable = variables[kind === "sh" ? "NIX_ATTRS_SH_FILE" : "NIX_ATTRS_JSON_FILE"];
    if (variable?.type !== "exported" && variable?.type !== "var") return [];
    const file = join(place, `.attrs.${kind}`);
    writeFileSync(file, structuredAttrs[`.attrs.${kind}`]);
    return [[variable.value, file]];
  });
}

function rewrite(text: string, rewrites: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [from, to] of rewrites) if (from !== "") result = result.replaceAll(from, () => to);
  return result;
}
