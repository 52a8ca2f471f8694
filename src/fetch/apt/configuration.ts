/**
 * apt's configuration as a whole, read the way apt reads it but without running it: `$APT_CONFIG`, then
 * apt.conf.d, then apt.conf; the source lists; the keyrings; the logins. What apt knows by itself (defaults
 * of `Dir::Etc` and the like) is set first.
 */
import { type AptLogin, findAptLogin, parseAptAuth } from "./auth.ts";
import { AptConf, parseAptBoolean, partNames, readAptConf, readAptConfDirectory } from "./conf.ts";
import { type AptFiles, openAptFiles } from "./files.ts";
import { type AptSource, parseSourcesList, parseSourcesStanzas } from "./sources.ts";

export interface AptConfiguration {
  readonly conf: AptConf;
  readonly files: AptFiles;
  /** Of this machine, in Debian's words: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly sources: readonly AptSource[];
  /** The keyrings trusted for sources without Signed-By: paths. */
  readonly trustedKeyrings: readonly string[];
  /** `login:password` for a URL, or undefined. Never to be shown. */
  login(url: URL): string | undefined;
}

export interface LoadAptOptions {
  /** Stands for `/`; tests give a directory of theirs. */
  readonly root?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Text of sources that come before the machine's own: `[sources]` of a manifest, in the stanza form. */
  readonly extraSources?: { readonly name: string; readonly text: string } | undefined;
}

const defaults: readonly (readonly [string, string])[] = [
  ["Dir", "/"],
  ["Dir::Etc", "etc/apt"],
  ["Dir::Etc::sourcelist", "sources.list"],
  ["Dir::Etc::sourceparts", "sources.list.d"],
  ["Dir::Etc::main", "apt.conf"],
  ["Dir::Etc::parts", "apt.conf.d"],
  ["Dir::Etc::netrc", "auth.conf"],
  ["Dir::Etc::netrcparts", "auth.conf.d"],
  ["Dir::Etc::trusted", "trusted.gpg"],
  ["Dir::Etc::trustedparts", "trusted.gpg.d"],
];

/** Throws `apt-config-invalid`, `apt-sources-invalid`. A machine without apt has an empty configuration. */
export function loadAptConfiguration(options: LoadAptOptions = {}): AptConfiguration {
  const files = openAptFiles(options.root);
  const env = options.env ?? process.env;
  const conf = new AptConf();
  for (const [name, value] of defaults) conf.set(name, value);
  conf.set("APT::Architecture", debianArchitecture(process.arch));
  const first = env["APT_CONFIG"];
  if (first) readFileInto(conf, first, files);
  readAptConfDirectory(conf, conf.getPath("Dir::Etc::parts"), files);
  readFileInto(conf, conf.getPath("Dir::Etc::main"), files);
  const architecture = conf.get("APT::Architecture") ?? debianArchitecture(process.arch);
  const extra = options.extraSources;
  const logins = readLogins(conf, files);
  return {
    conf,
    files,
    architecture,
    sources: [
      ...(extra ? parseSourcesStanzas({ ...extra, architecture }) : []),
      ...readSources(conf, files, architecture),
    ],
    trustedKeyrings: trustedKeyrings(conf, files),
    login: (url) => findAptLogin(logins, url),
  };
}

/** Debian's word for what Node (`x64`) or Nix (`x86_64-linux`) calls an architecture. */
export function debianArchitecture(name: string): string {
  const known: Record<string, string> = {
    x64: "amd64",
    "x86_64-linux": "amd64",
    "aarch64-linux": "arm64",
    ia32: "i386",
    "i686-linux": "i386",
    arm: "armhf",
    "armv7l-linux": "armhf",
    ppc64: "ppc64el",
    "powerpc64le-linux": "ppc64el",
    "riscv64-linux": "riscv64",
    "s390x-linux": "s390x",
  };
  return known[name] ?? name;
}

function readFileInto(conf: AptConf, path: string, files: AptFiles): void {
  const contents = files.read(path);
  if (contents) readAptConf(conf, { name: path, text: contents.toString("utf8") }, files);
}

function readSources(conf: AptConf, files: AptFiles, architecture: string): AptSource[] {
  const main = conf.getPath("Dir::Etc::sourcelist");
  const directory = conf.getPath("Dir::Etc::sourceparts").replace(/\/+$/, "");
  const names = partNames(files.list(directory), ["list", "sources"]);
  const result: AptSource[] = [];
  for (const path of [main, ...names.map((name) => `${directory}/${name}`)]) {
    const text = files.read(path)?.toString("utf8");
    if (text === undefined) continue;
    const parse = path.endsWith(".sources") ? parseSourcesStanzas : parseSourcesList;
    result.push(...parse({ name: path, text, architecture }));
  }
  return result;
}

function trustedKeyrings(conf: AptConf, files: AptFiles): string[] {
  const directory = conf.getPath("Dir::Etc::trustedparts").replace(/\/+$/, "");
  const parts = partNames(files.list(directory), ["gpg", "asc"]).map((name) => `${directory}/${name}`);
  return [conf.getPath("Dir::Etc::trusted"), ...parts];
}

function readLogins(conf: AptConf, files: AptFiles): AptLogin[] {
  const directory = conf.getPath("Dir::Etc::netrcparts").replace(/\/+$/, "");
  const parts = partNames(files.list(directory), ["conf"]).map((name) => `${directory}/${name}`);
  return [conf.getPath("Dir::Etc::netrc"), ...parts].flatMap((path) =>
    parseAptAuth(files.read(path)?.toString("utf8") ?? ""),
  );
}

/** How the signed date of a Release is to be judged: the source's own options, else the configuration's. */
export interface FreshnessRules {
  readonly checkDate: boolean;
  readonly checkValidUntil: boolean;
  readonly minValidSeconds: number | undefined;
  readonly maxValidSeconds: number | undefined;
  readonly maxFutureSeconds: number;
}

/** `label` is the Release's: `Acquire::Max-ValidTime::<label>` is for it alone. */
export function freshnessRules(conf: AptConf, source: AptSource, label: string): FreshnessRules {
  const { options } = source;
  const seconds = (name: string) => conf.getNumber(`${name}::${label}`, conf.getNumber(name, 0)) || undefined;
  const checkDate = options.checkDate ?? conf.getBoolean("Acquire::Check-Date", true);
  return {
    checkDate,
    checkValidUntil:
      checkDate &&
      (options.checkValidUntil ??
        parseAptBoolean(
          conf.get(`Acquire::Check-Valid-Until::${label}`),
          conf.getBoolean("Acquire::Check-Valid-Until", true),
        )),
    minValidSeconds: options.validUntilMinSeconds ?? seconds("Acquire::Min-ValidTime"),
    maxValidSeconds: options.validUntilMaxSeconds ?? seconds("Acquire::Max-ValidTime"),
    maxFutureSeconds: options.dateMaxFutureSeconds ?? conf.getNumber("Acquire::Max-FutureTime", 10),
  };
}
