/**
 * What conda calls a MatchSpec: a package, perhaps of a channel, with a version and a build.
 *
 *     numpy   numpy=1.26   numpy==1.26.4   numpy>=1.2,<2   numpy 1.26.*   numpy=1.26.4=py311h64a7726_0
 *     conda-forge::numpy[version='>=1.2']
 *
 * conda's `=1.2` means any 1.2; `==1.2` and, behind a space, `1.2` mean that version. With three numbers, as exported environments
 * have them, or with a build, `=1.2.3` is taken for that very version.
 */
export interface MatchSpec {
  readonly name: string;
  readonly channel?: string | undefined;
  /** By PEP 440, empty for any. Undefined where PEP 440 has no words for it. */
  readonly specifiers: string | undefined;
  readonly build?: string | undefined;
}

/** Undefined for what is none. */
export function parseMatchSpec(text: string): MatchSpec | undefined {
  const bare = text.replace(/\s+#.*$/, "").trim();
  const match = /^(?:([^\s:]+)::)?([A-Za-z0-9_][A-Za-z0-9._-]*)\s*(.*?)\s*(?:\[([^\]]*)\])?$/.exec(bare);
  const [, channel, name, rest = "", brackets = ""] = match ?? [];
  if (name === undefined) return undefined;
  const inBrackets = new Map(
    [...brackets.matchAll(/([a-z_]+)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^\s,]+))/g)].map(
      ([, key = "", a, b, c]) => [key, a ?? b ?? c ?? ""],
    ),
  );
  const [version, build] = splitBuild(rest);
  const withBuild = build ?? inBrackets.get("build");
  const wanted = inBrackets.get("version") ?? version;
  return {
    name: name.toLowerCase(),
    channel: channel ?? inBrackets.get("channel"),
    specifiers: condaSpecifiers(withBuild === undefined ? wanted : wanted.replace(/^=(?!=)/, "==")),
    build: withBuild,
  };
}

/** `=1.2=py_0` and `1.2 py_0` have a build behind the version. */
function splitBuild(text: string): readonly [string, string | undefined] {
  const match =
    /^((?:[<>=!~]*\s*[^\s=<>!~,|]+)(?:\s*[,|]\s*[<>=!~]*\s*[^\s=<>!~,|]+)*)(?:\s*=\s*|\s+)([^\s=]+)$/.exec(
      text,
    );
  return match ? [match[1] as string, match[2]] : [text, undefined];
}

/** The versions of a spec by PEP 440; undefined for alternatives. */
export function condaSpecifiers(text: string): string | undefined {
  if (text === "" || text === "*") return "";
  const clauses = text
    .replace(/([<>=!~])\s+/g, "$1")
    .split(/\s*,\s*/)
    .filter((clause) => clause !== "" && clause !== "*")
    .map(clauseOf);
  return clauses.includes(undefined) ? undefined : clauses.join(",");
}

function clauseOf(clause: string): string | undefined {
  const [, operator = "", version = ""] =
    /^(~=|[<>=!]=|[<>=])?([0-9][A-Za-z0-9.!+_]*(?:\.?\*)?)$/.exec(clause) ?? [];
  if (version === "") return undefined;
  const prefix = version.replace(/\.?\*$/, "");
  if (operator === "=")
    return version === prefix && prefix.split(".").length > 2 ? `==${prefix}` : `==${prefix}.*`;
  if (operator === "" || operator === "==" || operator === "!=")
    return `${operator || "=="}${version.endsWith("*") ? `${prefix}.*` : version}`;
  return `${operator}${prefix}`;
}
