/** The open lock's section "python": answers are looked up in it and recorded into it. */
import type { NormalizedName } from "#format/python";
import {
  type LockedPython,
  type LockedPythonPackage,
  type LockedPythonRequest,
  type PythonQuestion,
  pythonSection,
  questionKey,
} from "./lock-schema.ts";

export interface PythonLockRequest extends PythonQuestion {
  /** In Nix's words. */
  readonly system: string;
}

/** What is found out about a package after it was chosen. */
export type PackageFinding = Pick<LockedPythonPackage, "system" | "build">;

export class PythonAnswers {
  #sections = new Map<string, LockedPython>();
  readonly #asked = new Set<string>();
  /** Libraries that were asked for, by section. */
  readonly #askedLibraries = new Map<string, Set<string>>();

  /** All that is locked. */
  get data(): ReadonlyMap<string, LockedPython> {
    return this.#sections;
  }

  /** What was recorded and not saved is lost. */
  reset(sections: ReadonlyMap<string, LockedPython>): void {
    this.#sections = new Map(sections);
  }

  section(of: Pick<PythonLockRequest, "python" | "system">): LockedPython | undefined {
    return this.#sections.get(pythonSection(of));
  }

  /** The recorded answer, each package after what it depends on. */
  answer(request: PythonLockRequest): readonly LockedPythonPackage[] | undefined {
    this.#asked.add(askedKey(pythonSection(request), request));
    const key = questionKey(request);
    return this.section(request)?.requests.find((one) => questionKey(one) === key)?.answer;
  }

  record(request: PythonLockRequest, answer: readonly LockedPythonPackage[]): void {
    const key = questionKey(request);
    const others = this.section(request)?.requests.filter((one) => questionKey(one) !== key) ?? [];
    const { requirements, python, glibc, settings } = request;
    this.#set(pythonSection(request), [...others, { requirements, python, glibc, settings, answer }]);
  }

  /** Adds what was found out about the package that is this file. */
  recordFinding(
    of: Pick<PythonLockRequest, "python" | "system">,
    file: string,
    finding: PackageFinding,
  ): void {
    const section = this.section(of);
    if (!section) return;
    const requests = section.requests.map((request) => ({
      ...request,
      answer: request.answer.map((one) => (one.file === file ? { ...one, ...finding } : one)),
    }));
    this.#set(pythonSection(of), requests);
  }

  /** Which Debian package has a library that a project at hand uses, as far as it is locked. */
  library(of: Pick<PythonLockRequest, "python" | "system">, library: string): string | undefined {
    const key = pythonSection(of);
    this.#askedLibraries.set(key, (this.#askedLibraries.get(key) ?? new Set()).add(library));
    return this.#sections.get(key)?.libraries?.get(library);
  }

  recordLibraries(
    of: Pick<PythonLockRequest, "python" | "system">,
    found: ReadonlyMap<string, string>,
  ): void {
    const section = this.section(of);
    this.#set(pythonSection(of), section?.requests ?? [], new Map([...(section?.libraries ?? []), ...found]));
  }

  /**
   * Which versions to keep to when something new is asked for: those of the recorded request that has most in common
   * with it, and, of what that one lacks, those of the others.
   */
  preferences(request: PythonLockRequest): Map<NormalizedName, string> {
    const wanted = new Set(request.requirements);
    const likeness = (one: LockedPythonRequest) =>
      one.requirements.filter((requirement) => wanted.has(requirement)).length;
    const requests = [...(this.section(request)?.requests ?? [])].sort((a, b) => likeness(a) - likeness(b));
    return new Map(requests.flatMap(({ answer }) => answer.map(({ name, version }) => [name, version])));
  }

  /** Drops what was not asked for since the lock was opened, of the sections that are meant. */
  prune(isMeant: (section: string) => boolean = () => true): void {
    for (const [key, { requests, libraries = [] }] of [...this.#sections].filter(([section]) =>
      isMeant(section),
    ))
      this.#set(
        key,
        requests.filter((one) => this.#asked.has(askedKey(key, one))),
        new Map([...libraries].filter(([library]) => this.#askedLibraries.get(key)?.has(library))),
      );
  }

  #set(
    key: string,
    requests: readonly LockedPythonRequest[],
    libraries: ReadonlyMap<string, string> = this.#sections.get(key)?.libraries ?? new Map(),
  ): void {
    const packages = new Map<string, LockedPythonPackage>();
    for (const { answer } of requests)
      for (const one of answer) {
        const known = packages.get(one.file);
        // What was found out once holds for all requests with the same file.
        packages.set(one.file, known ? { ...known, ...withoutUndefined(one) } : one);
      }
    if (requests.length === 0 && libraries.size === 0) this.#sections.delete(key);
    else
      this.#sections.set(key, {
        ...(libraries.size > 0 && { libraries }),
        packages: [...packages.values()],
        requests: requests.map((request) => ({
          ...request,
          answer: request.answer.map((one) => packages.get(one.file) as LockedPythonPackage),
        })),
      });
  }
}

function withoutUndefined(one: LockedPythonPackage): LockedPythonPackage {
  const entries = Object.entries(one).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as LockedPythonPackage;
}

function askedKey(section: string, question: PythonQuestion): string {
  return `${section} ${questionKey(question)}`;
}
