/**
 * A source package, found in the signed index of sources and kept in the lock: its .dsc and the archives that this
 * names, each with size and hash. deb-src-control(5), dsc(5).
 *
 * The index is text of 45 MB of which one stanza is wanted, so it is kept as it is, by its hash, and searched. Which
 * suite a package is from is that of the request; further repositories are looked at as well, and the highest
 * version counts.
 */
import { CopseError, nearestNames } from "#base";
import { checkArchivePath, debianArchitecture } from "#fetch";
import { compareDebVersions, parseStanzas, type Stanza } from "#format";
import type { Lock, LockSection } from "../lock.ts";
import type { LockedFile, LockedSource } from "../lock-schema.ts";
import type { DebianServices } from "./archive/repository.ts";
import { openSources, type SourcesText } from "./index/suite-indexes.ts";
import { fileUrls } from "./resolve-debian.ts";
import { type DebianSource, sourceStatement, suiteKey } from "./source.ts";

export interface SourceRequest {
  /** Of the source package: `hello`. */
  readonly name: string;
  /** The highest where it is not given. */
  readonly version?: string | undefined;
}

export interface DebianSourcePackage {
  readonly name: string;
  readonly version: string;
  readonly format: string;
  /** The .dsc first. */
  readonly files: readonly DebianSourceFile[];
}

export interface DebianSourceFile {
  /** Its name alone. */
  readonly name: string;
  readonly urls: readonly string[];
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface ResolveSourceOptions extends DebianSource, SourceRequest {
  readonly lock: Lock;
  readonly services: DebianServices;
  readonly signal?: AbortSignal | undefined;
}

/** The lock is changed, not saved. Throws `lock-missing`, `debian-source-unknown`, and what fetching throws. */
export async function resolveDebianSource(options: ResolveSourceOptions): Promise<DebianSourcePackage> {
  const { lock, services, name, version, signal } = options;
  if (lock.isFrozen) throw sourceMissing(options);
  const section = sectionOf(options);
  const opened = await openSources(services, options, { seen: lock.suite(section)?.releases, signal });
  const found = opened.texts
    .flatMap((text) => stanzasOf(text, name))
    .filter((one) => version === undefined || one.version === version)
    .sort((a, b) => compareDebVersions(b.version, a.version))[0];
  if (!found) throw unknownSource(options, opened.texts);
  lock.recordSource(section, found, opened.releases);
  return answerOf(options, found);
}

/** The lock's answer, where it has one. */
export function lockedDebianSource(
  lock: Lock,
  source: DebianSource & SourceRequest,
): DebianSourcePackage | undefined {
  const section = sectionOf(source);
  const found = lock.source(section, source.name, source.version);
  return found && answerOf(source, found);
}

export function sourceMissing(source: DebianSource & SourceRequest): CopseError {
  const what = source.version === undefined ? source.name : `${source.name} ${source.version}`;
  return new CopseError("lock-missing", `Lock has no source package of ${suiteKey(source)} for \`${what}\``, {
    hint: "lock without --frozen first, and keep copse.lock with the project",
  });
}

function sectionOf(source: DebianSource): LockSection {
  return {
    suite: suiteKey(source),
    source: sourceStatement(source),
    architecture: debianArchitecture(source.system),
  };
}

/** The packages of a name in an index, by way of the line that begins their stanzas. */
function stanzasOf({ archive, date, text, subject }: SourcesText, name: string): LockedSource[] {
  const found: LockedSource[] = [];
  const line = Buffer.from(`Package: ${name}\n`);
  for (let at = text.indexOf(line); at >= 0; at = text.indexOf(line, at + line.length)) {
    if (at > 0 && text[at - 1] !== 0x0a) continue;
    const end = text.indexOf("\n\n", at);
    // `Package:` is the first field; in `Build-Depends` and the like no line begins so.
    const [stanza] = parseStanzas(text.subarray(at, end < 0 ? undefined : end + 1));
    if (stanza && stanza.get("Extra-Source-Only") !== "yes")
      found.push(sourceOf(stanza, { archive, date, name, subject }));
  }
  return found;
}

interface StanzaPlace {
  readonly archive: string;
  readonly date: string;
  readonly name: string;
  readonly subject: string;
}

function sourceOf(stanza: Stanza, { archive, date, name, subject }: StanzaPlace): LockedSource {
  const fail = (message: string) =>
    new CopseError("index-invalid", `${message} in the index ${subject}: \`${name}\``);
  const directory = (stanza.get("Directory") ?? "").trim().replace(/^(?:\.\/)+|^\.$/g, "");
  const files = (stanza.get("Checksums-Sha256") ?? "")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line): LockedFile => {
      const match = /^\s*([0-9a-f]{64}) (\d{1,15}) ([A-Za-z0-9][A-Za-z0-9._+~:%-]*)\s*$/.exec(line);
      if (!match) throw fail("File of a source package cannot be read");
      const file = directory === "" ? (match[3] as string) : `${directory}/${match[3]}`;
      checkArchivePath(file);
      return { file, size: Number(match[2]), sha256: match[1] as string };
    });
  const isDescription = ({ file }: LockedFile) => file.endsWith(".dsc");
  const version = stanza.get("Version")?.trim();
  if (files.filter(isDescription).length !== 1 || !version) throw fail("Source package has not one .dsc");
  return {
    ...{ name, version, archive, date },
    format: (stanza.get("Format") ?? "1.0").trim(),
    files: [...files.filter(isDescription), ...files.filter((file) => !isDescription(file))],
  };
}

function answerOf(source: DebianSource, found: LockedSource): DebianSourcePackage {
  const { name, version, archive, format, files } = found;
  const urlsOf = fileUrls(source, [found]);
  return {
    ...{ name, version, format },
    files: files.map(({ file, size, sha256 }) => ({
      name: file.slice(file.lastIndexOf("/") + 1),
      urls: urlsOf({ archive, file }),
      ...{ sizeBytes: size, sha256 },
    })),
  };
}

function unknownSource(
  { name, version, ...source }: DebianSource & SourceRequest,
  texts: readonly SourcesText[],
): CopseError {
  const suite = suiteKey(source);
  const versions = texts.flatMap((text) => stanzasOf(text, name)).map((one) => one.version);
  if (versions.length > 0)
    return new CopseError(
      "debian-source-unknown",
      `Source package ${name} of ${suite} is not there in version \`${version}\``,
      { hint: `it is there in ${versions.join(", ")}` },
    );
  const nearest = nearestNames(name, texts.flatMap(namesOf));
  return new CopseError("debian-source-unknown", `No source package of ${suite} has the name \`${name}\``, {
    hint:
      nearest.length > 0
        ? `did you mean ${nearest.join(", ")}?`
        : "a source package often has another name than the packages that it builds",
  });
}

function namesOf({ text }: SourcesText): string[] {
  return Array.from(text.toString("latin1").matchAll(/^Package: (\S+)$/gm), (match) => match[1] as string);
}
