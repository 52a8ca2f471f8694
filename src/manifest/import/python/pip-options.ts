/**
 * Options of pip, as a requirements file, an environment of conda or `pip install` in a Dockerfile have them: a table of
 * what each means for copse.toml.
 */
import type { Draft } from "../draft.ts";
import type { Place } from "../findings.ts";
import { withoutLogin } from "./requirement-entry.ts";

export interface PipOption {
  /** The long spelling. */
  readonly name: string;
  readonly value: string;
}

/** With a value, long to short. */
const VALUED: Readonly<Record<string, string>> = {
  "--requirement": "-r",
  "--constraint": "-c",
  "--editable": "-e",
  "--index-url": "-i",
  "--extra-index-url": "",
  "--find-links": "-f",
  "--target": "-t",
  "--no-binary": "",
  "--only-binary": "",
  "--trusted-host": "",
  "--use-feature": "",
  "--hash": "",
  "--config-settings": "-C",
  "--config-setting": "",
  "--global-option": "",
  "--install-option": "",
  "--python-version": "",
  "--platform": "",
  "--timeout": "",
  "--retries": "",
  "--prefix": "",
  "--root": "",
  "--cache-dir": "",
  "--proxy": "",
  "--cert": "",
  "--progress-bar": "",
  "--root-user-action": "",
  "--upgrade-strategy": "",
  "--extra": "",
  "--group": "",
  "--torch-backend": "",
  "--python": "-p",
  "--index": "",
  "--default-index": "",
  "--index-strategy": "",
  "--exclude-newer": "",
  "--override": "",
};

const ALIASES: Readonly<Record<string, string>> = {
  "--pypi-url": "--index-url",
  "--config-setting": "--config-settings",
  "--default-index": "--index-url",
  "--index": "--extra-index-url",
};

/** Options and what is none, of a list of words. */
export function readPipWords(words: readonly string[]): {
  readonly options: PipOption[];
  readonly rest: string[];
} {
  const shorts = new Map(Object.entries(VALUED).map(([long, short]) => [short, long]));
  const options: PipOption[] = [];
  const rest: string[] = [];
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (!word.startsWith("-") || word === "-") {
      rest.push(word);
      continue;
    }
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const given = equals >= 0 ? word.slice(0, equals) : word.startsWith("--") ? word : word.slice(0, 2);
    const long = word.startsWith("--") ? given : shorts.get(given);
    const name = ALIASES[long ?? ""] ?? long ?? word;
    if (long === undefined || (!Object.hasOwn(VALUED, long) && !Object.hasOwn(ALIASES, long))) {
      options.push({ name: equals >= 0 ? given : name, value: equals >= 0 ? word.slice(equals + 1) : "" });
      continue;
    }
    const attached = equals >= 0 ? word.slice(equals + 1) : word.startsWith("--") ? "" : word.slice(2);
    options.push({ name, value: equals >= 0 || attached !== "" ? attached : (queue.shift() ?? "") });
  }
  return { options, rest };
}

/** Those that change only how pip goes about it, or what copse does anyway. */
const WITHOUT_MEANING = new Set([
  ...[
    "--require-hashes",
    "--no-cache-dir",
    "--upgrade",
    "-U",
    "--quiet",
    "-q",
    "-qq",
    "--verbose",
    "-v",
    "--user",
  ],
  ...["--prefer-binary", "--disable-pip-version-check", "--no-input", "--yes", "-y", "--system", "--no-deps"],
  ...[
    "--force-reinstall",
    "--ignore-installed",
    "-I",
    "--break-system-packages",
    "--progress-bar",
    "--timeout",
  ],
  ...[
    "--retries",
    "--root-user-action",
    "--upgrade-strategy",
    "--cache-dir",
    "--compile",
    "--no-compile",
    "--no-warn-script-location",
  ],
  ...[
    "--no-warn-conflicts",
    "--python",
    "--use-pep517",
    "--use-feature",
    "--eager",
    "--isolated",
    "--no-progress",
    "--compile-bytecode",
    "--only-if-needed",
  ],
]);

/**
 * What an option that is neither an include nor of one requirement says of the whole. True if it was one of these.
 */
export function applyPipOption(draft: Draft, { name, value }: PipOption, place: Place): boolean {
  const { findings } = draft;
  if (WITHOUT_MEANING.has(name)) {
    if (name === "--no-deps")
      findings.lose(place, "`--no-deps`: what packages depend on is always installed");
    return true;
  }
  switch (name) {
    case "--index-url":
    case "--extra-index-url": {
      addIndex(draft, value, place);
      if (name === "--extra-index-url")
        findings.lose(
          place,
          '`--extra-index-url`: pip takes the highest version of all indexes, copse the first index that has the name; `index-strategy = "merge"` does as pip',
        );
      return true;
    }
    case "--no-index":
      findings.lose(place, "`--no-index`: say it in pip's own configuration");
      return true;
    case "--find-links":
      findings.lose(place, `\`--find-links ${value}\`: say it in pip's own configuration, which copse reads`);
      return true;
    case "--trusted-host":
      findings.lose(place, "`--trusted-host`: say it in pip's own configuration, which copse reads");
      return true;
    case "--pre":
      draft.prereleases = "allow";
      return true;
    case "--no-binary":
    case "--only-binary":
      formatControl(draft, name, value);
      return true;
    case "--exclude-newer":
      draft.excludeNewer = dayOf(value);
      return true;
    default:
      return false;
  }
}

function formatControl(draft: Draft, name: string, value: string): void {
  const names = name === "--no-binary" ? draft.noBinary : draft.onlyBinary;
  for (const one of value.split(",").map((part) => part.trim())) {
    if (one === ":none:") names.clear();
    else if (one !== "") names.add(one);
  }
}

/** The name that it has in copse.toml; undefined for what is no address of an index. */
export function addIndex(draft: Draft, address: string, place: Place, name?: string): string | undefined {
  const { url, hadLogin } = withoutLogin(address);
  if (!/^(?:https?|file):\/\/\S+$/.test(url) || !URL.canParse(url)) {
    draft.findings.lose(place, `an index: \`${url}\` is no address`);
    return undefined;
  }
  if (hadLogin) draft.findings.lose(place, `the login of an index: put it into ~/.netrc, for \`${url}\``);
  if (/\$\{\w+\}/.test(url)) {
    draft.findings.lose(place, `an index whose address has a variable in it: \`${url}\``);
    return undefined;
  }
  return draft.index(url, name);
}

/** A day, of what uv and pip take for a time. */
export function dayOf(text: string): string | undefined {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d:\d\d)(?:\.\d+)?[Zz])?/.exec(text.trim()) ?? [];
  if (day === undefined) return undefined;
  return time === undefined || time === "00:00:00" ? day : `${day}T${time}Z`;
}
