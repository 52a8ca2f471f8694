/**
 * Requirements with addresses, on the service's side: what is known of them in a run, and what has to be built for one.
 *
 * An address is asked once in a run, so that all solves of it, and a solve that is made again after a build, mean the same
 * commit and the same bytes.
 */
import { CopseError } from "#base";
import { wantsOffline } from "#fetch";
import { GitRepositories } from "#fetch/git";
import type { CoreMetadata } from "#format/python";
import { addressesOf } from "../direct/address.ts";
import { DirectPackages, type LockedDirect, UNBUILT } from "../direct/direct-packages.ts";
import { originOfLocked } from "../direct/origin.ts";
import type { ProjectFile, PythonIndex } from "../index/mod.ts";
import type { LockedPythonPackage } from "../lock/lock-schema.ts";
import type { DirectOptions, PackageIndex } from "../solve/package-index.ts";
import { builtKey } from "./built-metadata.ts";
import type { UnbuiltSdist } from "./request.ts";

export interface AddressesOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDir: string;
  readonly built: (key: string) => CoreMetadata | undefined;
}

export interface AddressesCall {
  readonly index: PythonIndex;
  /** Where relative addresses begin. */
  readonly folder: string;
  /** The interpreter's whole version. */
  readonly python: string;
  /** Packages that are to stay. */
  readonly locked: readonly LockedPythonPackage[];
}

export class Addresses {
  readonly #options: AddressesOptions;
  readonly #git: GitRepositories;
  /** Of this run. */
  readonly #found = new Map<string, LockedDirect>();
  readonly #unbuilt = new Map<string, UnbuiltSdist>();

  constructor(options: AddressesOptions) {
    this.#options = options;
    this.#git = new GitRepositories(options);
  }

  /** The index, by which addresses can be asked as well. */
  over({ index, folder, python, locked }: AddressesCall): PackageIndex<ProjectFile> & { close(): void } {
    const { env, cacheDir, built } = this.#options;
    const packages = new DirectPackages({
      ...{ index, git: this.#git, cacheDir, folder, offline: wantsOffline(env) },
      locked: [...this.#found.values(), ...locked],
      built: (of) => built(builtKey({ ...of, python })),
      unbuilt: ({ name, version, file }) => {
        const error = new CopseError(
          UNBUILT,
          `Sources must be built to know what they need: \`${file.file}\``,
        );
        const { origin, sha256 = "" } = file;
        const made = originOfLocked({ origin, sha256 }, folder);
        this.#unbuilt.set(error.message, {
          ...{ name, version, file: file.file, sha256, sizeBytes: file.size, origin: made },
          urls:
            made.address === undefined ? [] : addressesOf({ name, file: file.file, address: made.address }),
        });
        throw error;
      },
    });
    return {
      files: (project, signal) => index.files(project, signal),
      versions: (project, signal) => index.versions(project, signal),
      metadata: (file, signal) => packages.metadata(file, signal),
      direct: async (project, url, options: DirectOptions) => {
        const file = await packages.file(project, url, options);
        const { origin, sha256 = "", size } = file;
        this.#found.set(url, { origin, sha256, ...(size !== undefined && { size }) });
        return file;
      },
      close: () => packages.close(),
    };
  }

  /** What an error of a solve says has to be built. */
  unbuiltBy(error: CopseError): UnbuiltSdist | undefined {
    return this.#unbuilt.get(error.message);
  }
}
