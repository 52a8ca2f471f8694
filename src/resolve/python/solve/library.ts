/**
 * What has been learned from the index: projects and metadata, each asked for once, and ahead of time where it is likely
 * to be needed. While the solver decides one package after the other, the library goes through the tree of the likely
 * candidates' dependencies on its own, so that a cold solve waits for the depth of the tree and not for its size.
 */
import { CopseError, isCopseError } from "#base";
import { type CoreMetadata, groupByVersion, type NormalizedName, type Requirement } from "#format/python";
import { intersectionOf } from "../../pubgrub/mod.ts";
import { Candidate, type CandidateRules } from "./candidates.ts";
import { demandsOf } from "./demands.ts";
import type { FileVersions, IndexFile, PackageIndex } from "./package-index.ts";
import { type DirectCandidate, Project } from "./project.ts";
import type { Reason } from "./reason.ts";
import type { PreparedRequest } from "./request.ts";

/** Metadata, or why a file has none that could be used: that file is then passed over. */
export type Described =
  | { readonly kind: "metadata"; readonly metadata: CoreMetadata }
  | { readonly kind: "faulty"; readonly problem: string };

/** Faults of a single file. Anything else (no network, a refused login) concerns the whole solve and ends it. */
const FILE_FAULTS: ReadonlySet<string> = new Set([
  "metadata-mismatch",
  "python-marker-undefined",
  "python-metadata-invalid",
  "python-name-invalid",
  "python-requirement-invalid",
  "python-specifier-invalid",
  "python-version-invalid",
  "sdist-invalid",
  "wheel-invalid",
  "zip-duplicate",
  "zip-encrypted",
  "zip-invalid",
  "zip-method",
  "zip-path",
  "zip-too-large",
]);

export class Library<F extends IndexFile> {
  readonly #index: PackageIndex<F>;
  readonly #request: PreparedRequest;
  readonly #signal: AbortSignal | undefined;
  readonly #projects = new Map<NormalizedName, Project<F> | Promise<Project<F>>>();
  readonly #described = new Map<string, Described | Promise<Described>>();
  readonly #demands = new WeakMap<CoreMetadata, Map<string, readonly Requirement[]>>();
  readonly #expected = new Set<string>();
  readonly #seen = new WeakSet<Requirement>();
  readonly #urls = new Map<NormalizedName, Set<string>>();
  readonly #untimed = new Set<NormalizedName>();
  readonly #faults = new Set<string>();
  #isClosed = false;

  constructor(index: PackageIndex<F>, request: PreparedRequest, signal?: AbortSignal) {
    this.#index = index;
    this.#request = request;
    this.#signal = signal;
  }

  /** Ends what runs ahead. Called when the solve is over. */
  close(): void {
    this.#isClosed = true;
  }

  /** A URL that turned up among the dependencies. The project is made anew with it, so the solve has to start again. */
  addUrl(name: NormalizedName, url: string): void {
    this.#urls.set(name, (this.#urls.get(name) ?? new Set()).add(url));
    this.#projects.delete(name);
    for (const key of this.#described.keys()) if (key.startsWith(`${name} `)) this.#described.delete(key);
  }

  project(name: NormalizedName): Project<F> | Promise<Project<F>> {
    const known = this.#projects.get(name);
    if (known) return known;
    const loading = this.#load(name);
    this.#projects.set(name, loading);
    if (loading instanceof Promise)
      loading.then(
        (loaded) => this.#projects.set(name, loaded),
        () => {},
      );
    return loading;
  }

  /** Projects of which `exclude-newer` left out files that have no time, sorted. */
  untimed(): readonly NormalizedName[] {
    return [...this.#untimed].sort();
  }

  /** A version turned out to be unusable, which its file had not said. */
  passOver(name: NormalizedName, ordinal: number, reason: Reason): void {
    const project = this.loaded(name);
    project.rule(ordinal, reason);
    if (reason.kind === "metadata")
      this.#faults.add(`${name} ${project.label(ordinal)} is passed over: ${reason.problem}`);
  }

  /** What the user should hear of versions that were passed over, sorted. */
  faults(): readonly string[] {
    return [...this.#faults].sort();
  }

  /** One that has been loaded. */
  loaded(name: NormalizedName): Project<F> {
    const project = this.#projects.get(name);
    if (!project || project instanceof Promise) throw new Error(`Not loaded: ${name}`);
    return project;
  }

  describe(project: Project<F>, ordinal: number): Described | Promise<Described> {
    const key = `${project.name} ${ordinal}`;
    const known = this.#described.get(key);
    if (known) return known;
    const described = this.#read(project, ordinal);
    this.#described.set(key, described);
    if (described instanceof Promise)
      described.then(
        (settled) => this.#described.set(key, settled),
        () => {},
      );
    return described;
  }

  /** What a version demands here, by itself or by an extra. Throws `python-marker-undefined`. */
  demands(metadata: CoreMetadata, extra: NormalizedName | undefined): readonly Requirement[] {
    const known = this.#demands.get(metadata) ?? new Map<string, readonly Requirement[]>();
    this.#demands.set(metadata, known);
    let demands = known.get(extra ?? "");
    if (!demands) {
      demands = demandsOf(metadata, extra, this.#request);
      known.set(extra ?? "", demands);
    }
    return demands;
  }

  /** Fetches, in the background, what these requirements will probably lead to. */
  expect(requirements: readonly Requirement[]): void {
    for (const requirement of requirements) {
      if (this.#seen.has(requirement)) continue;
      this.#seen.add(requirement);
      const key = `${requirement.name}[${requirement.extras}] ${requirement.specifiers ?? ""} ${requirement.url ?? ""}`;
      if (this.#isClosed || this.#expected.has(key)) continue;
      this.#expected.add(key);
      // What fails here fails again, and is told, when the solver comes to need it.
      this.#follow(requirement).catch(() => {});
    }
  }

  async #follow({ name, extras, specifiers }: Requirement): Promise<void> {
    const project = await this.project(name);
    if (this.#isClosed) return;
    const limits = project.setOf(this.#request.limits(name));
    const ordinal = project.best(intersectionOf(project.setOf(specifiers), limits), () => {});
    if (ordinal === undefined) return;
    const described = await this.describe(project, ordinal);
    if (described.kind === "faulty") return;
    for (const extra of [undefined, ...extras]) this.expect(this.demands(described.metadata, extra));
  }

  #load(name: NormalizedName): Project<F> | Promise<Project<F>> {
    const own = this.#request.urls(name);
    const urls = [...new Set([...own, ...(this.#urls.get(name) ?? [])])];
    // A URL in the request says where the project is to be had: no index is asked for it.
    const versions = own.length > 0 ? undefined : this.#versions(name);
    if (urls.length === 0 && !(versions instanceof Promise)) return this.#make(name, versions, []);
    const direct = Promise.all(urls.map((url) => this.#direct(name, url, own.includes(url))));
    return Promise.all([versions, direct]).then(([listed, found]) => this.#make(name, listed, found));
  }

  #versions(name: NormalizedName): FileVersions<F> | undefined | Promise<FileVersions<F> | undefined> {
    if (this.#index.versions) return this.#index.versions(name, this.#signal);
    const files = this.#index.files(name, this.#signal);
    if (files instanceof Promise) return files.then((listed) => listed && groupByVersion(listed, name));
    return files && groupByVersion(files, name);
  }

  async #direct(name: NormalizedName, url: string, isOwn: boolean): Promise<DirectCandidate<F>> {
    if (!this.#index.direct)
      throw new CopseError(
        "python-url-refused",
        `Requirement names a URL, which nothing here can fetch: \`${url}\``,
      );
    const file = await this.#index.direct(name, url, { isOwn, signal: this.#signal });
    const tags = /-([^-]+-[^-]+-[^-]+)\.whl$/.exec(file.file)?.[1];
    if (tags !== undefined && this.#request.target.rankOf(tags) === undefined) {
      const { python, system } = this.#request.target.platform;
      throw new CopseError(
        "python-url-wheel",
        `Wheel (${tags}) is not for Python ${python} on ${system}: \`${name} @ ${url}\``,
        { hint: "name one that is, or an sdist; or say by a marker where it is wanted" },
      );
    }
    const metadata = await this.#index.metadata(file, this.#signal);
    return { url, file, version: metadata.version };
  }

  #make(
    name: NormalizedName,
    versions: FileVersions<F> | undefined,
    direct: readonly DirectCandidate<F>[],
  ): Project<F> {
    const request = this.#request;
    const { existing, excludedFiles } = this.#existing(name, versions ?? []);
    const { strategy = "highest" } = request.settings;
    const rules: CandidateRules = {
      name,
      target: request.target,
      settings: request.settings,
      mayBeYanked: (version) => request.mayBeYanked(name, version),
      asksForPrereleases: request.asksForPrereleases(name),
    };
    return new Project({
      rules,
      // Files whose names say no version are nobody's candidates.
      candidates: versions && existing.filter(({ text }) => text !== "").map((one) => new Candidate(one)),
      direct,
      excludedFiles,
      preferred: request.preferred(name),
      lowest: strategy === "lowest" || (strategy === "lowest-direct" && request.asksFor(name)),
    });
  }

  /** Without those that `exclude-newer` leaves out; with it alone, every file has to be looked at. */
  #existing(
    name: NormalizedName,
    versions: FileVersions<F>,
  ): { readonly existing: FileVersions<F>; readonly excludedFiles: number } {
    const { excludedFrom } = this.#request;
    if (excludedFrom === undefined) return { existing: versions, excludedFiles: 0 };
    let excludedFiles = 0;
    const existing = versions.flatMap(({ text, files }) => {
      if (files.some(({ uploadTime }) => uploadTime === undefined)) this.#untimed.add(name);
      const kept = files.filter(
        ({ uploadTime }) => uploadTime !== undefined && Date.parse(uploadTime) < excludedFrom,
      );
      excludedFiles += files.length - kept.length;
      return kept.length > 0 ? [{ text, files: kept }] : [];
    });
    return { existing, excludedFiles };
  }

  #read(project: Project<F>, ordinal: number): Described | Promise<Described> {
    const choice = project.choice(ordinal);
    if (choice.kind === "unavailable") throw new Error(`Nothing to read of ${project.name}`);
    try {
      const metadata = this.#index.metadata(choice.file, this.#signal);
      if (metadata instanceof Promise) return metadata.then(describedBy, faultOf);
      return describedBy(metadata);
    } catch (error) {
      return faultOf(error);
    }
  }
}

function describedBy(metadata: CoreMetadata): Described {
  return { kind: "metadata", metadata };
}

function faultOf(error: unknown): Described {
  if (isCopseError(error) && FILE_FAULTS.has(error.code)) return { kind: "faulty", problem: error.message };
  throw error;
}
