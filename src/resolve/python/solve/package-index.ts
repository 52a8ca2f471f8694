/**
 * What the solver asks of the outside: the files of a project, and the metadata of one. An index that has the answer
 * at hand may give it without a promise, and the solver then does not wait.
 */
import type { CoreMetadata, FilesOfVersion, NormalizedName } from "#format/python";

/** One file, as an index lists it. */
export interface IndexFile {
  readonly file: string;
  /** Without a login and without a fragment. */
  readonly url: string;
  /** In hexadecimal digits, as all hashes here. */
  readonly sha256?: string;
  readonly size?: number;
  /** As written: a file whose text cannot be read is taken as one that demands nothing, as pip does. */
  readonly requiresPython?: string;
  /** The reason, or true where none is given. */
  readonly yanked?: string | true;
  /** `2024-03-01T12:00:00Z`, perhaps with fractions of a second. */
  readonly uploadTime?: string;
  /** The index serves the file's metadata beside it, as `<url>.metadata`. */
  readonly metadata?: { readonly sha256?: string };
  /** The index' name in the manifest; undefined for pip's own indexes and links. */
  readonly index?: string;
}

export type FileVersions<F> = readonly FilesOfVersion<F>[];

export interface DirectOptions {
  /** Whether the request itself names the URL, and not some package. */
  readonly isOwn: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface PackageIndex<F extends IndexFile = IndexFile> {
  /** Undefined: no index has the project. */
  files(
    project: NormalizedName,
    signal?: AbortSignal,
  ): readonly F[] | undefined | Promise<readonly F[] | undefined>;
  /**
   * The same by version, as `groupByVersion` has them, where the index can tell that for less: files that nobody asks
   * for need not be made.
   */
  versions?(
    project: NormalizedName,
    signal?: AbortSignal,
  ): FileVersions<F> | undefined | Promise<FileVersions<F> | undefined>;
  metadata(file: F, signal?: AbortSignal): CoreMetadata | Promise<CoreMetadata>;
  /** The file that a requirement names by URL. Without it, requirements with a URL are refused. */
  direct?(project: NormalizedName, url: string, options: DirectOptions): F | Promise<F>;
}
