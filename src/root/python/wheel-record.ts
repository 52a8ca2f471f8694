/**
 * RECORD: a CSV file in `NAME-VERSION.dist-info/` that lists every file of a wheel with its hash and size ("Recording
 * installed projects"). A wheel is held against its own before it is unpacked, and the one that is left beside it in
 * site-packages lists where files went.
 *
 * A wrong hash or size is refused. Files that RECORD leaves out, or that are only listed, occur in wheels that were
 * repacked by hand; pip takes them, and so does this, saying so.
 */
import { CopseError } from "#base";
import { formatRecord, parseRecord, type RecordEntry } from "#format/python";
import { recordedPath, shown, type WheelLayout } from "./wheel-layout.ts";

/** What RECORD itself cannot list: it, and signatures of it. */
const UNLISTED = /^[^/]+\.dist-info\/RECORD(?:\.jws|\.p7s)?$/;

/** What RECORD says of one file, in hexadecimal where it has a hash. */
export interface RecordedFile {
  readonly algorithm: string | undefined;
  readonly hash: Buffer | undefined;
  readonly sizeBytes: number | undefined;
}

export class WheelRecord {
  readonly #files = new Map<string, RecordedFile>();

  /** @throws CopseError `python-record-invalid`, `wheel-record`. */
  constructor(contents: Uint8Array) {
    for (const entry of parseRecord(contents)) this.#files.set(entry.path, fileOf(entry));
  }

  find(path: string): RecordedFile | undefined {
    return this.#files.get(path);
  }

  /** Sentences about what is in one of them alone. */
  differences(paths: ReadonlySet<string>): string[] {
    const unlisted = [...paths].filter((path) => !this.#files.has(path) && !UNLISTED.test(path));
    const missing = [...this.#files.keys()].filter((path) => !paths.has(path) && !path.endsWith("/"));
    return [
      ...describe(unlisted, "RECORD does not list"),
      ...describe(missing, "RECORD lists what is not there:"),
    ];
  }
}

function fileOf({ hash, sizeBytes, path }: RecordEntry): RecordedFile {
  if (hash === undefined) return { algorithm: undefined, hash: undefined, sizeBytes };
  const { algorithm, digest } = hash;
  if (!["sha256", "sha384", "sha512"].includes(algorithm))
    throw new CopseError(
      "wheel-record",
      `RECORD has a hash of a kind that is not allowed, ${algorithm}: \`${path}\``,
    );
  return { algorithm, hash: Buffer.from(digest, "base64url"), sizeBytes };
}

function describe(paths: readonly string[], what: string): string[] {
  const [first] = paths;
  if (first === undefined) return [];
  const more = paths.length === 1 ? "" : ` and ${paths.length - 1} more`;
  return [`${what} ${shown(first)}${more}`];
}

/** A file of the tree, as its RECORD is to list it. */
export interface InstalledFile {
  readonly place: string;
  /** SHA-256; undefined for what an environment writes anew, such as programs. */
  readonly sha256: Buffer | undefined;
  readonly sizeBytes: number;
}

/** The RECORD of the tree; `recordPath` is its own path in site-packages. */
export function installedRecord(
  layout: WheelLayout,
  files: readonly InstalledFile[],
  recordPath: string,
): string {
  const entries = files.map(
    ({ place, sha256, sizeBytes }): RecordEntry => ({
      path: recordedPath(layout, place),
      ...(sha256 && { hash: { algorithm: "sha256", digest: sha256.toString("base64url") }, sizeBytes }),
    }),
  );
  entries.push({ path: recordPath });
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return formatRecord(entries);
}
