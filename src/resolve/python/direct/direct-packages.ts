/**
 * What addresses lead to, for one solve: each becomes a file like those of an index, with a hash and metadata.
 *
 * What is locked stays, as long as nobody asks for an update: a branch stays at its commit, and a file that is fetched
 * again must be what it was. Metadata are taken from where they are certain without a build (a wheel; an sdist's PKG-INFO;
 * a pyproject.toml that says all); otherwise the solve ends with what has to be built, and is made again.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CopseError } from "#base";
import { Downloader, fileHasSha256, HttpClient, sha256OfFile } from "#fetch";
import type { GitRepositories } from "#fetch/git";
import { parseHash } from "#format";
import { type CoreMetadata, type NormalizedName, parseCoreMetadata } from "#format/python";
import type { ProjectFile, PythonIndex } from "../index/mod.ts";
import { isReliable, readPkgInfo } from "../index/sdist-pkg-info.ts";
import { directFilePath } from "./address.ts";
import type { Origin } from "./origin.ts";
import { type DirectReference, parseDirectReference } from "./reference.ts";
import { scmVersion, usesScm } from "./scm-version.ts";
import { staticMetadata } from "./static-metadata.ts";

export interface DirectFile extends ProjectFile {
  readonly origin: Origin;
}

/** What must be built for its metadata. */
export interface UnbuiltDirect {
  readonly name: NormalizedName;
  /** What a build is told where only tags say it. */
  readonly version: string;
  readonly file: DirectFile;
}

export interface LockedDirect {
  readonly origin?: Origin | undefined;
  readonly sha256: string;
  readonly size?: number | undefined;
}

export interface DirectPackagesOptions {
  readonly index: PythonIndex;
  readonly git: GitRepositories;
  /** The client's cache. */
  readonly cacheDir: string;
  /** Nothing is asked of the network. */
  readonly offline: boolean;
  /** Where relative paths begin. */
  readonly folder: string;
  /** What is to stay as it is. */
  readonly locked: readonly LockedDirect[];
  readonly built: (key: BuiltDirect) => CoreMetadata | undefined;
  /** Always throws. */
  readonly unbuilt: (direct: UnbuiltDirect) => never;
}

export interface BuiltDirect {
  readonly sha256: string;
  readonly subdirectory: string | undefined;
}

/** That a build has to come first is no error of the address. */
export const UNBUILT = "python-sdist-unbuilt";

const MAX_FILE_BYTES = 8 * 1024 ** 3;

interface Known {
  readonly name: NormalizedName;
  readonly reference: DirectReference;
}

export class DirectPackages {
  readonly #options: DirectPackagesOptions;
  readonly #known = new Map<ProjectFile, Known>();
  readonly #downloader: Downloader;

  constructor(options: DirectPackagesOptions) {
    this.#options = options;
    this.#downloader = new Downloader({
      retries: options.index.pip.options.retries,
      client: new HttpClient({ offline: options.offline }),
    });
  }

  /** `isOwn`: the request names it, and not some package. Throws `python-url-…`, `git-…` and what fetching throws. */
  async file(
    name: NormalizedName,
    url: string,
    { isOwn, signal }: { readonly isOwn: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<DirectFile> {
    try {
      const reference = parseDirectReference(url, this.#options.folder);
      if (reference.isLocal && !isOwn)
        throw new CopseError(
          "python-url-local",
          `A package depends on a file of this machine: \`${name} @ ${url}\``,
          { hint: `say where ${name} comes from: name it among the requirements` },
        );
      const file =
        reference.kind === "git"
          ? await this.#commit(name, reference, signal)
          : await this.#download(name, reference, signal);
      this.#known.set(file, { name, reference });
      return file;
    } catch (error) {
      throw named(error, name, url);
    }
  }

  /** Of one of `file`; the index has all others. */
  async metadata(file: ProjectFile, signal?: AbortSignal): Promise<CoreMetadata> {
    const known = this.#known.get(file);
    if (!known) return this.#options.index.metadata(file, signal);
    try {
      const metadata = await this.#metadataOf(file as DirectFile, known, signal);
      if (metadata.name === known.name) return metadata;
      throw new CopseError("python-url-name", `Address leads to another project, ${metadata.name}`);
    } catch (error) {
      throw named(error, known.name, known.reference.url);
    }
  }

  close(): void {
    this.#downloader.close();
  }

  #locked(url: string): LockedDirect | undefined {
    return this.#options.locked.find(({ origin }) => origin?.url === url);
  }

  async #commit(
    name: NormalizedName,
    reference: DirectReference & { readonly kind: "git" },
    signal: AbortSignal | undefined,
  ): Promise<DirectFile> {
    const { url, repository, revision } = reference;
    const { git } = this.#options;
    const locked = this.#locked(url);
    const commit = locked?.origin?.commit ?? (await git.resolve(repository, revision, signal)).commit;
    const sha256 = locked?.sha256 ?? (await git.treeHash({ url: repository, commit }, signal));
    return { file: `${name}-${commit}.git`, url, sha256, origin: { url, commit } };
  }

  async #download(
    name: NormalizedName,
    reference: DirectReference & { readonly kind: "file" },
    signal: AbortSignal | undefined,
  ): Promise<DirectFile> {
    const { url, file } = reference;
    const locked = this.#locked(url);
    const sha256 = reference.sha256 ?? locked?.sha256;
    const found = { file, url: reference.address, origin: { url } };
    // A wheel whose hash is known has its metadata read without the rest of it.
    if (sha256 !== undefined && file.endsWith(".whl")) return { ...found, sha256, ...sized(locked) };
    const path = await this.#fetch({ name, file, address: reference.address, sha256 }, signal);
    return { ...found, sha256: sha256 ?? (await sha256OfFile(path)), size: (await stat(path)).size };
  }

  /** The file on disk. */
  async #fetch(
    of: {
      readonly name: NormalizedName;
      readonly file: string;
      readonly address: string;
      readonly sha256: string | undefined;
    },
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const { index, cacheDir } = this.#options;
    const target = directFilePath(join(cacheDir, "python"), of);
    if (of.sha256 !== undefined && (await fileHasSha256(target, of.sha256))) return target;
    await this.#downloader.download({
      url: [{ url: new URL(of.address), routeFor: index.pip.routes.routeFor }],
      target,
      ...(of.sha256 !== undefined && { expectedHash: parseHash(of.sha256, "sha256") }),
      maxBytes: MAX_FILE_BYTES,
      signal,
    });
    return target;
  }

  async #metadataOf(
    file: DirectFile,
    { name, reference }: Known,
    signal: AbortSignal | undefined,
  ): Promise<CoreMetadata> {
    if (reference.kind === "git") return this.#ofCommit(file, { name, reference }, signal);
    const path = directFilePath(join(this.#options.cacheDir, "python"), { name, file: file.file });
    const isHere = await fileHasSha256(path, file.sha256 as string);
    if (file.file.endsWith(".whl"))
      return this.#options.index.metadata(isHere ? { ...file, url: pathToFileURL(path).href } : file, signal);
    const { subdirectory } = reference;
    const contents = subdirectory === undefined ? await readPkgInfo(path) : undefined;
    const told = contents && parseCoreMetadata(contents);
    if (told && isReliable(told)) return told;
    return this.#builtOf({ name, version: "0", file }, subdirectory);
  }

  async #ofCommit(
    file: DirectFile,
    {
      name,
      reference,
    }: { readonly name: NormalizedName; readonly reference: DirectReference & { kind: "git" } },
    signal: AbortSignal | undefined,
  ): Promise<CoreMetadata> {
    const { git } = this.#options;
    const { subdirectory, repository } = reference;
    const of = { url: repository, commit: file.origin.commit as string };
    const within = (path: string) => (subdirectory === undefined ? path : `${subdirectory}/${path}`);
    const read = async (path: string) => (await git.readFile(of, within(path), signal))?.toString("utf8");
    const pyproject = await read("pyproject.toml");
    const told = pyproject === undefined ? undefined : staticMetadata(pyproject);
    if (told) return told;
    const built = this.#options.built({ sha256: file.sha256 as string, subdirectory });
    if (built) return built;
    const setup = (await read("setup.py")) ?? "";
    if (pyproject === undefined && setup === "")
      throw new CopseError("python-url-project", "Repository has neither a pyproject.toml nor a setup.py", {
        hint: "name the folder that has one: #subdirectory=…",
      });
    const isTagged = usesScm(`${pyproject ?? ""}\n${setup}\n${(await read("setup.cfg")) ?? ""}`);
    const version = isTagged ? scmVersion(await git.describe(of, signal)) : "0";
    return this.#builtOf({ name, version, file }, subdirectory);
  }

  #builtOf(direct: UnbuiltDirect, subdirectory: string | undefined): CoreMetadata {
    const sha256 = direct.file.sha256 as string;
    return this.#options.built({ sha256, subdirectory }) ?? this.#options.unbuilt(direct);
  }
}

function sized(locked: LockedDirect | undefined): { readonly size?: number } {
  return locked?.size === undefined ? {} : { size: locked.size };
}

/** The requirement last, so that the error can be shown where it stands. */
function named(error: unknown, name: NormalizedName, url: string): unknown {
  if (!(error instanceof CopseError) || error.code === UNBUILT) return error;
  // With the login, neither the address is shown nor the line that it stands in.
  if (error.code.endsWith("-login"))
    return new CopseError(error.code, error.message.replace("Address of a", `Address of ${name}, a`), {
      cause: error,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  if (error.message.endsWith(`\`${name} @ ${url}\``)) return error;
  const hint =
    error.code === "hash-mismatch" && !url.includes("sha256=")
      ? `the file was replaced since it was locked: copse update ${name} takes it as it is now`
      : error.hint;
  return new CopseError(error.code, `${error.message.replace(/: `[^`]*`$/, "")}: \`${name} @ ${url}\``, {
    cause: error,
    ...(hint !== undefined && { hint }),
  });
}
