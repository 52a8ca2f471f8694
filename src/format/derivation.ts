/**
 * Derivations as text: the `.drv` files in the store.
 *
 * A derivation is one build step in full: what to run, with which environment, on what inputs, into which
 * output paths. Its file is a term in ATerm notation, on one line (here with breaks):
 *
 *     Derive(
 *       [("out","/nix/store/…-hello","","")],              outputs: name, path, hash algorithm, hash
 *       [("/nix/store/…-bash.drv",["out"])],               derivations needed, and which outputs of each
 *       ["/nix/store/…-builder.sh"],                       plain store paths needed
 *       "x86_64-linux","/nix/store/…-bash/bin/bash",       system, builder
 *       ["-e","/nix/store/…-builder.sh"],                  arguments
 *       [("name","hello"),("out","/nix/store/…-hello")])   environment
 *
 * The hash algorithm and hash are "" unless the output is *fixed*: known by its contents' hash, with `r:`
 * before the algorithm where that is the hash of its NAR. The name of the derivation is not in the text; it
 * is in the file's own name.
 *
 * The text is hashed, so it must be the same for everyone: all lists but the arguments are sorted by byte and
 * without duplicates, and in strings exactly `"`, `\`, newline, carriage return and tab are escaped, all other
 * bytes stand for themselves. Only this canonical form is read here, hence formatting gives back what was
 * parsed. Everything is a byte string: an environment variable need not be UTF-8.
 */
import { type ByteString, bytesFromByteString, CopseError, compareByteStrings } from "#base";
import { hashBytes, isHashAlgorithm } from "./hash.ts";
import { checkStoreName } from "./store-name.ts";
import { isStorePath, makeTextPath, type StorePath } from "./store-path.ts";

export interface DerivationOutput {
  /** "" as long as it is not known. */
  readonly path: StorePath | "";
  /** "" for an output that is not fixed; else `sha256`, or `r:sha256` for a hash of the NAR. */
  readonly hashAlgo: string;
  /** In base16, or "". */
  readonly hash: string;
}

export interface Derivation {
  readonly name: string;
  readonly outputs: ReadonlyMap<string, DerivationOutput>;
  /** The derivations needed, and which of their outputs. */
  readonly inputDrvs: ReadonlyMap<StorePath, readonly string[]>;
  readonly inputSrcs: readonly StorePath[];
  readonly system: ByteString;
  readonly builder: ByteString;
  readonly args: readonly ByteString[];
  readonly env: ReadonlyMap<ByteString, ByteString>;
}

/** The text of the .drv file. */
export function formatDerivation(drv: Derivation): ByteString {
  return formatDerivationWith(drv, drv.inputDrvs, false);
}

/** For hashing: with other keys for the input derivations, and with empty output paths where `maskOutputs`. */
export function formatDerivationWith(
  drv: Derivation,
  inputs: ReadonlyMap<string, readonly string[]>,
  maskOutputs: boolean,
): ByteString {
  const outputs = sortedEntries(drv.outputs).map(([name, output]) => {
    const path = maskOutputs ? "" : output.path;
    return `(${quote(name)},${quote(path)},${quote(output.hashAlgo)},${quote(output.hash)})`;
  });
  const inputDrvs = sortedEntries(inputs).map(([key, names]) => `("${key}",${quoteSet(names)})`);
  const env = sortedEntries(drv.env).map(([name, value]) => {
    return `(${quote(name)},${maskOutputs && drv.outputs.has(name) ? '""' : quote(value)})`;
  });
  return (
    `Derive([${outputs.join(",")}],[${inputDrvs.join(",")}],${quoteSet(drv.inputSrcs)},` +
    `${quote(drv.system)},${quote(drv.builder)},[${drv.args.map(quote).join(",")}],[${env.join(",")}])`
  );
}

/** The path of the .drv file. `text` is what `formatDerivation` gave, to spare doing it twice. */
export function derivationPath(drv: Derivation, text: ByteString = formatDerivation(drv)): StorePath {
  return makeTextPath({
    name: `${drv.name}.drv`,
    hash: hashBytes("sha256", bytesFromByteString(text)),
    references: [...drv.inputSrcs, ...drv.inputDrvs.keys()],
  });
}

/** The derivation of a .drv file's text. Throws CopseError `derivation-invalid`. */
export function parseDerivation(text: ByteString, name: string): Derivation {
  checkStoreName(name);
  const reader = new TermReader(text, name);
  reader.expect("Derive(");
  const outputs = readSortedMap(reader, "output", readOutput);
  reader.expect(",");
  const inputDrvs = readSortedMap(reader, "input derivation", readInputDrv);
  reader.expect(",");
  const inputSrcs = readSortedStrings(reader, "input source").map((path) => reader.storePath(path));
  reader.expect(",");
  const system = reader.string();
  reader.expect(",");
  const builder = reader.string();
  reader.expect(",");
  const args = reader.list(() => reader.string());
  reader.expect(",");
  const env = readSortedMap(reader, "environment variable", readVariable);
  reader.expect(")");
  reader.expectEnd();
  return { name, outputs, inputDrvs, inputSrcs, system, builder, args, env };
}

type Entry<K, V> = readonly [K, V];

function readOutput(reader: TermReader): Entry<string, DerivationOutput> {
  reader.expect("(");
  const name = reader.string();
  checkStoreName(name);
  reader.expect(",");
  const path = reader.string();
  reader.expect(",");
  const hashAlgo = reader.string();
  reader.expect(",");
  const hash = reader.string();
  reader.expect(")");
  if (hashAlgo !== "" && !isHashAlgorithm(hashAlgo.replace(/^(?:r|text|git):/, ""))) {
    throw reader.error(`output has an unknown hash algorithm: \`${hashAlgo}\``);
  }
  if (!/^[0-9a-f]*$/.test(hash) || (hash !== "" && hashAlgo === "")) {
    throw reader.error(`output has an invalid hash: \`${hash}\``);
  }
  return [name, { path: path === "" ? "" : reader.storePath(path), hashAlgo, hash }];
}

function readInputDrv(reader: TermReader): Entry<StorePath, readonly string[]> {
  reader.expect("(");
  const path = reader.storePath(reader.string());
  reader.expect(",");
  const outputs = readSortedStrings(reader, "output name");
  reader.expect(")");
  return [path, outputs];
}

function readVariable(reader: TermReader): Entry<ByteString, ByteString> {
  reader.expect("(");
  const name = reader.string();
  reader.expect(",");
  const value = reader.string();
  reader.expect(")");
  return [name, value];
}

function readSortedMap<K extends string, V>(
  reader: TermReader,
  what: string,
  readEntry: (reader: TermReader) => Entry<K, V>,
): Map<K, V> {
  const entries = reader.list(() => readEntry(reader));
  for (let i = 1; i < entries.length; i++) reader.checkOrder(what, entries[i - 1]![0], entries[i]![0]);
  return new Map(entries);
}

function readSortedStrings(reader: TermReader, what: string): ByteString[] {
  const strings = reader.list(() => reader.string());
  for (let i = 1; i < strings.length; i++) reader.checkOrder(what, strings[i - 1]!, strings[i]!);
  return strings;
}

/** Reads the few shapes of ATerm that derivations use: literal punctuation, strings, lists. */
class TermReader {
  readonly #text: ByteString;
  readonly #name: string;
  #position = 0;
  // Where the next backslash at or after the position is, so that texts without any are searched once only.
  #nextBackslash = -1;

  constructor(text: ByteString, name: string) {
    this.#text = text;
    this.#name = name;
  }

  expect(literal: string): void {
    if (!this.#text.startsWith(literal, this.#position)) throw this.error(`expected \`${literal}\``);
    this.#position += literal.length;
  }

  expectEnd(): void {
    if (this.#position !== this.#text.length) throw this.error("text goes on behind its end");
  }

  list<T>(readItem: () => T): T[] {
    const items: T[] = [];
    this.expect("[");
    while (this.#text[this.#position] !== "]") {
      if (items.length > 0) this.expect(",");
      items.push(readItem());
    }
    this.#position++;
    return items;
  }

  string(): ByteString {
    this.expect('"');
    const start = this.#position;
    let end = this.#text.indexOf('"', start);
    if (this.#nextBackslash < start) this.#nextBackslash = indexOfOrEnd(this.#text, "\\", start);
    const hasEscapes = this.#nextBackslash < end;
    if (hasEscapes) end = this.#endOfEscapedString(start);
    if (end < 0) throw this.error("string has no end");
    const raw = this.#text.slice(start, end);
    if (/[\n\r\t]/.test(raw)) throw this.error("string has an unescaped control character");
    this.#position = end + 1;
    return hasEscapes ? raw.replace(/\\(.)/g, (_, unit: string) => this.#unescape(unit)) : raw;
  }

  #endOfEscapedString(start: number): number {
    for (let i = start; i < this.#text.length; i++) {
      const unit = this.#text[i];
      if (unit === '"') return i;
      if (unit === "\\") i++;
    }
    return -1;
  }

  #unescape(unit: string): string {
    const plain = UNESCAPED.get(unit);
    if (plain === undefined) throw this.error(`string has a needless escape: \`\\${unit}\``);
    return plain;
  }

  storePath(text: ByteString): StorePath {
    if (!isStorePath(text)) throw this.error(`expected a store path: \`${text}\``);
    return text;
  }

  checkOrder(what: string, previous: string, next: string): void {
    if (previous < next) return;
    const problem = previous === next ? "is there twice" : "is out of order";
    throw this.error(`${what} ${problem}: \`${next}\``);
  }

  error(problem: string): CopseError {
    return new CopseError(
      "derivation-invalid",
      `Derivation ${this.#name} is not valid at byte ${this.#position}: ${problem}`,
    );
  }
}

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);
const UNESCAPED: ReadonlyMap<string, string> = new Map(
  [...ESCAPED].map(([plain, escaped]) => [escaped[1]!, plain]),
);

function quote(bytes: ByteString): ByteString {
  if (!/["\\\n\r\t]/.test(bytes)) return `"${bytes}"`;
  return `"${bytes.replace(/["\\\n\r\t]/g, (unit) => ESCAPED.get(unit)!)}"`;
}

function quoteSet(strings: readonly ByteString[]): ByteString {
  const sorted = strings.length < 2 ? strings : [...new Set(strings)].sort(compareByteStrings);
  return `[${sorted.map(quote).join(",")}]`;
}

function sortedEntries<K extends string, V>(map: ReadonlyMap<K, V>): (readonly [K, V])[] {
  return [...map].sort((a, b) => compareByteStrings(a[0], b[0]));
}

function indexOfOrEnd(text: string, search: string, from: number): number {
  const index = text.indexOf(search, from);
  return index < 0 ? text.length : index;
}
