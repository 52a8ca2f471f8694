/** Where the files of locked Python packages are today: at an index, or in a folder that `copse fetch` has filled. */
import { statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { CopseError } from "#base";
import { cacheDirectory } from "#fetch";
import { directAddresses, type ExportedPackage, type FilePlace } from "#manifest/export";
import type { LockedPythonPackage, LockedPythonRequest } from "#resolve";
import type { IndexOverrides } from "#resolve/python/index";
import type { CommandContext } from "../command.ts";

/** Asks the configured indexes. @throws CopseError `export-file-missing`, `export-hash-differs`, and what indexes throw. */
export async function filesAtIndexes(
  request: LockedPythonRequest,
  { context, overrides }: { readonly context: CommandContext; readonly overrides: IndexOverrides },
): Promise<ExportedPackage[]> {
  const { openPythonIndex } = await import("#resolve/python/index");
  const index = openPythonIndex({
    env: context.env,
    cacheDir: cacheDirectory(context.env),
    overrides,
    notice: (text) => context.output.note(text),
    sdists: {
      metadataOf: () => {
        throw new Error("Files alone are asked for, and no metadata");
      },
    },
  });
  const direct = directAddresses(request);
  const placed = async (locked: LockedPythonPackage): Promise<ExportedPackage> => {
    const address = direct.get(locked.name);
    if (address !== undefined) return { locked, place: directPlace(locked, address), isDirect: true };
    const found = (await index.files(locked.name, context.signal))?.find(({ file }) => file === locked.file);
    if (!found)
      throw missing(
        locked,
        "no index that is configured has it today",
        "a folder of `copse fetch` may: --offline FOLDER",
      );
    if (found.sha256 !== undefined && found.sha256 !== locked.sha256)
      throw new CopseError(
        "export-hash-differs",
        `The index has other bytes than the lock: \`${locked.file}\``,
        {
          hint: `locked is ${locked.sha256}, the index says ${found.sha256}`,
        },
      );
    const { url, uploadTime, requiresPython } = found;
    return { locked, place: { url, uploadTime, requiresPython }, isDirect: false };
  };
  try {
    return await Promise.all(request.answer.map(placed));
  } finally {
    index.close();
  }
}

/** Without a look at where files are: names and hashes say enough. */
export function filesByName(request: LockedPythonRequest): ExportedPackage[] {
  const direct = directAddresses(request);
  return request.answer.map((locked) => {
    const address = direct.get(locked.name);
    return address === undefined
      ? { locked, place: {}, isDirect: false }
      : { locked, place: directPlace(locked, address), isDirect: true };
  });
}

/** `folder` is what `copse fetch` has filled; paths are relative to `from`. @throws CopseError `export-file-missing`. */
export function filesInFolder(
  request: LockedPythonRequest,
  { folder, from }: { readonly folder: string; readonly from: string },
): ExportedPackage[] {
  return request.answer.map((locked) => {
    const file = join(folder, "pypi", locked.name, locked.file);
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size === undefined || (locked.size !== undefined && locked.size !== size))
      throw missing(locked, `it is not in ${folder}`, "`copse fetch` fills such a folder");
    const path = relative(from, resolve(file)).split(sep).join("/");
    return { locked, place: { path }, isDirect: false };
  });
}

function directPlace(locked: LockedPythonPackage, address: string): FilePlace {
  const url = address.split("#")[0] as string;
  if (/^https?:\/\//.test(url)) return { url };
  throw new CopseError(
    "export-direct",
    `What is taken from here has no form in the export: \`${locked.name} @ ${address}\``,
    {
      hint: "packages of an index and files at an address can be exported",
    },
  );
}

function missing(locked: LockedPythonPackage, reason: string, hint: string): CopseError {
  return new CopseError(
    "export-file-missing",
    `A locked file cannot be named, as ${reason}: \`${locked.file}\``,
    { hint },
  );
}
