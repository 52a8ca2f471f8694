/**
 * A Debian archive's Release: the signed list of a suite's index files with their sizes and hashes.
 *
 * It comes as `InRelease` (clear-signed) or as `Release` with `Release.gpg`. Whoever sits between us and the
 * archive can withhold updates even where they can forge nothing: by serving an old Release for ever. Hence
 * the dates: `Valid-Until`, where the archive states one, and apt's settings about it. What is returned was
 * read from the signed text alone.
 */
import { CopseError } from "#base";
import { checkArchivePath, type FreshnessRules } from "#fetch";
import { parseStanzas } from "#format";
import { DEFAULT_PRIORITY } from "../solve/pins.ts";

export interface ReleaseFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface Release {
  readonly origin: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  readonly version: string;
  readonly dateMs: number;
  readonly validUntilMs: number | undefined;
  readonly hasByHash: boolean;
  readonly architectures: readonly string[];
  readonly components: readonly string[];
  /** Whether packages for all architectures stand in an index of their own. */
  readonly hasSeparateAll: boolean;
  /** Of its packages, as the Release itself wants it. */
  readonly priority: number;
  readonly files: ReadonlyMap<string, ReleaseFile>;
}

const MAX_FILES = 100_000;

/** Throws `release-invalid`. `subject` names the file in messages. */
export function parseRelease(text: string, subject: string): Release {
  const fields = fieldsOf(text, subject);
  const get = (name: string) => fields.get(name)?.trim() ?? "";
  const dateMs = dateOf(get("date"));
  if (dateMs === undefined)
    throw invalid(subject, `Release has no date that can be read: \`${get("date")}\``);
  const validUntil = get("valid-until");
  const validUntilMs = dateOf(validUntil);
  if (validUntil !== "" && validUntilMs === undefined)
    throw invalid(subject, `Date cannot be read: \`${validUntil}\``);
  const words = (name: string) =>
    get(name)
      .split(/\s+/)
      .filter((word) => word !== "");
  const architectures = words("architectures");
  return {
    origin: get("origin"),
    label: get("label"),
    suite: get("suite"),
    codename: get("codename"),
    version: get("version"),
    dateMs,
    validUntilMs,
    hasByHash: get("acquire-by-hash").toLowerCase() === "yes",
    architectures,
    components: words("components").map((name) => name.split("/").at(-1) as string),
    hasSeparateAll:
      architectures.includes("all") && !words("no-support-for-architecture-all").includes("Packages"),
    priority: priorityOf(get),
    files: filesOf(fields.get("sha256") ?? "", subject),
  };
}

/** Experimental and backports ask not to be taken unless they are asked for. */
function priorityOf(get: (name: string) => string): number {
  if (get("notautomatic").toLowerCase() !== "yes") return DEFAULT_PRIORITY;
  return get("butautomaticupgrades").toLowerCase() === "yes" ? 100 : 1;
}

function fieldsOf(text: string, subject: string): Map<string, string> {
  const [stanza, ...others] = parseStanzas(text);
  if (!stanza || others.length > 0) throw invalid(subject, "Release is not one stanza");
  const fields = new Map<string, string>();
  for (const [name, value] of stanza.fields()) fields.set(name.toLowerCase(), value);
  return fields;
}

function filesOf(list: string, subject: string): Map<string, ReleaseFile> {
  const files = new Map<string, ReleaseFile>();
  for (const line of list.split("\n")) {
    const match = /^\s*([0-9a-f]{64})\s+(\d{1,15})\s+(\S+)\s*$/.exec(line);
    if (!match) {
      if (line.trim() !== "") throw invalid(subject, `Entry cannot be read: \`${line.slice(0, 200)}\``);
      continue;
    }
    const path = (match[3] as string).replace(/^(?:\.\/)+/, "");
    checkArchivePath(path);
    files.set(path, { path, sizeBytes: Number(match[2]), sha256: match[1] as string });
    if (files.size > MAX_FILES) throw invalid(subject, "Release lists too many files");
  }
  if (files.size === 0) throw invalid(subject, "Release lists no files with SHA-256");
  return files;
}

/** Debian's dates are RFC 1123 in UTC; anything else is not guessed at. */
function dateOf(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, +\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:UTC|GMT|Z|[+-]0000)$/.test(text))
    return undefined;
  const time = Date.parse(text.replace(/Z$/, "GMT"));
  return Number.isNaN(time) ? undefined : time;
}

/** Throws `release-expired`, `release-from-the-future`. */
export function checkFreshness(
  release: Release,
  options: { readonly rules: FreshnessRules; readonly nowMs: number; readonly subject: string },
): void {
  const { rules, nowMs, subject } = options;
  if (rules.checkDate && release.dateMs > nowMs + rules.maxFutureSeconds * 1000)
    throw new CopseError(
      "release-from-the-future",
      `Release is dated ${isoDate(release.dateMs)}, which is yet to come: \`${subject}\``,
      {
        hint: "the clock of this machine may be wrong",
      },
    );
  if (!rules.checkValidUntil) return;
  const end = endOfValidity(release, rules);
  if (end !== undefined && end < nowMs)
    throw new CopseError("release-expired", `Release has expired on ${isoDate(end)}: \`${subject}\``, {
      hint: "the mirror is not updated any more, or something on the way withholds updates; for a dated archive, apt's Acquire::Check-Valid-Until or the source's Check-Valid-Until turns this check off",
    });
}

function endOfValidity(release: Release, rules: FreshnessRules): number | undefined {
  const { dateMs } = release;
  let end = release.validUntilMs;
  if (end !== undefined && rules.minValidSeconds !== undefined)
    end = Math.max(end, dateMs + rules.minValidSeconds * 1000);
  if (rules.maxValidSeconds === undefined) return end;
  const bound = dateMs + rules.maxValidSeconds * 1000;
  return end === undefined ? bound : Math.min(end, bound);
}

/** `2026-07-11T10:16:37Z`: how the lock writes a Release's date. */
export function isoDate(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.000Z$/, "Z");
}

function invalid(subject: string, message: string): CopseError {
  return new CopseError("release-invalid", `${message}, in \`${subject}\``);
}
