/**
 * What packages are asked for from: a suite, its pockets, further repositories, and how they are preferred.
 *
 * A source is stated by an expression and is the same on every machine. The lock files answers under a source's key:
 *
 *     bookworm                                   the suite's main component
 *     bookworm+security+updates:contrib,main     with pockets and other components
 *     bookworm@20240301T000000Z                  as it was on that day
 *     bookworm/3f9c01ab52de                      with further repositories or pins; the digest is of the
 *                                                statement that stands in the section
 *
 * The statement has no hosts: it names repositories, and the hash of the key that must have signed them.
 */
import { createHash } from "node:crypto";
import { type ByteString, bytesFromByteString, CopseError } from "#base";
import { checkSnapshot } from "#fetch";
import { isDebianArchive } from "./archive/archive-keys.ts";
import { checkPin, type PinStatement } from "./solve/pins.ts";

/** Which packages a request may be answered with. */
export interface DebianSource {
  /** `bookworm`, `trixie`. */
  readonly suite: string;
  /** `security`, `updates`, `backports`; none by default, so that answers move with point releases only. */
  readonly pockets?: readonly string[] | undefined;
  /** `main` by default. */
  readonly components?: readonly string[] | undefined;
  /** The day to go back to, such as `20240301T000000Z`. */
  readonly snapshot?: string | undefined;
  readonly repositories?: readonly StatedRepository[] | undefined;
  readonly pins?: readonly PinStatement[] | undefined;
  /** Nix's word (`x86_64-linux`) or Debian's (`amd64`). */
  readonly system: string;
}

/** A repository beside the suite, as an expression states it. */
export interface StatedRepository {
  /** What the lock and fetches call it. */
  readonly name: string;
  /** Empty: the machine's configuration knows where an archive of this name is. */
  readonly uris: readonly string[];
  readonly suite: string;
  /** Empty for a suite that is a path. */
  readonly components: readonly string[];
  /** The public key that signs it, armoured or binary. */
  readonly key?: ByteString | undefined;
  /** Taken without a signature. */
  readonly trusted: boolean;
  /** 500, or what the repository says of itself, where it is not stated. */
  readonly priority?: number | undefined;
  readonly snapshot?: string | undefined;
}

/** What a lock's section says of where its answers are from, beyond what its name says. */
export interface SourceStatement {
  readonly repositories: readonly RepositoryStatement[];
  readonly pins: readonly PinStatement[];
}

export interface RepositoryStatement {
  readonly name: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** SHA-256 of the key's file. */
  readonly key?: string | undefined;
  readonly trusted?: true | undefined;
  readonly priority?: number | undefined;
  readonly snapshot?: string | undefined;
}

/** Throws `suite-invalid`, `snapshot-invalid`, `repository-invalid`, `pin-invalid`. */
export function suiteKey(source: Omit<DebianSource, "system">): string {
  const { suite, pockets = [], components = ["main"], snapshot } = source;
  const parts = [suite, ...new Set(pockets)];
  for (const part of [...parts, ...components])
    if (!/^[a-z0-9][a-z0-9.-]{0,60}$/.test(part))
      throw new CopseError(
        "suite-invalid",
        `Name of a suite, pocket or component is malformed: \`${part.slice(0, 100)}\``,
      );
  const sorted = [suite, ...[...new Set(pockets)].sort()].join("+");
  const list = [...new Set(components)].sort().join(",");
  const day = snapshot === undefined ? "" : `@${checkSnapshot(snapshot)}`;
  const statement = sourceStatement(source);
  const digest = statement ? `/${statementDigest(statement)}` : "";
  return `${list === "main" ? sorted : `${sorted}:${list}`}${day}${digest}`;
}

/** Undefined where the suite's name says all. */
export function sourceStatement(source: Omit<DebianSource, "system">): SourceStatement | undefined {
  const { repositories = [], pins = [] } = source;
  if (repositories.length === 0 && pins.length === 0) return undefined;
  const names = repositories.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalidRepository(twice, "Two repositories have the same name");
  return { repositories: repositories.map(repositoryStatement), pins: pins.map(checkPin) };
}

export function statementDigest(statement: SourceStatement): string {
  return createHash("sha256").update(JSON.stringify(statement)).digest("hex").slice(0, 12);
}

function repositoryStatement(repository: StatedRepository): RepositoryStatement {
  const { name, suite, components, key, trusted, priority, snapshot, uris } = checkRepository(repository);
  if (key === undefined && !trusted && uris.length > 0)
    throw new CopseError(
      "repository-unsigned",
      `Repository has no key that must have signed it: \`${name}\``,
      {
        hint: "keep its public key with the project and name it: signedBy = ./key.asc; or state `trusted = true` to take what comes, unchecked",
      },
    );
  return {
    ...{ name, suite, components },
    ...(key !== undefined && { key: createHash("sha256").update(bytesFromByteString(key)).digest("hex") }),
    ...(trusted && { trusted }),
    ...(priority !== undefined && { priority }),
    ...(snapshot !== undefined && { snapshot: checkSnapshot(snapshot) }),
  };
}

function checkRepository(repository: StatedRepository): StatedRepository {
  const { name, suite, components, priority } = repository;
  if (!/^[a-z0-9][a-z0-9.+-]{0,60}$/.test(name))
    throw invalidRepository(name, "Name of a repository is not of small letters, digits and `.+-`");
  if (isDebianArchive(name))
    throw invalidRepository(name, "A repository cannot have the name of Debian's own archive", {
      hint: "which suite of Debian is taken says config.debian.suite; where its mirrors are says the machine's configuration",
    });
  const parts = suite.replace(/\/+$/, "").split("/");
  const isPlain = parts.every((part) => /^[A-Za-z0-9._~+-]*$/.test(part) && part !== "..");
  if (suite === "" || suite.length > 200 || !isPlain)
    throw invalidRepository(suite, `Suite of the repository ${name} is malformed`);
  if (components.some((one) => !/^[A-Za-z0-9][A-Za-z0-9._/-]{0,60}$/.test(one)))
    throw invalidRepository(components.join(" "), `Component of the repository ${name} is malformed`);
  if (suite.endsWith("/") ? components.length > 0 : components.length === 0)
    throw invalidRepository(suite, `Repository ${name} needs components, or else a suite that is a path`, {
      hint: 'components = [ "main" ]; or suite = "./" for a repository without `dists`',
    });
  if (
    priority !== undefined &&
    (!Number.isInteger(priority) || Math.abs(priority) > 32_767 || priority === 0)
  )
    throw invalidRepository(String(priority), `Priority of the repository ${name} is no whole number but 0`);
  return repository;
}

function invalidRepository(value: string, message: string, options: { hint?: string } = {}): CopseError {
  return new CopseError("repository-invalid", `${message}: \`${value.slice(0, 200)}\``, options);
}
