/**
 * All indexes that a source means: those of the suite, of its pockets and of further repositories, current ones or
 * those that a lock's answers were taken from, each with what pins may ask of it.
 */
import { CopseError } from "#base";
import { debianArchitecture } from "#fetch";
import type { LockedRelease } from "../../lock-schema.ts";
import { basesOf, type SuiteName } from "../archive/bases.ts";
import { isoDate } from "../archive/release.ts";
import { type DebianServices, type OpenedRelease, openRelease } from "../archive/repository.ts";
import { DEFAULT_PRIORITY, type IndexFacts, usesHosts } from "../solve/pins.ts";
import type { IndexSource } from "../solve/universe.ts";
import type { DebianSource } from "../source.ts";
import { type OpenedIndex, openCachedIndex, openIndexes, readSources } from "./indexes.ts";

/** A suite with the components that are wanted of it; none where it is a path. */
interface WantedSuite extends SuiteName {
  readonly components: readonly string[];
}

export interface OpenedSuite {
  readonly releases: readonly LockedRelease[];
  readonly indexes: readonly IndexSource[];
}

export interface OpenSuiteOptions {
  /** The Releases that the lock has: an older one does not take their place. */
  readonly seen?: readonly LockedRelease[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Security updates have an archive of their own. */
export function wantedSuites(source: DebianSource): WantedSuite[] {
  const { suite, pockets = [], snapshot, repositories = [] } = source;
  const components = [...new Set(source.components ?? ["main"])].sort();
  const names = [...new Set(pockets)].sort().map((pocket) => ({
    archive: pocket === "security" ? "debian-security" : "debian",
    suite: `${suite}-${pocket}`,
    ...{ snapshot, components },
  }));
  const further = repositories.map((repository) => ({
    ...{ archive: repository.name, suite: repository.suite, snapshot: repository.snapshot, repository },
    components: [...new Set(repository.components)].sort(),
  }));
  return [{ archive: "debian", suite, snapshot, components }, ...names, ...further];
}

/**
 * The current indexes. Throws `release-replayed` and what opening throws.
 */
export async function openCurrent(
  services: DebianServices,
  source: DebianSource,
  options: OpenSuiteOptions,
): Promise<OpenedSuite> {
  const { seen = [], signal } = options;
  const architecture = debianArchitecture(source.system);
  const opened = await Promise.all(
    wantedSuites(source).map(async (wanted) => {
      const found = await openRelease(services, wanted, signal);
      const { components } = wanted;
      checkReplay(wanted, isoDate(found.release.dateMs), seen);
      const indexes = await openIndexes(services, found, { components, architecture, signal });
      const release = lockedRelease(wanted, found, indexes);
      const host = hostOf(found.bases[0]?.uri ?? "");
      const facts = factsOf(release, { wanted, host, architecture });
      return { release, sources: withFacts(indexes, facts) };
    }),
  );
  return {
    releases: opened.map(({ release }) => release),
    indexes: opened.flatMap(({ sources }) => sources),
  };
}

/** The indexes that the lock's answers were taken from, where this machine still has all of them. */
export async function openLocked(
  services: DebianServices,
  source: DebianSource,
  releases: readonly LockedRelease[],
): Promise<OpenedSuite | undefined> {
  const wanted = wantedSuites(source);
  if (wanted.length !== releases.length) return undefined;
  const architecture = debianArchitecture(source.system);
  const opened = await Promise.all(
    releases.map(async (release, at) => {
      const found = await Promise.all(
        release.indexes.map((sha256) => openCachedIndex(services, release.archive, sha256)),
      );
      const indexes = found.filter((one) => one !== undefined);
      if (indexes.length === 0 || indexes.length !== release.indexes.length) return undefined;
      const suite = wanted[at] as WantedSuite;
      const host = usesHosts(source.pins ?? []) ? await firstHost(services, suite) : "";
      const facts = factsOf(release, { wanted: suite, host, architecture });
      return withFacts(indexes, facts);
    }),
  );
  const indexes = opened.filter((one) => one !== undefined);
  return indexes.length === releases.length ? { releases, indexes: indexes.flat() } : undefined;
}

/** An index of source packages, as it is. */
export interface SourcesText {
  readonly archive: string;
  /** Of its Release. */
  readonly date: string;
  readonly text: Buffer;
  readonly subject: string;
}

/** The current indexes of source packages. Throws as `openCurrent` does. */
export async function openSources(
  services: DebianServices,
  source: DebianSource,
  options: OpenSuiteOptions,
): Promise<{ readonly texts: readonly SourcesText[]; readonly releases: readonly LockedRelease[] }> {
  const { seen = [], signal } = options;
  const opened = await Promise.all(
    wantedSuites(source).map(async (wanted) => {
      const found = await openRelease(services, wanted, signal);
      checkReplay(wanted, isoDate(found.release.dateMs), seen);
      const release = lockedRelease(wanted, found, []);
      const texts = await readSources(services, found, { components: wanted.components, signal });
      return { release, texts: texts.map((text) => ({ ...text, date: release.date })) };
    }),
  );
  return {
    texts: opened.flatMap(({ texts }) => texts),
    releases: opened.map(({ release }) => release),
  };
}

function lockedRelease(
  wanted: WantedSuite,
  { release, isTrusted }: OpenedRelease,
  indexes: readonly OpenedIndex[],
): LockedRelease {
  const { archive, suite, repository } = wanted;
  const { origin, label, codename, version, dateMs } = release;
  const priority = repository?.priority ?? release.priority;
  return {
    ...{ archive, suite, origin, label, codename, version, date: isoDate(dateMs) },
    indexes: indexes.map(({ sha256 }) => sha256),
    ...(release.suite !== suite && { alias: release.suite }),
    ...(priority !== DEFAULT_PRIORITY && { priority }),
    ...(isTrusted && { trusted: true as const }),
  };
}

function checkReplay(wanted: SuiteName, date: string, seen: readonly LockedRelease[]): void {
  const before = seen.find(({ archive, suite }) => archive === wanted.archive && suite === wanted.suite);
  if (!before || before.date <= date) return;
  throw new CopseError(
    "release-replayed",
    `Release of ${date} is older than that of ${before.date} in the lock: \`${wanted.archive}/${wanted.suite}\``,
    {
      hint: "the mirror is behind, or something on the way serves what is old; ask another mirror, or wait until this one has caught up",
    },
  );
}

interface FactsContext {
  readonly wanted: WantedSuite;
  readonly host: string;
  readonly architecture: string;
}

/** By the number of an index among those of its Release, in the order in which `openIndexes` gives them. */
function factsOf(
  release: LockedRelease,
  { wanted, host, architecture }: FactsContext,
): (at: number) => IndexFacts {
  const { components } = wanted;
  const perComponent = Math.max(1, Math.floor(release.indexes.length / Math.max(1, components.length)));
  return (at) => ({
    suite: release.alias ?? release.suite,
    ...{ codename: release.codename, origin: release.origin, label: release.label, version: release.version },
    component: components[Math.floor(at / perComponent)] ?? "",
    ...{ architecture, host, priority: release.priority ?? DEFAULT_PRIORITY },
  });
}

function withFacts(indexes: readonly OpenedIndex[], facts: (at: number) => IndexFacts): IndexSource[] {
  return indexes.map(({ archive, index }, at) => ({ archive, index, facts: facts(at) }));
}

async function firstHost(services: DebianServices, name: SuiteName): Promise<string> {
  return hostOf((await basesOf(services, name))[0]?.uri ?? "");
}

function hostOf(uri: string): string {
  return URL.parse(uri)?.hostname ?? "";
}
