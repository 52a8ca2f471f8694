/**
 * Requests of an evaluation: one lock, and one service thread behind it, which is started when the lock first lacks
 * an answer.
 */
import { dirname } from "node:path";
import { threadModule } from "#base";
import { createBridge } from "#fetch";
import { type CpythonRequests, cpythonRequests } from "./cpython/requests.ts";
import { type RRequests, rRequests } from "./cran/r-requests.ts";
import { type DebianRequests, debianRequests } from "./debian-requests.ts";
import { type Lock, openLock } from "./lock.ts";
import { type PythonRequests, pythonRequests } from "./python-requests.ts";
import type { ResolveServiceData } from "./service-worker.ts";

export interface RequestsOptions {
  readonly lockPath: string;
  /** Where relative addresses begin: the project's, wherever a copy of its lock is worked on. Default: the lock's. */
  readonly folder?: string | undefined;
  readonly frozen?: boolean | undefined;
  /**
   * Answer each request anew at its first mention; names are those of Python projects, whose versions alone may then
   * move.
   */
  readonly update?: boolean | readonly string[] | undefined;
  readonly service?: ResolveServiceData | undefined;
  /** Ask indexes again, also where their last answer may still be used. An update always does. */
  readonly refresh?: boolean | undefined;
  /** The lock will probably not have all answers: who finds them is started at once. */
  readonly expectsQuestions?: boolean | undefined;
}

export interface Requests {
  readonly debian: DebianRequests;
  readonly python: PythonRequests;
  readonly r: RRequests;
  readonly cpython: CpythonRequests;
  /** The lock as of now; `prune` and `save` drop what was not asked for. */
  readonly lock: Lock;
  close(): void;
}

export function openRequests(options: RequestsOptions): Requests {
  const { lockPath, frozen = false, update = false } = options;
  const lock = openLock(lockPath, { frozen });
  const bridge = createBridge(threadModule("resolve/service-worker"), {
    data: {
      ...(options.service ?? { progress: process.stderr.isTTY ? "line" : "none" }),
      refresh: options.refresh || update !== false,
    } satisfies ResolveServiceData,
  });
  if (options.expectsQuestions && !frozen) bridge.start();
  const projects = update === false ? undefined : update;
  return {
    lock,
    debian: debianRequests({ lock, bridge, frozen, update: update === true }),
    python: pythonRequests({
      lock,
      bridge,
      frozen,
      update: projects,
      folder: options.folder ?? dirname(lockPath),
    }),
    r: rRequests({ lock, bridge, frozen, update: update === true }),
    cpython: cpythonRequests({ lock, bridge, frozen, update: update === true }),
    close: () => bridge.close(),
  };
}
