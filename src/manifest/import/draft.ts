/**
 * What a copse.toml will say that is put together from other files. Readers add to it, in any order; `finish-draft.ts`
 * settles what they disagree in, and `write/manifest-text.ts` writes it down.
 */
import { normaliseName, type Specifiers } from "#format/python";
import { Findings, type Place } from "./findings.ts";

/** One package of Python, in the parts that copse.toml has for it. */
export interface DraftPackage {
  /** In any spelling. */
  readonly name: string;
  readonly extras: readonly string[];
  /** PEP 440, empty for any. */
  readonly version: string;
  /** PEP 508. */
  readonly marker?: string | undefined;
  readonly url?: string | undefined;
  readonly git?: string | undefined;
  readonly rev?: string | undefined;
  readonly subdirectory?: string | undefined;
  /** Relative to copse.toml. */
  readonly path?: string | undefined;
  readonly editable?: boolean | undefined;
  /** A name in `indexes`. */
  readonly index?: string | undefined;
  readonly place: Place;
}

export interface DraftPin {
  readonly package: string;
  readonly version: string;
}

export interface WantedPython {
  readonly specifiers: Specifiers;
  /** As it was written. */
  readonly text: string;
  /** Whether one version is meant, and not those that a library can live with. */
  readonly isExact: boolean;
  readonly place: Place;
}

/** A version that some lock file has for a package. */
export interface LockedVersion {
  readonly name: string;
  readonly version: string;
  /** Where it counts, if there are several of the package. */
  readonly marker?: string | undefined;
  readonly place: Place;
}

export interface DraftBuild {
  readonly requires: string[];
  readonly settings: Map<string, string>;
}

/** The packages that stand in no group. */
export const MAIN_GROUP = "";

export class Draft {
  readonly findings = new Findings();
  /** Files that were read, as shown. */
  readonly files: string[] = [];
  name: string | undefined;
  description: string | undefined;
  suite: { readonly name: string; readonly place: Place } | undefined;
  readonly system = new Set<string>();
  readonly pins: DraftPin[] = [];
  readonly pythons: WantedPython[] = [];
  usesPython = false;
  readonly groups = new Map<string, DraftPackage[]>();
  readonly defaultGroups = new Set<string>();
  /** Names of PyPI that nobody has looked for. */
  readonly guessed = new Set<string>();
  readonly constraints = new Map<string, Place>();
  readonly overrides = new Map<string, Place>();
  readonly locked: LockedVersion[] = [];
  /** Packages without an exact version, by the file that asks for them. */
  readonly loose = new Map<string, { readonly name: string; readonly place: Place }[]>();
  readonly indexes = new Map<string, string>();
  prereleases: "allow" | "disallow" | "if-necessary" | undefined;
  resolution: "highest" | "lowest" | "lowest-direct" | undefined;
  excludeNewer: string | undefined;
  readonly onlyBinary = new Set<string>();
  readonly noBinary = new Set<string>();
  readonly builds = new Map<string, DraftBuild>();
  usesR = false;
  readonly r = new Map<string, string>();
  snapshot: string | undefined;
  readonly variables = new Map<string, string>();
  readonly tasks = new Map<string, string | readonly string[]>();
  readonly #aliases = new Map<string, string>();
  readonly #known = new Set<string>();

  /** Adds a package, once for each way in which it is asked for. */
  add(wanted: DraftPackage, group: string = MAIN_GROUP): void {
    this.usesPython = true;
    const packages = this.groups.get(group) ?? [];
    this.groups.set(group, packages);
    const key = packageKey(wanted);
    const sameName = packages.filter((one) => normaliseName(one.name) === normaliseName(wanted.name));
    if (sameName.some((one) => packageKey(one) === key)) return;
    const origin = originOf(wanted);
    const other = sameName.find((one) => originOf(one) !== origin && one.marker === wanted.marker);
    if (other && origin !== "" && originOf(other) !== "") {
      this.findings.lose(
        wanted.place,
        `\`${wanted.name}\` is taken from another place already: ${originOf(other)}`,
      );
      return;
    }
    packages.push(wanted);
  }

  build(name: string): DraftBuild {
    const known = this.builds.get(name);
    if (known) return known;
    const made = { requires: [], settings: new Map<string, string>() };
    this.builds.set(name, made);
    return made;
  }

  /** What another tool's name for an index is here; it may be none of `indexes`. */
  indexName(name: string): string {
    return this.#aliases.get(indexName(name)) ?? indexName(name);
  }

  /** Indexes that this machine's pip asks anyway. */
  knowIndexes(urls: readonly string[]): void {
    for (const url of urls) this.#known.add(bareUrl(url));
  }

  /** The name under which an index stands in copse.toml; undefined for one that is asked anyway. */
  index(url: string, preferred?: string): string | undefined {
    if (this.#known.has(bareUrl(url)) || (preferred !== undefined && indexName(preferred) === PUBLIC_INDEX))
      return undefined;
    const name =
      [...this.indexes].find(([, known]) => bareUrl(known) === bareUrl(url))?.[0] ??
      this.#freeName(url, preferred);
    this.indexes.set(name, url);
    if (preferred !== undefined) this.#aliases.set(indexName(preferred), name);
    return name;
  }

  #freeName(url: string, preferred: string | undefined): string {
    const base = indexName(preferred ?? nameOfUrl(url));
    for (let count = 1; ; count++) {
      const name = count === 1 ? base : `${base}-${count}`;
      if (!this.indexes.has(name)) return name;
    }
  }
}

/** The name that tools have for the public index, for which pip's configuration stands here. */
export const PUBLIC_INDEX = "pypi";

function bareUrl(url: string): string {
  return url.replace(/\/+$/, "");
}

function packageKey({ place: _, name, ...rest }: DraftPackage): string {
  return JSON.stringify([normaliseName(name), Object.entries(rest).sort()]);
}

function originOf({ url, git, path }: DraftPackage): string {
  return url ?? git ?? path ?? "";
}

/** Names of indexes stand in copse.lock, which allows small letters, digits and dashes. */
export function indexName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" ? "index" : name.slice(0, 60);
}

/** `https://wheels.lab.org/whl/cu121` is `lab-cu121`. */
function nameOfUrl(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return "index";
  const labels = parsed.hostname.split(".");
  const host = /^[0-9.]+$/.test(parsed.hostname) ? "index" : (labels.at(-2) ?? labels[0] ?? "index");
  const last = parsed.pathname
    .split("/")
    .filter((part) => part !== "" && part !== "simple")
    .at(-1);
  return last === undefined || last === host ? host : `${host}-${last}`;
}
