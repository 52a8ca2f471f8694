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
import { hash } from "node:crypto";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { type ByteString, CopseError } from "#base";
import {
  compareVersions,
  normaliseName,
  parseCoreMetadata,
  parseVersion,
  parseWheelFile,
  parseWheelName,
} from "#format/python";
import { caseCollisions, openZip, type ZipArchive, type ZipEntry } from "#format/zip";
import { fsPath } from "../byte-path.ts";
import { removeReadOnlyTree } from "../remove-tree.ts";
import { fileSource } from "./file-source.ts";
import { FreshTree } from "./fresh-tree.ts";
import { type Digests, Hashes } from "./piecewise-hashes.ts";
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

/** Real wheels unpack to three or four times their size, and the largest have some 20,000 files. */
const ALLOWED_BYTES = 4 * 2 ** 30;
const ALLOWED_RATIO = 64;
const ALLOWED_MEMBERS = 1_000_000;
/** Beyond `1.KNOWN_MINOR`, a wheel may have what is not known here; it is installed all the same. */
const KNOWN_MINOR = 0;
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
    const source = fileSource(fd);
    const maxBytes = task.limits?.maxBytes ?? ALLOWED_BYTES + ALLOWED_RATIO * source.size;
    return await new Unpacking(task, await openZip(source, { maxBytes })).run();
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
  readonly #notes: string[] = [];

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
    return [...this.#notes, ...record.differences(paths), ...describeCase(caseCollisions(files))];
  }

  #checkMembers(): void {
    const maxMembers = this.#task.limits?.maxMembers ?? ALLOWED_MEMBERS;
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
    const [major, minor = 0] = wheelFile.version;
    const format = wheelFile.version.join(".");
    if (major !== 1)
      throw new CopseError("wheel-version", `Wheel is of a format that is not known: \`${format}\``);
    if (minor > KNOWN_MINOR) this.#notes.push(`Wheel is of a newer format than is known here, ${format}`);
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
    const { sha256, recordedHash } = await this.#write(member, {
      place,
      isExecutable: isProgram || member.isExecutable,
      algorithm: recorded?.algorithm,
    });
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

  /** Returns the contents' SHA-256, and the hash of the kind that RECORD has. */
  async #write(
    member: ZipEntry,
    file: { readonly place: string; readonly isExecutable: boolean; readonly algorithm: string | undefined },
  ): Promise<Digests> {
    const hashes = new Hashes(file.algorithm);
    using out = this.#tree.openFile(file.place, file);
    for await (const piece of this.#archive.contents(member)) {
      out.write(piece);
      hashes.update(piece);
    }
    return hashes.digests();
  }

  #finish(): void {
    const folder = `${this.#layout.sitePackages}/${this.#distInfo}`;
    this.#add(`${folder}/INSTALLER`, INSTALLER);
    if (this.#task.directUrl !== undefined) this.#add(`${folder}/direct_url.json`, this.#task.directUrl);
    const text = installedRecord(this.#layout, this.#installed, `${this.#distInfo}/RECORD`);
    this.#add(`${folder}/RECORD`, text, { isListed: false });
  }

  #add(place: ByteString, text: string, options: { readonly isListed: boolean } = { isListed: true }): void {
    const bytes = Buffer.from(text);
    using file = this.#tree.openFile(place, { isExecutable: false });
    file.write(bytes);
    if (!options.isListed) return;
    const sha256 = hash("sha256", bytes, "buffer");
    this.#installed.push({ place, sha256, sizeBytes: bytes.length });
  }
}

/** They are two files here, and one where case does not count. */
function describeCase(groups: readonly (readonly string[])[]): string[] {
  const [first] = groups;
  if (first === undefined) return [];
  const more = groups.length === 1 ? "" : `, and ${groups.length - 1} more groups`;
  return [`Names differ in case alone: ${first.map(shown).join(", ")}${more}`];
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
