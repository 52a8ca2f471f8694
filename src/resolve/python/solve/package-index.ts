/**
 * What the solver asks of the outside: the files of a project, and the metadata of one. An index that has the answer
 * at hand may give it without a promise, and the solver then does not wait.
 */
import type { CoreMetadata, FilesOfVersion, NormalizedName } from "#format/python";

/** One file, as an index lists it. Structurally what `#resolve`'s Python index has. */
export interface IndexFile {
  readonly file: string;
  readonly url: string;
  readonly sha256?: string;
  readonly size?: number;
  /** As written: a file whose text cannot be read is taken as one that demands nothing, as pip does. */
  readonly requiresPython?: string;
  readonly yanked?: string | true;
  /** ISO 8601. */
  readonly uploadTime?: string;
  readonly metadata?: { readonly sha256?: string };
  readonly index?: string;
}

export type FileVersions<F> = readonly FilesOfVersion<F>[];

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
  direct?(project: NormalizedName, url: string, signal?: AbortSignal): F | Promise<F>;
}
