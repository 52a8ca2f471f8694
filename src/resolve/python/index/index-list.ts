/**
 * Which indexes are asked for a project, and in which order.
 *
 * The manifest's indexes come first, then pip's extra ones, then its main one. pip itself takes the best file of all of
 * them, so that whoever registers a private project's name in a public index with a higher version is installed; here a
 * project comes from the first index that has it, unless `strategy` is `merge`. An index of the manifest that some project
 * is pinned to is asked for such projects alone. What find-links names are files rather than an index: they are joined to
 * what the index has.
 */
import { CopseError } from "#base";
import { isOffline, type LoginUrl, type PipConfiguration, parseLoginUrl, showUrl } from "#fetch";
import { type NormalizedName, normaliseName } from "#format/python";

export interface IndexOverrides {
  /** Indexes of the manifest, name to address, in their order. */
  readonly indexes?: Readonly<Record<string, string>> | undefined;
  /** Projects that come from one of these indexes and from nowhere else. */
  readonly indexOf?: Readonly<Record<string, string>> | undefined;
  readonly strategy?: "first" | "merge" | undefined;
  /** In the place of pip's main index: one, or mirrors of each other. */
  readonly main?: readonly string[] | undefined;
}

export interface SimpleIndex {
  /** In the manifest; undefined for pip's. */
  readonly name: string | undefined;
  /** For messages: without a login. */
  readonly label: string;
  readonly url: URL;
  /** Asked where `url` cannot be. */
  readonly mirrors?: readonly SimpleIndex[];
}

export interface IndexChoice {
  readonly indexes: readonly SimpleIndex[];
  /** Whether find-links' files count too. */
  readonly withLinks: boolean;
}

/** The manifest's indexes. Throws `python-index-name`, `pip-url-invalid`. */
function manifestIndexes(overrides: IndexOverrides): ReadonlyMap<string, LoginUrl> {
  const entries = Object.entries(overrides.indexes ?? {}).map(([name, url]): [string, LoginUrl] => {
    if (!/^[a-z0-9][a-z0-9.-]{0,63}$/.test(name))
      throw new CopseError("python-index-name", `Name of an index is malformed: \`${name.slice(0, 80)}\``, {
        hint: "names of indexes have small letters, digits, dots and dashes",
      });
    return [name, parseLoginUrl(url, `the index ${name} of the manifest`)];
  });
  return new Map(entries);
}

/** All addresses, for the logins in them. */
export function indexAddresses(overrides: IndexOverrides): LoginUrl[] {
  return [...manifestIndexes(overrides).values(), ...mainAddresses(overrides)];
}

function mainAddresses({ main = [] }: IndexOverrides): LoginUrl[] {
  return main.map((url) => parseLoginUrl(url, "[sources] pypi"));
}

export class IndexList {
  readonly #pip: PipConfiguration;
  readonly #named: readonly SimpleIndex[];
  readonly #pins: ReadonlyMap<NormalizedName, string>;
  readonly #main: readonly LoginUrl[];

  constructor(pip: PipConfiguration, overrides: IndexOverrides) {
    this.#pip = pip;
    this.#named = [...manifestIndexes(overrides)].map(([name, { url }]) => ({ name, label: name, url }));
    this.#pins = new Map(
      Object.entries(overrides.indexOf ?? {}).map(([project, name]) => [normaliseName(project), name]),
    );
    this.#main = mainAddresses(overrides);
  }

  /** Throws `python-index-unknown`, `pip-no-index`, `pip-index-insecure`. */
  async choose(project: NormalizedName): Promise<IndexChoice> {
    const pin = this.#pins.get(project);
    if (pin !== undefined) return { indexes: [this.named(pin)], withLinks: false };
    const pinned = new Set(this.#pins.values());
    const general = this.#named.filter(({ name }) => !pinned.has(name as string));
    return { indexes: this.#check([...general, ...(await this.ofPip())]), withLinks: true };
  }

  /** Throws `python-index-unknown`. */
  named(name: string): SimpleIndex {
    const found = this.#named.find((index) => index.name === name);
    if (found) return this.#check([found])[0] as SimpleIndex;
    throw new CopseError("python-index-unknown", `No index has the name \`${name}\``, {
      hint: `name it below [python.indexes] of copse.toml; there ${
        this.#named.length === 0 ? "is none now" : `are ${this.#named.map((index) => index.name).join(", ")}`
      }`,
    });
  }

  async ofPip(): Promise<readonly SimpleIndex[]> {
    const [first, ...mirrors] = this.#main;
    const main = first ?? (await this.#pip.mainIndex());
    return [
      ...this.#pip.extraIndexes.map(unnamed),
      ...(main ? [{ ...unnamed(main), ...(mirrors.length > 0 && { mirrors: mirrors.map(unnamed) }) }] : []),
    ];
  }

  #check(indexes: readonly SimpleIndex[]): readonly SimpleIndex[] {
    const all = indexes.flatMap((one) => [one, ...(one.mirrors ?? [])]);
    const insecure = all.find(({ url }) => !this.#pip.routes.isSecure(url));
    if (!insecure) return indexes;
    throw new CopseError(
      "pip-index-insecure",
      `Index is spoken to without encryption: \`${showUrl(insecure.url)}\``,
      {
        hint: `use https, or trust the host in pip's configuration: trusted-host = ${insecure.url.hostname}`,
      },
    );
  }
}

function unnamed({ url }: LoginUrl): SimpleIndex {
  return { name: undefined, label: showUrl(url), url };
}

/** Asks an index, and where that fails its mirrors in their order; the first failure is what is thrown. */
export async function askMirrors<T>(index: SimpleIndex, ask: (one: SimpleIndex) => Promise<T>): Promise<T> {
  let failure: unknown;
  for (const one of [index, ...(index.mirrors ?? [])]) {
    try {
      return await ask(one);
    } catch (error) {
      if (!(error instanceof CopseError) || isOffline(error)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}
