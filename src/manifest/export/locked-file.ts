/** A locked package with where its file is to be had: what an export says of it. */
import { parseRequirement } from "#format/python";
import type { LockedPythonPackage, LockedPythonRequest } from "#resolve";

export interface FilePlace {
  readonly url?: string | undefined;
  /** Relative to the exported file, with `/`. */
  readonly path?: string | undefined;
  /** `2024-03-01T12:00:00Z` */
  readonly uploadTime?: string | undefined;
  readonly requiresPython?: string | undefined;
}

export interface ExportedPackage {
  readonly locked: LockedPythonPackage;
  readonly place: FilePlace;
  /** Where a requirement names the file itself: it is no file of an index. */
  readonly isDirect: boolean;
}

/** Addresses that the requirements of a request name, by project. */
export function directAddresses(request: LockedPythonRequest): ReadonlyMap<string, string> {
  return new Map(
    request.requirements.flatMap((text) => {
      const { name, url } = parseRequirement(text);
      return url === undefined ? [] : [[name as string, url] as const];
    }),
  );
}

export function isWheel(file: string): boolean {
  return file.endsWith(".whl");
}
