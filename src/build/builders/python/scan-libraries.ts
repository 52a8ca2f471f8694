/**
 * Which shared libraries the ELF files of a tree need, and which ones it has itself. Files for other machines, which
 * wheels bring for graphics processors and emulators, count for nothing.
 */
import { open, readdir } from "node:fs/promises";
import { isCopseError } from "#base";
import { type ElfFile, readElf } from "#format/elf";

export interface LibraryScan {
  /** Base names of files, and the names that libraries give themselves. */
  readonly provided: readonly string[];
  readonly needed: readonly LibraryNeed[];
}

export interface LibraryNeed {
  readonly library: string;
  /** The first file of the tree that needs it, from its top. */
  readonly file: string;
}

/** Shared objects, and programs, which have no ending. */
const MAY_BE_ELF = /\.so(?:\.[^/]*)?$|^[^.]+$/;

/** `system` is Nix's word for the machine. */
export async function scanLibraries(tree: string, system: string): Promise<LibraryScan> {
  const machine = system.split("-")[0] as string;
  const provided = new Set<string>();
  const needed = new Map<string, string>();
  for await (const path of filesIn(tree, "")) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (!MAY_BE_ELF.test(name)) continue;
    const elf = await readFile(`${tree}/${path}`);
    if (!elf || elf.machine !== machine || (elf.type !== "shared" && elf.type !== "executable")) continue;
    provided.add(name);
    if (elf.soname !== undefined) provided.add(elf.soname);
    for (const library of elf.needed)
      if (!library.includes("/") && !needed.has(library)) needed.set(library, path);
  }
  return { provided: [...provided], needed: [...needed].map(([library, file]) => ({ library, file })) };
}

async function* filesIn(tree: string, folder: string): AsyncGenerator<string> {
  const entries = await readdir(`${tree}/${folder}`, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesIn(tree, path);
    else if (entry.isFile()) yield path;
  }
}

/** A damaged file says nothing: what it is for, only its wheel knows. */
async function readFile(path: string): Promise<ElfFile | undefined> {
  await using file = await open(path);
  const { size } = await file.stat();
  try {
    return await readElf({
      size,
      async read(offset, length) {
        const bytes = Buffer.alloc(length);
        const { bytesRead } = await file.read(bytes, 0, length, offset);
        return bytes.subarray(0, bytesRead);
      },
    });
  } catch (error) {
    if (isCopseError(error, "elf-invalid")) return undefined;
    throw error;
  }
}
