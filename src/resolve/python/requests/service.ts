/**
 * The service thread's side of requests for Python packages: it asks the indexes, solves, and writes the answer to
 * the lock.
 *
 * Indexes stay open between calls, so that what was read of them once serves the next solve too. Metadata that exist
 * only once an sdist is built cannot be had here: such a call ends with what is to be built, and is made again when
 * the metadata are there.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CopseError, isCopseError } from "#base";
import { cacheDirectory, sha256OfFile } from "#fetch";
import {
  type CoreMetadata,
  normaliseName,
  parseCoreMetadata,
  parseRequirement,
  parseSdistName,
} from "#format/python";
import type { ResolveProgress } from "../../debian/archive/repository.ts";
import { openLock } from "../../lock.ts";
import type { PythonHasRequest, PythonServiceRequest } from "../../python-requests.ts";
import { UNBUILT } from "../direct/direct-packages.ts";
import type { Origin } from "../direct/origin.ts";
import { openPythonIndex, type ProjectFile, type PythonIndex, withPipPreferences } from "../index/mod.ts";
import type { LockedPythonPackage } from "../lock/lock-schema.ts";
import { solvePython } from "../resolve-python.ts";
import type { PythonSolution, SolvedPackage } from "../solve/solution.ts";
import { Addresses } from "./addresses.ts";
import { builtKey, type GivenMetadata } from "./built-metadata.ts";
import {
  fileAddress,
  lockRequestOf,
  type PythonResolution,
  type PythonSettings,
  type UnbuiltSdist,
} from "./request.ts";
import { solveSettings } from "./solve-settings.ts";

export interface PythonServiceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDir?: string | undefined;
  /** Stands for `/` where configuration is read. */
  readonly root?: string | undefined;
  /** Indexes are asked again, also where their last answer may still be used. */
  readonly refresh?: boolean | undefined;
  readonly notice: (text: string) => void;
  readonly progress: (event: ResolveProgress) => void;
}

export class PythonService {
  readonly #options: PythonServiceOptions;
  readonly #cacheDir: string;
  readonly #indexes = new Map<string, OpenIndex>();
  readonly #addresses: Addresses;

  constructor(options: PythonServiceOptions) {
    this.#options = options;
    this.#cacheDir = options.cacheDir ?? cacheDirectory(options.env);
    this.#addresses = new Addresses({
      env: options.env,
      cacheDir: this.#cacheDir,
      built: (key) => this.#built(key),
    });
  }

  /** Throws `python-no-solution` and what reading indexes throws. */
  async resolve({ lockPath, folder, update, ...request }: PythonServiceRequest): Promise<PythonResolution> {
    const { progress } = this.#options;
    const opened = this.#open(request.settings);
    opened.python = request.python;
    const lock = openLock(lockPath);
    const wanted = lockRequestOf(request);
    const kept = update === true ? new Map() : lock.python.preferences(wanted);
    const updated = new Set((update === true ? [] : (update ?? [])).map(normaliseName));
    for (const name of updated) kept.delete(name);
    const locked = update === true ? [] : (lock.python.section(wanted)?.packages ?? []);
    const index = this.#addresses.over({
      ...{ index: opened.index, folder, python: request.python },
      locked: locked.filter(({ name }) => !updated.has(name)),
    });
    progress({ activity: "solving Python packages" });
    const preferences = await opened.index.preferences();
    let solution: PythonSolution<ProjectFile>;
    try {
      solution = await solvePython({
        requirements: request.requirements.map((text) => parseRequirement(text)),
        constraints: [
          ...(request.settings.constraints ?? []).map((text) => parseRequirement(text)),
          ...preferences.constraints,
        ],
        platform: request,
        preferences: kept,
        settings: withPipPreferences(solveSettings(request.settings), preferences),
        index,
      });
    } catch (error) {
      const direct = isCopseError(error, UNBUILT) ? this.#addresses.unbuiltBy(error) : undefined;
      if (direct) return { kind: "unbuilt", sdists: [direct] };
      const sdist = isCopseError(error, UNBUILT) ? opened.unbuilt.get(error.message) : undefined;
      if (!sdist) throw error;
      return { kind: "unbuilt", sdists: [await this.#described(opened, sdist)] };
    } finally {
      index.close();
    }
    const packages: LockedPythonPackage[] = [];
    for (const one of solution.packages) packages.push(await this.#locked(opened, one));
    if (preferences.heeded.length > 0)
      this.#options.notice(`pip's configuration has a say in the versions: ${preferences.heeded.join(", ")}`);
    for (const note of solution.notes) this.#options.notice(note);
    lock.python.record(wanted, packages);
    lock.save();
    return { kind: "answer" };
  }

  async has({ name, settings }: PythonHasRequest): Promise<boolean> {
    this.#options.progress({ activity: `looking for ${name}` });
    return (await this.#open(settings).index.files(normaliseName(name))) !== undefined;
  }

  /** Keeps metadata that a build came to, for this and later solves. */
  giveMetadata({ key, contents }: GivenMetadata): void {
    parseCoreMetadata(contents);
    const path = this.#builtPath(key);
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  }

  close(): void {
    for (const { index } of this.#indexes.values()) index.close();
  }

  #open(settings: PythonSettings): OpenIndex {
    const { indexes, indexOf, indexStrategy } = settings;
    const key = JSON.stringify([indexes, indexOf, indexStrategy]);
    let opened = this.#indexes.get(key);
    if (!opened) {
      const unbuilt = new Map<string, ProjectFile>();
      const index = openPythonIndex({
        env: this.#options.env,
        cacheDir: this.#cacheDir,
        root: this.#options.root,
        refresh: this.#options.refresh,
        notice: this.#options.notice,
        overrides: {
          ...(indexes && { indexes }),
          ...(indexOf && { indexOf }),
          ...(indexStrategy !== undefined && { strategy: strategyOf(indexStrategy) }),
        },
        sdists: {
          metadataOf: async ({ file, bytesPath }) => {
            const sha256 = file.sha256 ?? (await sha256OfFile(bytesPath));
            const built = this.#built(builtKey({ sha256, python: fresh.python }));
            if (built) return built;
            const error = new CopseError(
              UNBUILT,
              `Source archive must be built to know what it needs: \`${file.file}\``,
            );
            unbuilt.set(error.message, { ...file, sha256 });
            throw error;
          },
        },
      });
      const fresh: OpenIndex = { index, unbuilt, python: "" };
      opened = fresh;
      this.#indexes.set(key, opened);
    }
    return opened;
  }

  #built(key: string): CoreMetadata | undefined {
    try {
      return parseCoreMetadata(readFileSync(this.#builtPath(key)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  #builtPath(key: string): string {
    return join(this.#cacheDir, "python", "built-metadata", key);
  }

  async #described({ index }: OpenIndex, file: ProjectFile): Promise<UnbuiltSdist> {
    const { name, version } = parseSdistName(file.file);
    const { sha256, size } = await index.hashed(file);
    return {
      ...{ name, version: version.text, file: file.file, sha256, sizeBytes: size },
      urls: [fileAddress({ name, file: file.file, index: file.index })],
    };
  }

  async #locked({ index }: OpenIndex, one: SolvedPackage<SourceFile>): Promise<LockedPythonPackage> {
    const { file } = one;
    // Of an address it is known already, but for a wheel of which no more than the metadata were read.
    const isTree = file.origin?.commit !== undefined;
    const { sha256, size } = isTree
      ? { sha256: file.sha256 as string, size: undefined }
      : await index.hashed(file);
    return {
      name: one.name,
      version: one.version,
      file: file.file,
      size,
      sha256,
      index: file.index,
      origin: file.origin,
      dependencies: one.dependencies.map(({ name, extras }) =>
        extras.length === 0 ? name : `${name}[${[...extras].sort().join(",")}]`,
      ),
    };
  }
}

function strategyOf(text: string): "first" | "merge" {
  if (text === "first" || text === "merge") return text;
  throw new CopseError(
    "setting-invalid",
    `Setting indexStrategy has a value that is not known: \`${text}\``,
    {
      hint: "known are first, merge",
    },
  );
}

/** A file of an index, or one that has an address of its own. */
type SourceFile = ProjectFile & { readonly origin?: Origin };

interface OpenIndex {
  readonly index: PythonIndex;
  /** By the message of the error that said so. */
  readonly unbuilt: Map<string, ProjectFile>;
  /** The interpreter of the call that is under way: metadata can differ by it. */
  python: string;
}
