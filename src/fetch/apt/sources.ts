/**
 * apt's source lists: which archives the machine's owner trusts and where they are. sources.list(5).
 *
 * Two forms with one meaning: one line per source (`deb [options] uri suite component...`) in sources.list
 * and `*.list`, and stanzas of fields in `*.sources`. A stanza with several URIs, suites and components
 * stands for every combination. The forms name options differently (`signed-by=` and `Signed-By:`); here
 * they have the stanza's name in lower case.
 */
import { type ByteString, byteStringFromText, CopseError } from "#base";
import { parseStanzas } from "#format";
import { parseAptBoolean } from "./conf.ts";

/** One URI and one suite. */
export interface AptSource {
  /** Without a slash at the end, and without user information. */
  readonly uri: string;
  /** A name below `dists/`, or a path that ends in `/` for a repository without one. */
  readonly suite: string;
  readonly components: readonly string[];
  readonly architectures: readonly string[] | undefined;
  /** Empty: the keys that apt trusts for everything. */
  readonly signedBy: readonly SignedBy[];
  readonly options: SourceOptions;
  /** For messages: the file and where in it. */
  readonly place: string;
}

export type SignedBy =
  | { readonly kind: "keyring"; readonly path: string }
  | { readonly kind: "fingerprint"; readonly fingerprint: string; readonly exact: boolean }
  /** A byte string: an armoured block or a binary keyring. */
  | { readonly kind: "inline"; readonly key: ByteString };

export interface SourceOptions {
  readonly trusted: boolean | undefined;
  readonly checkValidUntil: boolean | undefined;
  readonly validUntilMinSeconds: number | undefined;
  readonly validUntilMaxSeconds: number | undefined;
  readonly checkDate: boolean | undefined;
  readonly dateMaxFutureSeconds: number | undefined;
  readonly byHash: "yes" | "no" | "force" | undefined;
  readonly inReleasePath: string | undefined;
}

/** A source of which nothing is said. */
export const plainSource: AptSource = {
  ...{ uri: "", suite: "", components: [], architectures: undefined, signedBy: [], place: "" },
  options: {
    ...{ trusted: undefined, checkValidUntil: undefined, checkDate: undefined },
    ...{ validUntilMinSeconds: undefined, validUntilMaxSeconds: undefined, dateMaxFutureSeconds: undefined },
    ...{ byHash: undefined, inReleasePath: undefined },
  },
};

export interface SourceText {
  readonly name: string;
  readonly text: string;
  /** The machine's architecture in Debian's words, for `$(ARCH)`. */
  readonly architecture: string;
}

/** The binary sources of a one-line file. Throws `apt-sources-invalid`. */
export function parseSourcesList(source: SourceText): AptSource[] {
  const result: AptSource[] = [];
  source.text.split("\n").forEach((raw, index) => {
    const place = `${source.name}:${index + 1}`;
    const line = raw.replace(/#.*$/, "").trim();
    if (line === "") return;
    const match = /^(\S+)\s+(?:\[([^\]]*)\]\s*)?(.*)$/.exec(line);
    const [, type = "", optionText = "", rest = ""] = match ?? [];
    if (type !== "deb" && type !== "deb-src") throw invalid(place, `Source type is not known: \`${type}\``);
    if (type === "deb-src") return;
    const [uri, suite, ...components] = splitWords(rest);
    if (uri === undefined || suite === undefined) throw invalid(place, "Source needs a URI and a suite");
    const fields = new Map([
      ["uris", uri.replaceAll(" ", "%20")],
      ["suites", suite],
      ["components", components.join(" ")],
    ]);
    for (const option of optionText.split(/\s+/)) addOneLineOption(fields, option, place);
    result.push(...sourcesOf(fields, place, source.architecture));
  });
  return result;
}

/** The binary sources of a `*.sources` file. Throws `apt-sources-invalid`. */
export function parseSourcesStanzas(source: SourceText): AptSource[] {
  const result: AptSource[] = [];
  let number = 0;
  for (const stanza of parseStanzas(byteStringFromText(source.text), { handwritten: true })) {
    const place = `${source.name}, source ${++number}`;
    const fields = new Map<string, string>();
    for (const [name, value] of stanza.fields()) fields.set(name.toLowerCase(), value);
    if (!parseAptBoolean(fields.get("enabled"), true)) continue;
    const types = words(fields.get("types"));
    if (types.length === 0) throw invalid(place, "Source has no field `Types`");
    const other = types.find((type) => type !== "deb" && type !== "deb-src");
    if (other !== undefined) throw invalid(place, `Source type is not known: \`${other}\``);
    if (types.includes("deb")) result.push(...sourcesOf(fields, place, source.architecture));
  }
  return result;
}

function sourcesOf(fields: ReadonlyMap<string, string>, place: string, architecture: string): AptSource[] {
  const uris = words(fields.get("uris"));
  const suites = words(fields.get("suites"));
  const components = words(fields.get("components"));
  if (uris.length === 0) throw invalid(place, "Source has no URI");
  if (suites.length === 0) throw invalid(place, "Source has no suite");
  const shared = {
    components,
    architectures: fields.has("architectures") ? words(fields.get("architectures")) : undefined,
    signedBy: parseSignedBy(fields.get("signed-by") ?? ""),
    options: optionsOf(fields),
    place,
  };
  return uris.flatMap((uri) =>
    suites.map((raw) => {
      const suite = raw.replaceAll("$(ARCH)", architecture);
      if (suite.split("/").includes("..")) throw invalid(place, `Suite leaves its archive: \`${suite}\``);
      if (!suite.endsWith("/") && components.length === 0)
        throw invalid(place, `Suite needs a component, or a \`/\` at its end: \`${suite}\``);
      return { ...shared, uri: uri.replace(/\/+$/, ""), suite };
    }),
  );
}

function optionsOf(fields: ReadonlyMap<string, string>): SourceOptions {
  const flag = (name: string) => (fields.has(name) ? parseAptBoolean(fields.get(name), true) : undefined);
  const seconds = (name: string) => {
    const value = fields.get(name)?.trim() ?? "";
    return /^\d{1,12}$/.test(value) ? Number(value) : undefined;
  };
  const byHash = fields.get("by-hash")?.trim().toLowerCase();
  return {
    trusted: flag("trusted"),
    checkValidUntil: flag("check-valid-until"),
    validUntilMinSeconds: seconds("valid-until-min"),
    validUntilMaxSeconds: seconds("valid-until-max"),
    checkDate: flag("check-date"),
    dateMaxFutureSeconds: seconds("date-max-future"),
    byHash:
      byHash === undefined
        ? undefined
        : byHash === "force"
          ? "force"
          : parseAptBoolean(byHash, true)
            ? "yes"
            : "no",
    inReleasePath: fields.get("inrelease-path")?.trim(),
  };
}

/** A list of keyring paths and fingerprints, or a key block that stands in the field itself. */
export function parseSignedBy(value: string): SignedBy[] {
  if (value.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----")) {
    const lines = value.split("\n").map((line) => line.trim());
    return [
      {
        kind: "inline",
        key: `${lines
          .map((line) => (line === "." ? "" : line))
          .join("\n")
          .trim()}\n`,
      },
    ];
  }
  return value
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map((part) => {
      if (part.startsWith("/")) return { kind: "keyring", path: part };
      const fingerprint = part.replace(/!$/, "").replace(/^0x/i, "").toUpperCase();
      return { kind: "fingerprint", fingerprint, exact: part.endsWith("!") };
    });
}

const oneLineNames: ReadonlyMap<string, string> = new Map([
  ["arch", "architectures"],
  ["arch+", "architectures-add"],
  ["arch-", "architectures-remove"],
]);

function addOneLineOption(fields: Map<string, string>, option: string, place: string): void {
  if (option === "") return;
  const equals = option.indexOf("=");
  if (equals <= 0) throw invalid(place, `Option has no value: \`${option}\``);
  const name = option.slice(0, equals).toLowerCase();
  fields.set(oneLineNames.get(name) ?? name, option.slice(equals + 1).replaceAll(",", " "));
}

function words(value: string | undefined): string[] {
  return (value ?? "").split(/\s+/).filter((word) => word !== "");
}

/** Words of a one-line source, where `"..."` keeps blanks. */
function splitWords(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

function invalid(place: string, message: string): CopseError {
  return new CopseError("apt-sources-invalid", `${message}, in \`${place}\``);
}
