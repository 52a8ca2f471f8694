/**
 * `copse.lock`, open: answers are looked up in it and recorded into it, and it is saved as a whole.
 *
 * What is recorded never takes away what other requests rely on. What no request of a session has asked for
 * stays until it is pruned, as another file of the project may ask for it.
 */
import { readFileSync } from "node:fs";
import { CopseError } from "#base";
import { debianArchitecture } from "#fetch";
import { CpythonAnswers } from "./cpython/lock.ts";
import { RAnswers } from "./cran/lock/answers.ts";
import type { SourceStatement } from "./debian/source.ts";
import { parseLock } from "./lock-reader.ts";
import type {
  LockedPackage,
  LockedRelease,
  LockedRequest,
  LockedSource,
  LockedSuite,
} from "./lock-schema.ts";
import { formatLock } from "./lock-writer.ts";
import { PythonAnswers } from "./python/lock/answers.ts";
import { writeLock } from "./write-lock.ts";

export interface LockRequest {
  /** `bookworm`, `bookworm+security`: see `suiteKey`. */
  readonly suite: string;
  /** In Debian's words. */
  readonly architecture: string;
  readonly names: readonly string[];
  /** What the suite's name has a digest of. */
  readonly source?: SourceStatement | undefined;
}

/** A section of the lock. */
export type LockSection = Pick<LockRequest, "suite" | "architecture" | "source">;

export interface LockAnswer {
  readonly packages: readonly LockedPackage[];
  readonly releases: readonly LockedRelease[];
}

export interface OpenLockOptions {
  /** What is missing is an error, and nothing is written. */
  readonly frozen?: boolean | undefined;
}

const MAX_LOCK_BYTES = 256 * 1024 * 1024;

/** A lock without a file is an empty one. Throws `lock-invalid`, `lock-version`, `lock-unreadable`. */
export function openLock(path: string, options: OpenLockOptions = {}): Lock {
  return new Lock(path, options);
}

/** Of contents at hand, which stay what they are: to look things up in. @throws CopseError `lock-invalid`, `lock-version`. */
export function lockOf(path: string, text: string): Lock {
  return new Lock(path, { frozen: true, text });
}

export class Lock {
  readonly path: string;
  readonly isFrozen: boolean;
  readonly python = new PythonAnswers();
  readonly r = new RAnswers();
  readonly cpython = new CpythonAnswers();
  /** By suite, then by architecture. */
  readonly #debian = new Map<string, Map<string, LockedSuite>>();
  readonly #asked = new Set<string>();
  /** What the file is known to hold. */
  #text = "";

  constructor(path: string, options: OpenLockOptions & { readonly text?: string } = {}) {
    this.path = path;
    this.isFrozen = options.frozen ?? false;
    if (options.text === undefined) this.reload();
    else this.#take(options.text);
  }

  /** Reads the file again, where another thread or process may have written it. What was not saved is lost. */
  reload(): void {
    const text = readLockFile(this.path);
    if (text !== this.#text) this.#take(text);
  }

  #take(text: string): void {
    const { debian, python, r, cpython } = parseLock(this.path, text);
    this.#text = text;
    this.python.reset(python);
    this.r.reset(r ?? new Map());
    this.cpython.reset(cpython ?? new Map());
    this.#debian.clear();
    for (const [suite, architectures] of debian) this.#debian.set(suite, new Map(architectures));
  }

  /** The recorded answer, in the order in which it is to be installed. */
  answer(request: LockRequest): LockAnswer | undefined {
    this.#asked.add(requestKey(request));
    const locked = this.suite(request);
    const wanted = namesKey(request.names);
    const found = locked?.requests.find((one) => namesKey(one.names) === wanted);
    return locked && found && { packages: found.answer, releases: locked.releases };
  }

  /** All that is locked, in order. */
  suites(): { readonly suite: string; readonly architecture: string; readonly locked: LockedSuite }[] {
    return [...this.#debian].flatMap(([suite, architectures]) =>
      [...architectures].map(([architecture, locked]) => ({ suite, architecture, locked })),
    );
  }

  /** Everything that is locked for a suite and an architecture. */
  suite(of: Pick<LockRequest, "suite" | "architecture">): LockedSuite | undefined {
    return this.#debian.get(of.suite)?.get(of.architecture);
  }

  /** Adds an answer beside the others; the releases must be those that they were taken from. */
  record(request: LockRequest, answer: LockAnswer): void {
    const before = this.suite(request);
    const wanted = namesKey(request.names);
    const others = before?.requests.filter((one) => namesKey(one.names) !== wanted) ?? [];
    const packages = mergePackages(before?.packages ?? [], answer.packages);
    const names = [...new Set(request.names)].sort();
    this.#set(request, {
      ...before,
      releases: answer.releases,
      packages,
      requests: [...others, { names, answer: answer.packages }],
    });
  }

  /** A locked source package, the newest one of its name where no version is given. */
  source(of: LockSection, name: string, version?: string): LockedSource | undefined {
    this.#asked.add(sourceRequestKey(of, name));
    return this.suite(of)?.sources?.find(
      (one) => one.name === name && (version === undefined || one.version === version),
    );
  }

  recordSource(of: LockSection, found: LockedSource, releases: readonly LockedRelease[]): void {
    const before = this.suite(of) ?? { releases, packages: [], requests: [] };
    const others = before.sources?.filter((one) => one.name !== found.name || one.version !== found.version);
    this.#set(of, { ...before, sources: [...(others ?? []), found] });
  }

  /** Puts new answers, taken from new releases, in the place of all there are. */
  replace(
    of: LockSection,
    next: {
      readonly releases: readonly LockedRelease[];
      readonly requests: readonly LockedRequest[];
      readonly sources?: readonly LockedSource[] | undefined;
    },
  ): void {
    const before = this.suite(of);
    this.#set(of, {
      ...(before?.sources && { sources: before.sources }),
      ...next,
      packages: mergePackages(
        [],
        next.requests.flatMap(({ answer }) => answer),
      ),
    });
  }

  /** Drops what was not asked for since the lock was opened; with a system, of what is for that one. */
  prune(system?: string): void {
    const words = system === undefined ? undefined : new Set([system, debianArchitecture(system)]);
    const isMeant = (section: string) =>
      words === undefined || section.split(" ").some((word) => words.has(word));
    for (const [suite, architectures] of [...this.#debian]) {
      for (const [architecture, locked] of [...architectures]) {
        if (!isMeant(architecture)) continue;
        const requests = locked.requests.filter(({ names }) =>
          this.#asked.has(requestKey({ suite, architecture, names })),
        );
        const sources = locked.sources?.filter(({ name }) =>
          this.#asked.has(sourceRequestKey({ suite, architecture }, name)),
        );
        if (requests.length === 0 && !sources?.length) architectures.delete(architecture);
        else
          this.replace(
            { suite, architecture, source: locked.source },
            { releases: locked.releases, requests, sources },
          );
      }
      if (architectures.size === 0) this.#debian.delete(suite);
    }
    this.python.prune(isMeant);
    this.r.prune(isMeant);
    this.cpython.prune(isMeant);
  }

  get isChanged(): boolean {
    return this.#format() !== this.#text;
  }

  /** Writes the file where it has changed; what others have written meanwhile stays. Throws `lock-frozen`, `lock-unwritable`. */
  save(): void {
    const text = this.#format();
    if (text === this.#text) return;
    if (this.isFrozen)
      throw new CopseError("lock-frozen", `Lock is frozen and would change: \`${this.path}\``);
    const written = writeLock(this.path, { base: this.#text, text });
    if (written === text) this.#text = text;
    else this.reload();
  }

  /** Of an empty lock, nothing: then no file is made. */
  #format(): string {
    const python = this.python.data;
    const r = this.r.data;
    const cpython = this.cpython.data;
    const isEmpty = [this.#debian, python, r, cpython].every(({ size }) => size === 0);
    return this.#text === "" && isEmpty ? "" : formatLock({ debian: this.#debian, python, r, cpython });
  }

  #set({ suite, architecture, source }: LockSection, locked: Omit<LockedSuite, "source">): void {
    const architectures = this.#debian.get(suite) ?? new Map<string, LockedSuite>();
    architectures.set(architecture, { ...locked, ...(source && { source }) });
    this.#debian.set(suite, architectures);
  }
}

function readLockFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return "";
    throw new CopseError("lock-unreadable", `Lock cannot be read: \`${path}\``, { cause: error });
  }
  if (text.length > MAX_LOCK_BYTES) throw new CopseError("lock-invalid", `Lock is too large: \`${path}\``);
  return text;
}

function mergePackages(first: readonly LockedPackage[], second: readonly LockedPackage[]): LockedPackage[] {
  const all = new Map<string, LockedPackage>();
  for (const one of [...first, ...second]) all.set(`${one.name}=${one.version}`, one);
  return [...all.values()];
}

function namesKey(names: readonly string[]): string {
  return [...new Set(names)].sort().join(" ");
}

function sourceRequestKey({ suite, architecture }: LockSection, name: string): string {
  return `${suite} ${architecture} source ${name}`;
}

function requestKey({ suite, architecture, names }: LockRequest): string {
  return `${suite} ${architecture} ${namesKey(names)}`;
}
