/**
 * Constraints files, as pip reads them: a requirement to a line, comments, lines that go on behind a backslash, variables
 * `${NAME}`, and further files by `-c` and `-r`. https://pip.pypa.io/en/stable/reference/requirements-file-format/
 *
 * What a line asks for is a limit on a version, never a wish for the package. Everything else that such a file could say
 * (an index, an editable project) would change where packages come from behind the project's back: it is refused.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CopseError, isCopseError } from "#base";
import { type HttpCache, type PipConfiguration, type PipEnvironment, showUrl } from "#fetch";
import { parseRequirement, type Requirement } from "#format/python";

export interface ConstraintsReading {
  readonly pip: PipConfiguration;
  readonly cache: HttpCache;
  readonly env: PipEnvironment;
  /** Where relative paths begin. */
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
}

const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_FILES = 100;

/** Of all files that pip's configuration names. Throws `pip-constraints` with the file and the line. */
export async function readConstraints(reading: ConstraintsReading): Promise<Requirement[]> {
  const found: Requirement[] = [];
  const base = pathToFileURL(`${reading.directory}/`);
  const waiting = reading.pip.options.constraints.map((place) => locate(place, base));
  const seen = new Set<string>();
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    if (seen.has(url.href)) continue;
    seen.add(url.href);
    if (seen.size > MAX_FILES)
      throw broken(`More than ${MAX_FILES} constraints files name each other`, showUrl(url));
    const text = await readText(url, reading);
    for (const [number, line] of logicalLines(text)) {
      const stated = readLine(expandVariables(line, reading.env), `${nameOf(url)}, line ${number}`);
      if (stated.kind === "file") waiting.push(locate(stated.place, url));
      else found.push(stated.requirement);
    }
  }
  return found;
}

function locate(place: string, base: URL): URL {
  return /^(?:https?|file):/i.test(place)
    ? new URL(place)
    : new URL(place.startsWith("/") ? pathToFileURL(place) : encodeURI(place), base);
}

async function readText(url: URL, { pip, cache, signal }: ConstraintsReading): Promise<string> {
  try {
    if (url.protocol === "file:") return await readFile(url, "utf8");
    if (!pip.routes.isSecure(url))
      throw broken("Constraints are fetched without encryption", showUrl(url), {
        hint: `use https, or trust the host in pip's configuration: trusted-host = ${url.hostname}`,
      });
    const bytes = await cache.read<Buffer>({
      ...{ url, signal, routeFor: pip.routes.routeFor, form: "constraints-1", maxBytes: MAX_FILE_BYTES },
      reduce: (answer) => answer.bytes,
      encode: (contents) => contents,
      decode: (contents) => contents,
    });
    if (bytes) return bytes.toString("utf8");
  } catch (cause) {
    if (isCopseError(cause, "pip-constraints")) throw cause;
    const reason = cause instanceof CopseError ? cause.message : (cause as NodeJS.ErrnoException).code;
    throw broken(`Constraints that pip's configuration names cannot be read (${reason})`, nameOf(url), {
      cause,
    });
  }
  throw broken("Constraints that pip's configuration names are not there", nameOf(url));
}

type Line =
  | { readonly kind: "requirement"; readonly requirement: Requirement }
  | { readonly kind: "file"; readonly place: string };

function readLine(line: string, place: string): Line {
  const file = /^(?:-c|--constraint|-r|--requirement)(?:\s+|=)(\S+)$/.exec(line)?.[1];
  if (file !== undefined) return { kind: "file", place: file };
  if (line.startsWith("-")) throw broken("Line of a constraints file is no constraint", place);
  // One hash makes pip demand hashes of everything; a lock has them of everything anyhow, and other ones.
  if (/\s--hash[=\s]/.test(line)) throw broken("Constraint has a hash", place);
  let requirement: Requirement;
  try {
    requirement = parseRequirement(line);
  } catch (cause) {
    throw broken("Line of a constraints file is no requirement with a name", place, { cause });
  }
  if (requirement.extras.length > 0) throw broken("Constraint has extras, which pip refuses too", place);
  return { kind: "requirement", requirement };
}

/** Lines with their numbers, continued ones joined, without comments. */
function* logicalLines(text: string): Generator<readonly [number, string]> {
  let joined = "";
  let first = 0;
  for (const [at, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (joined === "") first = at + 1;
    const isComment = /^\s*#/.test(line);
    if (line.endsWith("\\") && !isComment) {
      joined += ` ${line.slice(0, -1)}`;
      continue;
    }
    const whole = `${joined} ${line}`.replace(/(?:^|\s+)#.*$/, "").trim();
    joined = "";
    if (whole !== "") yield [first, whole];
  }
  if (joined.trim() !== "") yield [first, joined.trim()];
}

/** As pip: capitals alone, and what is not set stays as it is. */
function expandVariables(line: string, env: PipEnvironment): string {
  return line.replaceAll(/\$\{([A-Z0-9_]+)\}/g, (whole, name: string) => env[name] || whole);
}

function nameOf(url: URL): string {
  return url.protocol === "file:" ? fileURLToPath(url) : showUrl(url);
}

function broken(
  message: string,
  place: string,
  { cause, hint }: { readonly cause?: unknown; readonly hint?: string } = {},
): CopseError {
  return new CopseError("pip-constraints", `${message}: \`${place}\``, {
    cause,
    hint:
      hint ??
      "correct pip's setting constraint (`pip config list` shows where it stands), or unset it for copse: PIP_CONSTRAINT=",
  });
}
