/**
 * Python packages for synchronous callers, as `debian-requests.ts` for Debian's: the lock is asked here, at once;
 * only what it does not answer goes to the service thread.
 */
import { CopseError } from "#base";
import type { Bridge } from "#fetch";
import type { Lock } from "./lock.ts";
import { addressesOf } from "./python/direct/address.ts";
import { originOfLocked, type PackageOrigin } from "./python/direct/origin.ts";
import type { PackageFinding } from "./python/lock/answers.ts";
import type { LockedPythonPackage } from "./python/lock/lock-schema.ts";
import { projectOf, pythonSection, questionKey } from "./python/lock/lock-schema.ts";
import { builtKey, type GivenMetadata } from "./python/requests/built-metadata.ts";
import {
  fileAddress,
  isWheelFile,
  lockRequestOf,
  type PythonPackage,
  type PythonRequest,
  type PythonResolution,
  type UnbuiltSdist,
} from "./python/requests/request.ts";

export interface PythonServiceRequest extends PythonRequest {
  readonly lockPath: string;
  /** Where relative addresses begin. */
  readonly folder: string;
  /** All versions anew, or those of these projects. */
  readonly update: true | readonly string[] | undefined;
}

export interface PythonHasRequest {
  readonly name: string;
  readonly settings: PythonRequest["settings"];
}

export interface PythonRequestsOptions {
  readonly lock: Lock;
  /** Where relative addresses begin. */
  readonly folder: string;
  readonly bridge: Bridge;
  readonly frozen: boolean;
  readonly update: true | readonly string[] | undefined;
}

export interface PythonRequests {
  /**
   * Each package after what it depends on; what is new stands in the lock's file when this returns. Where an sdist
   * must be built to know what it needs, `build` is asked to leave its metadata where the service finds it.
   */
  resolve(request: PythonRequest, build: (sdist: UnbuiltSdist) => void): readonly PythonPackage[];
  /** Whether there is such a project, in the lock or else in an index. */
  has(request: Omit<PythonRequest, "requirements">, name: string): boolean;
  /** Keeps the metadata of an sdist that was built for a request. */
  giveMetadata(request: PythonRequest, sdist: UnbuiltSdist, contents: Uint8Array): void;
  /** Keeps in the lock's file what was found out about a package. */
  recordFinding(of: Pick<PythonRequest, "python" | "system">, file: string, finding: PackageFinding): void;
  /** The same of libraries that a project at hand uses, and the Debian packages that have them. */
  recordLibraries(of: Pick<PythonRequest, "python" | "system">, found: ReadonlyMap<string, string>): void;
  /** Addresses of indexes that requests have stated, by name. */
  readonly indexes: ReadonlyMap<string, string>;
  /** Names that the lock has. */
  names(request: Omit<PythonRequest, "requirements">): readonly string[];
}

/** Bound on how many sdists one request has built for their metadata. */
const MAX_BUILDS = 500;

export function pythonRequests(options: PythonRequestsOptions): PythonRequests {
  const { lock, bridge, frozen, update, folder } = options;
  const updated = new Set<string>();
  const known = new Map<string, boolean>();
  const indexes = new Map<string, string>();
  const names = (request: Omit<PythonRequest, "requirements">): readonly string[] =>
    (lock.python.section(request)?.packages ?? []).map(({ name }) => name);
  return {
    names,
    indexes,
    giveMetadata({ python }, { sha256, origin }, contents) {
      const key = builtKey({ sha256, subdirectory: origin?.subdirectory, python });
      const given: GivenMetadata = { key, contents };
      bridge.call("givePythonMetadata", given);
    },
    recordFinding(of, file, finding) {
      if (frozen) return;
      lock.python.recordFinding(of, file, finding);
      lock.save();
    },
    recordLibraries(of, found) {
      if (frozen || found.size === 0) return;
      lock.python.recordLibraries(of, found);
      lock.save();
    },
    resolve(request, build) {
      for (const [name, url] of Object.entries(request.settings.indexes ?? {})) indexes.set(name, url);
      // An interpreter alone needs no index, nor a place in the lock.
      if (request.requirements.length === 0) return [];
      const wanted = lockRequestOf(request);
      const key = `${pythonSection(wanted)} ${questionKey(wanted)}`;
      const isUpdated = update !== undefined && !updated.has(key);
      const locked = isUpdated ? undefined : lock.python.answer(wanted);
      if (locked) return locked.map((one) => packageOf(one, folder));
      if (frozen) throw lockMissing(request);
      const call: PythonServiceRequest = { ...request, lockPath: lock.path, folder, update };
      for (let builds = 0; ; ) {
        const resolution = bridge.call<PythonResolution>("resolvePython", call);
        if (resolution.kind === "answer") break;
        builds += resolution.sdists.length;
        if (builds > MAX_BUILDS)
          throw new CopseError(
            "python-sdists",
            `Request has more than ${MAX_BUILDS} sdists built to know what they need`,
            {
              hint: 'onlyBinary = [ ":all:" ] leaves them out',
            },
          );
        for (const sdist of resolution.sdists) build(sdist);
      }
      updated.add(key);
      lock.reload();
      const answer = lock.python.answer(wanted);
      if (!answer) throw new Error("The service has not recorded its answer");
      return answer.map((one) => packageOf(one, folder));
    },
    has(request, name) {
      const project = projectOf(name);
      const key = JSON.stringify([project, request.settings]);
      const before = known.get(key);
      if (before !== undefined) return before;
      const found =
        names(request).includes(project) ||
        (!frozen && bridge.call<boolean>("pythonHas", { name: project, settings: request.settings }));
      known.set(key, found);
      return found;
    },
  };
}

function packageOf(one: LockedPythonPackage, folder: string): PythonPackage {
  const { name, version, file, size, sha256, dependencies, system } = one;
  const origin = one.origin && originOfLocked({ origin: one.origin, sha256 }, folder);
  return {
    ...{ name, version, file, sha256, dependencies, system, origin },
    kind: isWheelFile(file) ? "wheel" : "sdist",
    sizeBytes: size,
    urls: urlsOf(one, origin),
  };
}

/** A tree of a repository has none. */
function urlsOf(one: LockedPythonPackage, origin: PackageOrigin | undefined): readonly string[] {
  if (!origin) return [fileAddress(one)];
  const { address } = origin;
  return address === undefined ? [] : addressesOf({ ...one, address });
}

function lockMissing(request: PythonRequest): CopseError {
  // A login in an address is refused when it is solved, and shown nowhere.
  const wanted = request.requirements.join(" ").replace(/(:\/\/)[^/@\s]*@/g, "$1");
  return new CopseError(
    "lock-missing",
    `Lock has no answer for Python ${pythonSection(request)} to \`${wanted.slice(0, 400)}\``,
    { hint: "lock without --frozen first, and keep copse.lock with the project" },
  );
}
