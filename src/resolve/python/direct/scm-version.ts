/**
 * Versions that stand in no file, but in a repository's tags: setuptools-scm, hatch-vcs and their kin ask git for them. A build
 * has the tree of a commit, and neither git nor its history; it is told the version instead, as setuptools-scm would come
 * to it by its default scheme: `v1.2.3-4-gabcdef0`, four commits behind a tag, is `1.2.4.dev4+gabcdef0`.
 */
import { tryParseVersion } from "#format/python";

/** Whether what a project says of its build leaves its version to the repository. `text`: pyproject.toml, setup.py, setup.cfg. */
export function usesScm(text: string): boolean {
  return /setuptools[-_]scm|use_scm_version|hatch-vcs|poetry-dynamic-versioning|flit[-_]scm|source\s*=\s*["'](?:vcs|scm)["']/.test(
    text,
  );
}

/** `described` is what `git describe --tags --long` says; the tag is missing where there is none. */
export function scmVersion(described: string): string {
  const [, tag = "", distance = "0", node = ""] = /^(.*)-([0-9]+)-(g[0-9a-f]+)$/.exec(described) ?? [];
  const stated = /^(?:[\w-]+-)?([vV]?[0-9]+(?:\.[0-9]+)*[^+]*)(?:\+.*)?$/.exec(tag)?.[1];
  const version = stated === undefined ? undefined : tryParseVersion(stated.replace(/^[vV]/, ""));
  if (!version) return `0.1.dev${distance}+${node}`;
  if (distance === "0") return version.toString();
  return `${guessNext(version.toString())}.dev${distance}+${node}`;
}

/** The last number and one more; a development version is one of what comes next already. */
function guessNext(version: string): string {
  const base = version.replace(/\+.*$/, "");
  if (/\.dev[0-9]+$/.test(base)) return base.replace(/\.dev[0-9]+$/, "");
  return base.replace(/[0-9]+$/, (digits) => String(BigInt(digits) + 1n));
}
