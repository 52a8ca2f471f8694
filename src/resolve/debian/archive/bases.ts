/**
 * Where a suite is asked for: the machine's mirrors of an archive, the addresses that an expression states for a
 * repository of its own, or a dated archive; and whose signature counts there.
 */
import { CopseError } from "#base";
import { type AptBase, checkUri, plainSource, SNAPSHOT_MARK } from "#fetch";
import type { StatedRepository } from "../source.ts";
import type { DebianServices } from "./repository.ts";

/** A suite of an archive: `bookworm` of `debian`, `bookworm-security` of `debian-security`. */
export interface SuiteName {
  readonly archive: string;
  readonly suite: string;
  /** The day to go back to. */
  readonly snapshot?: string | undefined;
  /** What an expression states of it, where it is no suite of Debian's. */
  readonly repository?: StatedRepository | undefined;
}

/** Not empty. Throws `apt-archive-unknown`, `snapshot-unconfigured`. */
export async function basesOf(services: DebianServices, name: SuiteName): Promise<readonly AptBase[]> {
  const { archive, suite, snapshot, repository } = name;
  const stated = repository ? statedBases(repository) : [];
  if (stated.length > 0) return stated;
  const bases =
    snapshot === undefined
      ? await services.archives.bases(archive, suite)
      : services.archives.datedBases(archive, snapshot);
  if (bases.length === 0) throw noDatedArchive(services, archive);
  return repository ? bases.map((base) => signedAs(base, repository)) : bases;
}

/** A repository's addresses, with its date in the place of the mark. */
export function repositoryUris({ uris, snapshot }: StatedRepository): readonly string[] {
  return snapshot === undefined ? uris : uris.map((uri) => uri.replaceAll(SNAPSHOT_MARK, snapshot));
}

function statedBases(repository: StatedRepository): AptBase[] {
  const place = `the repository ${repository.name}`;
  const isDated = repository.snapshot !== undefined;
  return repositoryUris(repository).map((text) => {
    const uri = checkUri(text, place);
    const options = isDated
      ? { ...plainSource.options, checkDate: false, checkValidUntil: false }
      : plainSource.options;
    const base: AptBase = { uri, source: { ...plainSource, uri, place, options }, isConfigured: true };
    return signedAs({ ...base, snapshot: repository.snapshot }, repository);
  });
}

/** The project's own key is what counts, if it has one. */
function signedAs(base: AptBase, { key, trusted }: StatedRepository): AptBase {
  if (key === undefined && !trusted) return base;
  const { source } = base;
  return {
    ...base,
    isConfigured: true,
    source: {
      ...source,
      signedBy: key === undefined ? [] : [{ kind: "inline", key }],
      options: { ...source.options, trusted: trusted || undefined },
    },
  };
}

function noDatedArchive(services: DebianServices, archive: string): CopseError {
  const file = services.archives.sources.files[0] ?? "config.toml";
  return new CopseError("snapshot-unconfigured", `No dated archive is configured for \`${archive}\``, {
    hint: `write where one is into ${file}, below [sources.snapshots]: ${archive} = "https://HOST/archive/${archive}/${SNAPSHOT_MARK}"`,
  });
}
