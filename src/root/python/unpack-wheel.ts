/**
 * Unpacking a wheel (PEP 427, PEP 491) into a tree of its own, in the thread of the caller:
 *
 *     lib/python3.11/site-packages/numpy/...
 *     lib/python3.11/site-packages/numpy-1.26.4.dist-info/{METADATA,RECORD,INSTALLER,...}
 *     bin/f2py                                  as in the wheel, `#!python` in its first line
 *
 * The zip's directory is read first, then each file at its place: small ones at once, large ones in pieces, so that
 * memory does not grow with a wheel's size. Nothing is believed: paths stay in the tree and are there once, links and
 * other kinds of files are refused, sizes are those that were stated, hashes those of RECORD, name and version those
 * of the file's name.
 */
import { createHash, type Hash } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from "node:fs";
import { type ByteString, CopseError } from "#base";
import {
  compareVersions,
  normaliseName,
  parseCoreMetadata,
  parseVersion,
  parseWheelFile,
  parseWheelName,
} from "#format/python";
import { openZip, type ZipArchive, type ZipEntry, type ZipSource } from "#format/zip";
import { fsPath } from "../byte-path.ts";
import { removeReadOnlyTree } from "../remove-tree.ts";
import { FreshTree } from "./fresh-tree.ts";
import { checkWheelPath, placeOf, shown, type WheelLayout, wheelLayout } from "./wheel-layout.ts";
import { type InstalledFile, installedRecord, WheelRecord } from "./wheel-record.ts";

export interface UnpackWheelTask {
  readonly kind: "unpack-wheel";
  readonly wheelPath: ByteString;
  /** `numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.whl`: what it is called, wherever it lies. */
  readonly fileName: string;
  /** A directory that does not exist yet; removed again where unpacking fails. */
  readonly target: ByteString;
  /** `python3.11` */
  readonly python: string;
  /** direct_url.json (PEP 610) of what came from no index. */
  readonly directUrl?: string | undefined;
  readonly limits?: WheelLimits | undefined;
}

export interface WheelLimits {
  readonly maxBytes: number;
  readonly maxMembers: number;
}

const DEFAULT_LIMITS: WheelLimits = { maxBytes: 64 * 2 ** 30, maxMembers: 4_000_000 };
const MAX_METADATA_BYTES = 64 << 20;
const INSTALLER = "copse\n";

/** What is odd about a wheel though it stops nothing, a sentence each. */
export type WheelNotes = readonly string[];

/**
 * Throws `wheel-…`, `zip-…`, `python-…`, always with the wheel's file name.
 */
export async function unpackWheel(task: UnpackWheelTask): Promise<WheelNotes> {
  mkdirSync(fsPath(task.target), { mode: 0o755 });
  const fd = openSync(fsPath(task.wheelPath), "r");
  try {
    const { maxBytes } = task.limits ?? DEFAULT_LIMITS;
    return await new Unpacking(task, await openZip(fileSource(fd), { maxBytes })).run();
  } catch (error) {
    removeReadOnlyTree(task.target);
    throw located(error, task);
  } finally {
    closeSync(fd);
  }
}

class Unpacking {
  readonly #task: UnpackWheelTask;
  readonly #archive: ZipArchive;
  readonly #tree: FreshTree;
  readonly #distInfo: string;
  readonly #layout: WheelLayout;
  readonly #installed: InstalledFile[] = [];

  constructor(task: UnpackWheelTask, archive: ZipArchive) {
    this.#task = task;
    this.#archive = archive;
    this.#tree = new FreshTree(task.target);
    this.#distInfo = distInfoOf(archive.entries);
    const project = this.#distInfo.slice(0, this.#distInfo.indexOf("-"));
    this.#layout = wheelLayout({ python: task.python, distInfo: this.#distInfo, project });
  }

  async run(): Promise<WheelNotes> {
    this.#checkMembers();
    await this.#checkNames();
    const record = new WheelRecord(await this.#read("RECORD"));
    const files = this.#archive.entries.filter(({ kind }) => kind === "file");
    const paths = new Set(files.map(({ path }) => path));
    // In the order of the archive, so that it is read from its beginning to its end.
    for (const member of files.toSorted((a, b) => a.headerOffset - b.headerOffset))
      await this.#unpack(member, record);
    this.#finish();
    return record.differences(paths);
  }

  #checkMembers(): void {
    const { maxMembers } = this.#task.limits ?? DEFAULT_LIMITS;
    const { entries } = this.#archive;
    if (entries.length > maxMembers) throw tooLarge(`${entries.length} files`);
    for (const { kind, path } of entries) {
      checkWheelPath(path);
      if (kind === "symlink" || kind === "other")
        throw new CopseError("wheel-member", `Wheel has something that is no plain file: \`${shown(path)}\``);
    }
  }

  /** The name of the file is what was asked for; what is in it must be the same. */
  async #checkNames(): Promise<void> {
    const { fileName } = this.#task;
    const wheelFile = parseWheelFile(await this.#read("WHEEL"));
    const [major] = wheelFile.version;
    if (major !== 1)
      throw new CopseError(
        "wheel-version",
        `Wheel is of a format that is not known: \`${wheelFile.version.join(".")}\``,
      );
    const stated = parseWheelName(fileName);
    const metadata = parseCoreMetadata(await this.#read("METADATA"));
    const folder = this.#distInfo.slice(0, -".dist-info".length);
    const at = folder.lastIndexOf("-");
    const names: readonly (readonly [string, string, string])[] = [
      ["its metadata", metadata.name, metadata.version.text],
      ["its folder", folder.slice(0, at), folder.slice(at + 1)],
    ];
    for (const [where, name, version] of names) {
      const isSame =
        normaliseName(name) === stated.name && compareVersions(parseVersion(version), stated.version) === 0;
      if (isSame) continue;
      throw new CopseError("wheel-name", `Wheel is of ${name} ${version}, says ${where}: \`${fileName}\``);
    }
  }

  async #read(name: string): Promise<Buffer> {
    const path = `${this.#distInfo}/${name}`;
    const member = this.#archive.find(path);
    if (member?.kind !== "file") throw new CopseError("wheel-incomplete", `Wheel lacks a file: \`${path}\``);
    return await this.#archive.read(member, MAX_METADATA_BYTES);
  }

  async #unpack(member: ZipEntry, record: WheelRecord): Promise<void> {
    const { path } = member;
    // Written anew when all is there.
    if (path === `${this.#distInfo}/RECORD` || path === `${this.#distInfo}/INSTALLER`) return;
    const place = placeOf(this.#layout, path);
    const isProgram = place.startsWith("bin/");
    const recorded = record.find(path);
    const hashes = new Hashes(recorded?.algorithm);
    using file = this.#tree.openFile(place, { isExecutable: isProgram || member.isExecutable });
    for await (const chunk of this.#archive.contents(member)) {
      hashes.update(chunk);
      file.write(chunk);
    }
    const { sha256, recordedHash } = hashes.digests();
    const isRight =
      (recorded?.hash === undefined || recordedHash?.equals(recorded.hash)) &&
      (recorded?.sizeBytes === undefined || recorded.sizeBytes === member.sizeBytes);
    if (!isRight)
      throw new CopseError(
        "wheel-record",
        `File of a wheel is not the one that its RECORD lists: \`${shown(path)}\``,
        {
          hint: "the wheel was changed after it was made: its author must mend it, or another version taken",
        },
      );
    this.#installed.push({ place, sha256: isProgram ? undefined : sha256, sizeBytes: member.sizeBytes });
  }

  #finish(): void {
    const folder = `${this.#layout.sitePackages}/${this.#distInfo}`;
    this.#write(`${folder}/INSTALLER`, INSTALLER);
    if (this.#task.directUrl !== undefined) this.#write(`${folder}/direct_url.json`, this.#task.directUrl);
    const text = installedRecord(this.#layout, this.#installed, `${this.#distInfo}/RECORD`);
    this.#write(`${folder}/RECORD`, text, { isListed: false });
  }

  #write(
    place: ByteString,
    text: string,
    options: { readonly isListed: boolean } = { isListed: true },
  ): void {
    const bytes = Buffer.from(text);
    using file = this.#tree.openFile(place, { isExecutable: false });
    file.write(bytes);
    if (!options.isListed) return;
    const sha256 = createHash("sha256").update(bytes).digest();
    this.#installed.push({ place, sha256, sizeBytes: bytes.length });
  }
}

/** SHA-256 for the new RECORD, and what the wheel's own has, which is nearly always the same. */
class Hashes {
  readonly #sha256 = createHash("sha256");
  readonly #other: Hash | undefined;
  readonly #isRecorded: boolean;

  constructor(algorithm: string | undefined) {
    this.#isRecorded = algorithm !== undefined;
    if (algorithm !== undefined && algorithm !== "sha256") this.#other = createHash(algorithm);
  }

  update(chunk: Uint8Array): void {
    this.#sha256.update(chunk);
    this.#other?.update(chunk);
  }

  digests(): { readonly sha256: Buffer; readonly recordedHash: Buffer | undefined } {
    const sha256 = this.#sha256.digest();
    return { sha256, recordedHash: this.#isRecorded ? (this.#other?.digest() ?? sha256) : undefined };
  }
}

/** The one folder of metadata at the top. */
function distInfoOf(members: readonly ZipEntry[]): string {
  const found = new Set(members.flatMap(({ path }) => /^([^/]+\.dist-info)\//.exec(path)?.slice(1, 2) ?? []));
  const [only, another] = found;
  if (only === undefined)
    throw new CopseError("wheel-incomplete", "Wheel has no folder of metadata: `*.dist-info`");
  if (another !== undefined)
    throw new CopseError(
      "wheel-incomplete",
      `Wheel has two folders of metadata: \`${shown(only)} ${shown(another)}\``,
    );
  return only;
}

function located(error: unknown, task: UnpackWheelTask): unknown {
  if (!(error instanceof CopseError)) return error;
  const { code, message, hint } = error;
  return new CopseError(code, `Cannot unpack ${shown(task.fileName)}: ${message}`, {
    hint:
      hint ?? "the file itself is like this: whoever made it must mend it, or another version must be taken",
    cause: error,
  });
}

function tooLarge(what: string): CopseError {
  return new CopseError("wheel-too-large", `Wheel unpacks to more than allowed: \`${what}\``);
}

/** Each read has a buffer of its own: while pieces are unpacked, later ones are read already. */
function fileSource(fd: number): ZipSource {
  return {
    size: fstatSync(fd).size,
    read(offset, length) {
      const buffer = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const count = readSync(fd, buffer, done, length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return buffer.subarray(0, done);
    },
  };
}
