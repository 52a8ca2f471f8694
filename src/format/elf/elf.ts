/**
 * What the dynamic linker reads of an ELF file (elf(5), ld.so(8), the System V ABI's chapter "Dynamic Linking").
 *
 * The header says where the program headers are; one of these points to the dynamic section, a list of tags and values.
 * `NEEDED` names the libraries that must be loaded too, `RUNPATH` (or the older `RPATH`, which also holds for what those need)
 * where to look for them before the system's own places. `$ORIGIN` in it is the directory of the file. Names are offsets
 * in a table of strings, whose address is another tag's. Section headers are not needed to load a file, are often stripped,
 * and so are not looked at.
 */
import { type ElfBytes, ElfImage, type ElfSource, elfInvalid, offsetOf, type Segment } from "./image.ts";
import { readVersionNeeds, type VersionNeed } from "./version-needs.ts";

export interface ElfFile {
  readonly bits: 32 | 64;
  readonly byteOrder: "little" | "big";
  /** As `uname -m` says it, where known: `x86_64`; else the number, `elf-12`. */
  readonly machine: string;
  readonly type: "relocatable" | "executable" | "shared" | "other";
  /** The dynamic linker that a program asks for. */
  readonly interpreter?: string;
  readonly soname?: string;
  /** In the order in which they are searched for. */
  readonly needed: readonly string[];
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
  readonly versionNeeds: readonly VersionNeed[];
}

const MACHINES: { readonly [machine: number]: string } = {
  3: "i686",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x86_64",
  183: "aarch64",
  190: "cuda",
  243: "riscv64",
  258: "loongarch64",
};
const TYPES: { readonly [type: number]: ElfFile["type"] } = {
  1: "relocatable",
  2: "executable",
  3: "shared",
};

const DYNAMIC_SEGMENT = 2;
const INTERPRETER_SEGMENT = 3;

const TAG = {
  end: 0,
  needed: 1,
  stringTable: 5,
  soname: 14,
  rpath: 15,
  runpath: 29,
  versionNeeds: 0x6ffffffe,
  versionNeedCount: 0x6fffffff,
} as const;

const IDENT_BYTES = 16;
const MAX_NEEDED = 4096;

/** Undefined for what is no ELF file at all. Throws CopseError `elf-invalid` for a damaged one. */
export async function readElf(source: ElfSource): Promise<ElfFile | undefined> {
  if (source.size < IDENT_BYTES) return undefined;
  const ident = await source.read(0, IDENT_BYTES);
  if (ident[0] !== 0x7f || ident[1] !== 0x45 || ident[2] !== 0x4c || ident[3] !== 0x46) return undefined;
  const [wordSize, byteOrder] = [ident[4], ident[5]];
  if ((wordSize !== 1 && wordSize !== 2) || (byteOrder !== 1 && byteOrder !== 2))
    throw elfInvalid("its word size or byte order is unknown");
  const image = new ElfImage(source, { is64: wordSize === 2, isLittle: byteOrder === 1 });
  const header = await image.read(0, image.is64 ? 64 : 52);
  const segments = await readSegments(image, header);
  const interpreter = segments.find(({ kind }) => kind === INTERPRETER_SEGMENT);
  const machine = header.half(18);
  return {
    bits: image.is64 ? 64 : 32,
    byteOrder: image.isLittle ? "little" : "big",
    machine: machine === 21 && image.isLittle ? "ppc64le" : (MACHINES[machine] ?? `elf-${machine}`),
    type: TYPES[header.half(16)] ?? "other",
    ...(interpreter !== undefined && { interpreter: await image.string(interpreter.offset) }),
    ...(await readDynamic(image, segments)),
  };
}

async function readSegments(image: ElfImage, header: ElfBytes): Promise<readonly Segment[]> {
  const [start, size, count] = image.is64
    ? [header.address(32), header.half(54), header.half(56)]
    : [header.address(28), header.half(42), header.half(44)];
  if (count === 0) return [];
  if (size < (image.is64 ? 56 : 32)) throw elfInvalid("its program headers are too short");
  const table = await image.read(start, size * count);
  return Array.from({ length: count }, (_, i) => {
    const at = i * size;
    const [offset, address, sizeBytes] = image.is64 ? [at + 8, at + 16, at + 32] : [at + 4, at + 8, at + 16];
    return {
      kind: table.word(at),
      offset: table.address(offset),
      address: table.address(address),
      sizeBytes: table.address(sizeBytes),
    };
  });
}

type Dynamic = Pick<ElfFile, "soname" | "needed" | "rpath" | "runpath" | "versionNeeds">;

async function readDynamic(image: ElfImage, segments: readonly Segment[]): Promise<Dynamic> {
  const dynamic = segments.find(({ kind }) => kind === DYNAMIC_SEGMENT);
  const nothing = { needed: [], rpath: [], runpath: [], versionNeeds: [] };
  // Files that hold debugging information alone keep the header, but not what it points to.
  if (dynamic === undefined || dynamic.sizeBytes === 0) return nothing;
  const tags = readTags(image, await image.read(dynamic.offset, dynamic.sizeBytes));
  const strings = first(tags, TAG.stringTable);
  if (strings === undefined) return nothing;
  const stringsOffset = offsetOf(segments, strings);
  const stringAt = (offset: number): Promise<string> => image.string(stringsOffset + offset);
  const textOf = async (tag: number): Promise<string | undefined> => {
    const offset = first(tags, tag);
    return offset === undefined ? undefined : stringAt(offset);
  };
  const needed = tags.get(TAG.needed) ?? [];
  if (needed.length > MAX_NEEDED) throw elfInvalid("it needs too many libraries");
  const names: string[] = [];
  for (const offset of needed) names.push(await stringAt(offset));
  const soname = await textOf(TAG.soname);
  const needs = first(tags, TAG.versionNeeds);
  return {
    ...(soname !== undefined && { soname }),
    needed: names,
    rpath: pathsOf(await textOf(TAG.rpath)),
    runpath: pathsOf(await textOf(TAG.runpath)),
    versionNeeds:
      needs === undefined
        ? []
        : await readVersionNeeds(image, {
            offset: offsetOf(segments, needs),
            count: first(tags, TAG.versionNeedCount) ?? 0,
            stringAt,
          }),
  };
}

/** Values by tag, up to the tag that ends them. */
function readTags(image: ElfImage, table: ElfBytes): ReadonlyMap<number, readonly number[]> {
  const tags = new Map<number, number[]>();
  const wordBytes = image.is64 ? 8 : 4;
  for (let at = 0; at + 2 * wordBytes <= table.length; at += 2 * wordBytes) {
    const tag = table.address(at);
    if (tag === TAG.end) break;
    const values = tags.get(tag) ?? [];
    values.push(table.address(at + wordBytes));
    tags.set(tag, values);
  }
  return tags;
}

function first(tags: ReadonlyMap<number, readonly number[]>, tag: number): number | undefined {
  return tags.get(tag)?.[0];
}

function pathsOf(text: string | undefined): readonly string[] {
  return text === undefined || text === "" ? [] : text.split(":");
}
