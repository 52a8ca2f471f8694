/** What the name of an image says: Debian's suite, a version of Python or R, a commit of bytes or a tag that moves. */
import type { Draft } from "../draft.ts";
import type { Place } from "../findings.ts";
import { KNOWN_SUITES, wantPython } from "../python/python-version.ts";

export interface ImageName {
  /** Without host and tag: `python`, `nvidia/cuda`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export function parseImageName(text: string): ImageName {
  const [name = "", digest] = text.split("@", 2);
  const [, path = "", tag] = /^(.*?)(?::([^:/]+))?$/.exec(name) ?? [];
  const parts = path.split("/");
  // A first part with a dot, or a port, is a host.
  if (parts.length > 1 && /[.:]|^localhost$/.test(parts[0] as string)) parts.shift();
  if (parts.length === 2 && parts[0] === "library") parts.shift();
  return { repository: parts.join("/"), tag, digest };
}

/** Of `debian`, whose tags begin with them. */
const SUITE_NUMBERS: Readonly<Record<string, string>> = {
  "11": "bullseye",
  "12": "bookworm",
  "13": "trixie",
};

export function importImage(draft: Draft, text: string, place: Place): void {
  const { repository, tag = "latest", digest } = parseImageName(text);
  if (digest === undefined)
    draft.findings.mayChange(
      place,
      tag === "latest"
        ? `\`${text}\`: \`latest\` is another image each month`
        : `\`${text}\`: a tag can move, a digest is not named`,
    );
  const words = tag.split(/[-.]/);
  const suite =
    words.find((word) => KNOWN_SUITES.includes(word)) ??
    (repository === "debian" ? SUITE_NUMBERS[words[0] ?? ""] : undefined);
  if (repository === "python" || /(?:^|\/)python$/.test(repository)) {
    const version = /^(\d+\.\d+)/.exec(tag)?.[1];
    if (version !== undefined) wantPython(draft, { text: version, isExact: true, place });
    draft.usesPython = true;
    if (/alpine|windows/.test(tag)) draft.findings.lose(place, `\`${text}\`: the system is Debian here`);
    if (suite !== undefined) draft.suite = { name: suite, place };
  } else if (repository === "debian" && suite !== undefined) draft.suite = { name: suite, place };
  else if (repository === "r-base" || /^rocker\//.test(repository)) {
    draft.usesR = true;
    draft.findings.lose(place, `\`${text}\`: Debian's suite says the version of R`);
  } else if (repository !== "scratch")
    draft.findings.lose(
      place,
      `what is in \`${text}\`: the system is Debian here, and has what copse.toml names`,
    );
}
