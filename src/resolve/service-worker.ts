/**
 * The resolver as a service behind a bridge: what the evaluator asks when the lock has no answer.
 *
 * The lock travels as its file: it is read for each call and saved after it, so that what was resolved stays
 * resolved, whatever becomes of the evaluation. Progress is written from here, as the caller sleeps.
 */
import type { ServiceContext, ServiceFactory } from "#fetch";
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

export interface ResolveServiceData {
  /** How to show what is under way: a line that is rewritten, or nothing. */
  readonly progress: "line" | "none";
  readonly cacheDir?: string | undefined;
  /** Stands for `/` when apt's configuration is read. */
  readonly aptRoot?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly extraSources?: { readonly name: string; readonly text: string } | undefined;
}

export interface ServiceRequest extends DebianSource {
  readonly lockPath: string;
  readonly frozen?: boolean | undefined;
}

export interface ResolveServiceRequest extends ServiceRequest {
  readonly packages: readonly string[];
  readonly update?: boolean | undefined;
}

export const openService: ServiceFactory = (data, context) => {
  const settings = data as ResolveServiceData;
  const line = settings.progress === "line" ? new ProgressLine(context) : undefined;
  const services = openDebianServices({
    root: settings.aptRoot,
    env: settings.env ?? process.env,
    cacheDir: settings.cacheDir,
    extraSources: settings.extraSources,
    notice: (text) => {
      line?.clear();
      context.writeError(`${text}\n`);
    },
    progress: (event) => line?.show(event),
  });
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
