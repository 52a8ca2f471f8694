/**
 * copse's own configuration file, `config.toml`: what machines need that have no apt, and whoever wants copse to
 * ask elsewhere than apt does.
 *
 *     [sources]
 *     debian = ["https://mirror.example/debian"]          # by the archive's name; one, or several mirrors
 *     security = "https://mirror.example/debian-security" # short for debian-security
 *     lab = { uris = ["https://lab.example/apt"], signed-by = "/etc/copse/lab.asc" }
 *     mirrors = ["file:///srv/copse"]                     # folders that `copse fetch` has filled
 *
 *     [sources.snapshots]                                 # dated archives, see docs/repositories.md
 *     debian = "https://dated.example/debian/@SNAPSHOTID@"
 *
 * `$COPSE_CONFIG` names the file; without it `~/.config/copse/config.toml` counts before `/etc/copse/config.toml`,
 * entry by entry. `$COPSE_MANIFEST` is the copse.toml of the project at work, whose `[sources]` count before both.
 * `$COPSE_MIRRORS` holds further mirrors, separated by blanks. What the file says of an archive stands in the place of what
 * apt, pip (`pypi`) or R (`cran`) says.
 */
import { join } from "node:path";
import { byteStringFromBytes, CopseError, textFromByteString } from "#base";
import { TomlArray, type TomlNode, TomlParser, TomlSyntaxError, TomlTable } from "#format";
import type { AptFiles } from "../apt/files.ts";

/** An archive that the configuration names. */
export interface ConfiguredArchive {
  readonly uris: readonly string[];
  /** Paths of keyrings; empty for the keys that are there for such an archive anyhow. */
  readonly signedBy: readonly string[];
  /** Taken without a signature. */
  readonly isTrusted: boolean;
  /** The file that says so. */
  readonly place: string;
}

export interface SourcesConfiguration {
  readonly archives: ReadonlyMap<string, ConfiguredArchive>;
  /** Addresses of dated archives with `@SNAPSHOTID@` in them, by the archive's name. */
  readonly snapshots: ReadonlyMap<string, readonly string[]>;
  /** Folders that `copse fetch` has filled. */
  readonly mirrors: readonly string[];
  /** Files to write into, the first first: for messages. */
  readonly files: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `20240301T000000Z` stands in its place. */
export const SNAPSHOT_MARK = "@SNAPSHOTID@";
/** `2024-03-01` stands in its place, for servers of R packages. */
export const SNAPSHOT_DATE_MARK = "@SNAPSHOTDATE@";

/** Throws `config-invalid`. Without files and variables, the configuration is empty. */
export function loadSourcesConfiguration(files: AptFiles, env: Environment): SourcesConfiguration {
  const paths = configFiles(env);
  const archives = new Map<string, ConfiguredArchive>();
  const snapshots = new Map<string, readonly string[]>();
  const mirrors = words(env["COPSE_MIRRORS"]).map((text) => checkUri(text, "$COPSE_MIRRORS"));
  for (const path of paths) {
    const contents = files.read(path);
    if (!contents) {
      if (path === env["COPSE_CONFIG"])
        throw new CopseError("config-invalid", `File named by $COPSE_CONFIG cannot be read: \`${path}\``);
      continue;
    }
    const read = readFile(path, contents);
    for (const [name, archive] of read.archives) if (!archives.has(name)) archives.set(name, archive);
    for (const [name, uris] of read.snapshots) if (!snapshots.has(name)) snapshots.set(name, uris);
    mirrors.push(...read.mirrors);
  }
  return { archives, snapshots, mirrors: [...new Set(mirrors)], files: paths };
}

function configFiles(env: Environment): string[] {
  const named = env["COPSE_CONFIG"];
  const project = env["COPSE_MANIFEST"] ? [env["COPSE_MANIFEST"]] : [];
  if (named) return [...project, named];
  const home = env["XDG_CONFIG_HOME"]?.startsWith("/")
    ? env["XDG_CONFIG_HOME"]
    : env["HOME"]
      ? join(env["HOME"], ".config")
      : undefined;
  const own = home === undefined ? [] : [join(home, "copse/config.toml")];
  return [...project, ...own, "/etc/copse/config.toml"];
}

function readFile(path: string, contents: Buffer): Omit<SourcesConfiguration, "files"> {
  const archives = new Map<string, ConfiguredArchive>();
  const snapshots = new Map<string, readonly string[]>();
  let mirrors: readonly string[] = [];
  for (const [name, node] of sections(parse(path, contents), path)) {
    const place = `${path}, sources.${name}`;
    if (name === "mirrors") mirrors = uriList(node, place);
    else if (name === "snapshots")
      for (const [archive, uris] of tableOf(node, place))
        snapshots.set(archiveNameOf(archive, place), dated(uriList(uris, place), { archive, place }));
    else archives.set(archiveNameOf(name, place), archiveOf(node, place));
  }
  return { archives, snapshots, mirrors };
}

function parse(path: string, contents: Buffer): TomlTable {
  try {
    return new TomlParser(byteStringFromBytes(contents)).parse();
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    const reason = error.message.replace(/^\[error\] (?:toml::\w+: )?/, "");
    throw new CopseError("config-invalid", `Configuration is no TOML (${reason}): \`${path}\``);
  }
}

/** The entries of `[sources]`. Sections that another part of copse reads are none of ours. */
function sections(document: TomlTable, path: string): ReadonlyMap<string, TomlNode> {
  const node = document.members.get("sources");
  return node === undefined ? new Map() : tableOf(node, `${path}, sources`);
}

function archiveOf(node: TomlNode, place: string): ConfiguredArchive {
  if (!(node instanceof TomlTable))
    return { uris: uriList(node, place), signedBy: [], isTrusted: false, place };
  const table = tableOf(node, place);
  const other = [...table.keys()].find((name) => !["uris", "signed-by", "trusted"].includes(name));
  if (other !== undefined)
    throw invalid(place, `Entry is not known: \`${other}\``, "known are uris, signed-by, trusted");
  const uris = table.get("uris");
  if (uris === undefined) throw invalid(place, "An archive needs `uris`");
  const trusted = table.get("trusted") ?? false;
  if (typeof trusted !== "boolean") throw invalid(place, "`trusted` is true or false");
  const signedBy = stringList(table.get("signed-by") ?? new TomlArray(false), place);
  const relative = signedBy.find((path) => !path.startsWith("/"));
  if (relative !== undefined)
    throw invalid(place, `A keyring is named by its absolute path, not by \`${relative}\``);
  return { uris: uriList(uris, place), signedBy, isTrusted: trusted, place };
}

/** `security` is what people say for Debian's security archive. */
function archiveNameOf(name: string, place: string): string {
  if (!/^[a-z0-9][a-z0-9.+-]{0,100}$/.test(name))
    throw invalid(place, `Name of an archive is malformed: \`${name.slice(0, 100)}\``);
  return name === "security" ? "debian-security" : name;
}

function dated(
  uris: readonly string[],
  { archive, place }: { readonly archive: string; readonly place: string },
): readonly string[] {
  const marks = archive === "cran" ? [SNAPSHOT_DATE_MARK, SNAPSHOT_MARK] : [SNAPSHOT_MARK];
  const other = uris.find((uri) => !marks.some((mark) => uri.includes(mark)));
  if (other === undefined) return uris;
  throw invalid(
    place,
    `Address of a dated archive does not say where the date goes: \`${other}\``,
    archive === "cran"
      ? `put ${SNAPSHOT_DATE_MARK} in the place of a date such as 2024-03-01`
      : `put ${SNAPSHOT_MARK} in the place of a date such as 20240301T000000Z`,
  );
}

function uriList(node: TomlNode, place: string): string[] {
  const list = stringList(node, place).map((text) => checkUri(text, place));
  if (list.length === 0) throw invalid(place, "At least one address is needed");
  return list;
}

/** An address without a slash at its end; a folder's path stands for its `file:` address. */
export function checkUri(text: string, place: string): string {
  const uri = text.startsWith("/") ? `file://${encodeURI(text)}` : text;
  if (/^(?:https?:\/\/[^/\s]+|file:\/\/\/|file:\/[^/])[^\s]*$/.test(uri)) return uri.replace(/\/+$/, "");
  throw invalid(
    place,
    `Address is neither http, https, file nor a folder's path: \`${withoutLogin(text).slice(0, 200)}\``,
  );
}

/** What may be a login is in no message. */
function withoutLogin(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//");
}

function stringList(node: TomlNode, place: string): string[] {
  const items = node instanceof TomlArray ? node.items : [node];
  return items.map((item) => {
    if (typeof item !== "string") throw invalid(place, "A string or a list of strings is expected");
    return textFromByteString(item);
  });
}

function tableOf(node: TomlNode, place: string): ReadonlyMap<string, TomlNode> {
  if (!(node instanceof TomlTable)) throw invalid(place, "A table is expected");
  return node.members;
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

function invalid(place: string, message: string, hint?: string): CopseError {
  return new CopseError("config-invalid", `${message}, in \`${place}\``, { hint });
}
