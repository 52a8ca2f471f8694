/**
 * The resolver as a service behind a bridge: what the evaluator asks when the lock has no answer.
 *
 * The lock travels as its file: it is read for each call and saved after it, so that what was resolved stays
 * resolved, whatever becomes of the evaluation. Progress is written from here, as the caller sleeps.
 */
import type { ServiceContext, ServiceFactory } from "#fetch";
import type { LockedCpython } from "./cpython/lock.ts";
import { type ResolveCpythonOptions, resolveCpython } from "./cpython/resolve-cpython.ts";
import { rServiceMethods } from "./cran/r-requests.ts";
import type { RAnswer, RRequest, RSource } from "./cran/resolve-r.ts";
import type { ResolveProgress } from "./debian/archive/repository.ts";
import { type DebianAnswer, debianNames, resolveDebian } from "./debian/resolve-debian.ts";
import {
  type DebianSourcePackage,
  resolveDebianSource,
  type SourceRequest,
} from "./debian/resolve-source.ts";
import { openDebianServices } from "./debian/services.ts";
import type { DebianSource } from "./debian/source.ts";
import { openLock } from "./lock.ts";
import type { GivenMetadata } from "./python/requests/built-metadata.ts";
import type { PythonResolution } from "./python/requests/request.ts";
import type { PythonService } from "./python/requests/service.ts";
import type { PythonHasRequest, PythonServiceRequest } from "./python-requests.ts";

export interface ResolveServiceData {
  /** How to show what is under way: a line that is rewritten, or nothing. */
  readonly progress: "line" | "none";
  readonly cacheDir?: string | undefined;
  /** Stands for `/` when apt's configuration is read. */
  readonly aptRoot?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly extraSources?: { readonly name: string; readonly text: string } | undefined;
  /** Indexes are asked again, also where their last answer may still be used. */
  readonly refresh?: boolean | undefined;
}

interface LockedCall {
  readonly lockPath: string;
  readonly frozen?: boolean | undefined;
}

export interface ServiceRequest extends DebianSource, LockedCall {}

export interface ResolveServiceRequest extends ServiceRequest {
  readonly packages: readonly string[];
  readonly update?: boolean | undefined;
}

export interface LibrariesCall extends DebianSource {
  readonly libraries: readonly string[];
}

type CpythonCall = LockedCall & Pick<ResolveCpythonOptions, "version" | "system" | "update">;

export const openService: ServiceFactory = (data, context) => {
  const settings = data as ResolveServiceData;
  const line = settings.progress === "line" ? new ProgressLine(context) : undefined;
  const services = openDebianServices({
    root: settings.aptRoot,
    env: settings.env ?? process.env,
    cacheDir: settings.cacheDir,
    extraSources: settings.extraSources,
    notice: (text) => notice(text),
    progress: (event) => line?.show(event),
  });
  const notice = (text: string) => {
    line?.clear();
    context.writeError(`${text}\n`);
  };
  let pythonOpened: Promise<PythonService> | undefined;
  // Loaded at the first question: most environments ask for one kind of packages.
  const python = (): Promise<PythonService> => {
    pythonOpened ??= import("./python/requests/service.ts").then(
      ({ PythonService }) =>
        new PythonService({
          env: settings.env ?? process.env,
          cacheDir: settings.cacheDir,
          root: settings.aptRoot,
          refresh: settings.refresh,
          notice,
          progress: (event) => line?.show(event),
        }),
    );
    return pythonOpened;
  };
  const rServices = { debian: services, repositories: services.cran, refresh: settings.refresh };
  return {
    async resolveDebian({ lockPath, frozen, ...request }: ResolveServiceRequest): Promise<DebianAnswer> {
      const lock = openLock(lockPath, { frozen });
      try {
        const answer = await resolveDebian({ ...request, lock, services });
        lock.save();
        return answer;
      } finally {
        line?.clear();
      }
    },
    async resolveDebianSource({
      lockPath,
      frozen,
      ...request
    }: ServiceRequest & SourceRequest): Promise<DebianSourcePackage> {
      const lock = openLock(lockPath, { frozen });
      try {
        const answer = await resolveDebianSource({ ...request, lock, services });
        lock.save();
        return answer;
      } finally {
        line?.clear();
      }
    },
    async resolvePython(request: PythonServiceRequest): Promise<PythonResolution> {
      try {
        return await (await python()).resolve(request);
      } finally {
        line?.clear();
      }
    },
    async pythonHas(request: PythonHasRequest): Promise<boolean> {
      try {
        return await (await python()).has(request);
      } finally {
        line?.clear();
      }
    },
    async givePythonMetadata(given: GivenMetadata): Promise<void> {
      (await python()).giveMetadata(given);
    },
    async resolveR({ lockPath, frozen, ...request }: LockedCall & RRequest): Promise<RAnswer> {
      try {
        return await rServiceMethods.resolveR(request, openLock(lockPath, { frozen }), rServices);
      } finally {
        line?.clear();
      }
    },
    async resolveCpython({ lockPath, frozen, ...question }: CpythonCall): Promise<LockedCpython> {
      const lock = openLock(lockPath, { frozen });
      try {
        const { downloader, progress } = services;
        const archive = services.cpython();
        const found = await resolveCpython({
          ...question,
          lock,
          services: { archive, downloader, progress, notice },
        });
        lock.save();
        return found;
      } finally {
        line?.clear();
      }
    },
    async cranNames(source: RSource): Promise<readonly string[] | undefined> {
      try {
        return await rServiceMethods.cranNames(source, rServices);
      } finally {
        line?.clear();
      }
    },
    async debianLibraries({
      libraries,
      ...source
    }: LibrariesCall): Promise<ReadonlyMap<string, readonly string[]>> {
      try {
        const { openLibraryIndexes } = await import("./debian/contents/library-index.ts");
        const index = await openLibraryIndexes(services, source);
        return new Map(libraries.flatMap((name) => (index.has(name) ? [[name, index.get(name) ?? []]] : [])));
      } finally {
        line?.clear();
      }
    },
    async debianNames({ lockPath, frozen, ...request }: ServiceRequest): Promise<readonly string[]> {
      try {
        return await debianNames({ ...request, lock: openLock(lockPath, { frozen }), services });
      } finally {
        line?.clear();
      }
    },
  };
};

/** One line on a terminal, rewritten at most a few times a second. */
class ProgressLine {
  readonly #context: ServiceContext;
  #shownAt = Number.NEGATIVE_INFINITY;
  #activity = "";
  #isShown = false;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  show({ activity, bytes, totalBytes }: ResolveProgress): void {
    const now = performance.now();
    if (activity === this.#activity && now - this.#shownAt < 200) return;
    this.#shownAt = now;
    this.#activity = activity;
    this.#isShown = true;
    const megabytes = (count: number) => (count / 1e6).toFixed(1);
    const amount =
      bytes === undefined
        ? ""
        : ` ${megabytes(bytes)}${totalBytes === undefined ? "" : ` of ${megabytes(totalBytes)}`} MB`;
    this.#context.writeError(`\r\x1b[K${activity}${amount}`);
  }

  clear(): void {
    if (this.#isShown) this.#context.writeError("\r\x1b[K");
    this.#isShown = false;
  }
}
