/** Every decoder, fed with valid input that was damaged, either takes it or throws a CopseError: never else. */
import { test } from "node:test";
import { isCopseError } from "#base";
import { readAr } from "./ar.ts";
import { ByteReader } from "./byte-reader.ts";
import { decodeBzip2 } from "./bzip2.ts";
import { parseStanzas } from "./deb-control.ts";
import { parseDebRelations } from "./deb-relations.ts";
import { compareDebVersions } from "./deb-version.ts";
import { formatDerivation, parseDerivation } from "./derivation.ts";
import {
  EXPORT_END,
  EXPORT_NEXT,
  encodeExportedFacts,
  readExportedFacts,
  readExportNext,
} from "./export-stream.ts";
import { parseHash } from "./hash.ts";
import { dumpNar } from "./nar.ts";
import { decodeNar } from "./nar-decoder.ts";
import { takeNar } from "./nar-stream.ts";
import { decodeNix32 } from "./nix32.ts";
import { parseStorePath } from "./store-path.ts";
import { readTar } from "./tar.ts";
import { damage, fuzzRuns } from "./testing/damage.ts";
import { Random, randomPieces } from "./testing/random.ts";
import { TomlParser, TomlSyntaxError } from "./toml/mod.ts";

const RUNS = fuzzRuns(400);

type Decode = (bytes: Buffer, random: Random) => unknown;

async function survive(valid: Buffer, decode: Decode): Promise<void> {
  const random = new Random(16);
  // Undamaged, it must be taken: otherwise nothing is tested behind the first check.
  await decode(valid, random);
  for (let run = 0; run < RUNS; run++) {
    const bytes = damage(random, valid);
    try {
      await decode(bytes, random);
    } catch (error) {
      if (!isCopseError(error))
        throw new Error(`Run ${run} threw for ${JSON.stringify(bytes.toString("latin1"))}`, { cause: error });
    }
  }
}

async function drain(entries: AsyncIterable<object>): Promise<void> {
  for await (const entry of entries) {
    if (!("contents" in entry)) continue;
    for await (const _ of entry.contents as AsyncIterable<Uint8Array>);
  }
}

const text =
  (decode: (text: string) => unknown): Decode =>
  (bytes) =>
    decode(bytes.toString("latin1"));

const P = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-a";
const DRV = formatDerivation({
  name: "x",
  outputs: new Map([["out", { path: parseStorePath(P), hashAlgo: "r:sha256", hash: "ab" }]]),
  inputDrvs: new Map([[parseStorePath(`${P}.drv`), ["dev", "out"]]]),
  inputSrcs: [parseStorePath(`${P}b`), parseStorePath(`${P}c`)],
  system: "x86_64-linux",
  builder: "/bin/sh",
  args: ["-c", 'echo "\\$out"\n'],
  env: new Map([
    ["a", "1\t"],
    ["b", "2"],
  ]),
});

function sampleNar(): Buffer {
  const chunks: Buffer[] = [];
  const file = {
    kind: "file",
    executable: true,
    sizeBytes: 5,
    contents: () => [Buffer.from("hello")],
  } as const;
  const inner = { kind: "directory", entries: () => [["f", file] as const] } as const;
  const link = { kind: "symlink", target: "../x" } as const;
  dumpNar(
    {
      kind: "directory",
      entries: () => [
        ["a", inner],
        ["b", link],
        ["c", file],
      ],
    },
    (chunk) => chunks.push(Buffer.from(chunk)),
  );
  return Buffer.concat(chunks);
}

/** Two tar entries, one of them a pax header. The checksum is not renewed, see below. */
function tarBlock(name: string, type: string, contents: string): Buffer {
  const block = Buffer.alloc(1024);
  const fields = [
    [0, name],
    [100, "0000644"],
    [124, contents.length.toString(8)],
    [156, type],
    [157, "x"],
    [257, "ustar\x0000"],
    [512, contents],
  ] as const;
  for (const [at, value] of fields) block.write(value, at, "latin1");
  return signTar(block);
}

/** Makes checksums right again, where headers probably are, so that damage reaches what lies behind that check. */
function signTar(bytes: Buffer): Buffer {
  for (let at = 0; at + 512 <= bytes.length; at += 1024) {
    const block = bytes.subarray(at, at + 512);
    if (block.every((byte) => byte === 0)) continue;
    block.fill(" ", 148, 156);
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
      "latin1",
    );
  }
  return bytes;
}

const TAR = Buffer.concat([
  tarBlock("g", "g", "11 mtime=4\n"),
  tarBlock("p", "x", "9 path=a\n"),
  tarBlock("file", "0", "hello"),
  tarBlock("l", "L", "long\0"),
  tarBlock("f", "0", "x"),
  Buffer.alloc(1024),
]);
const AR = Buffer.from(`!<arch>\n${"a".padEnd(16)}${"0".padEnd(32)}${"3".padEnd(10)}\`\nabc\n`);
const CONTROL = Buffer.from(
  "Package: a\nVersion: 1\nDepends: b,\n c\n\n# x\nPackage: b\nDescription: d\n e\n .\n",
);

const TOML = `title = "a \\u00e9"
[sources]
mirrors = ["file:///a", 'b']
lab.uris = { one = 1_000, two = 0x1f, three = 1.5e3 }
[[list]]
at = 1979-05-27T07:32:00Z
text = """
  more\\
  """
[[list]]
`;
const BZIP2 = Buffer.from(
  "QlpoOTFBWSZTWeTY4nQAAA1RgAAQQAA3pooAIAAxAAAEqB6IaepIpUkHOlWfkZKgZgfxdyRThQkOTY4nQA==",
  "base64",
);
const FACTS = encodeExportedFacts({
  path: parseStorePath(P),
  references: [parseStorePath(`${P}b`)],
  deriver: parseStorePath(`${P}.drv`),
});
const EXPORT = Buffer.concat([EXPORT_NEXT, sampleNar(), FACTS, EXPORT_END]);

async function readExport(source: Iterable<Uint8Array>): Promise<void> {
  const reader = new ByteReader(source, { code: "export-invalid", format: "export" });
  while (await readExportNext(reader)) {
    for await (const _ of takeNar(reader));
    await readExportedFacts(reader);
  }
}

/** The language words TOML's errors itself, and the configuration its own: the parser has one of its own. */
function parseToml(text: string): void {
  try {
    new TomlParser(text).parse();
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
  }
}

const DECODERS: { readonly [name: string]: readonly [valid: Buffer, decode: Decode] } = {
  Nix32: [Buffer.from("1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s"), text(decodeNix32)],
  hashes: [Buffer.from("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="), text((input) => parseHash(input))],
  "hashes of a given type": [
    Buffer.from("da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    text((input) => parseHash(input, "sha1")),
  ],
  "store paths": [Buffer.from(P), text(parseStorePath)],
  derivations: [Buffer.from(DRV, "latin1"), text((input) => parseDerivation(input, "x"))],
  NARs: [sampleNar(), (bytes, random) => drain(decodeNar(randomPieces(random, bytes)))],
  "ar archives": [AR, (bytes, random) => drain(readAr(randomPieces(random, bytes)))],
  "tar archives": [
    TAR,
    (bytes, random) =>
      drain(readTar(randomPieces(random, random.chance(0.8) ? signTar(Buffer.from(bytes)) : bytes))),
  ],
  "control files": [
    CONTROL.subarray(0, 38),
    (bytes) => [...parseStanzas(bytes)].map((stanza) => [stanza.get("Package"), ...stanza.fields()]),
  ],
  "control files written by hand": [
    CONTROL,
    (bytes) => [...parseStanzas(bytes, { handwritten: true })].map((stanza) => stanza.get("package")),
  ],
  "exports of store paths": [EXPORT, (bytes, random) => readExport(randomPieces(random, bytes))],
  bzip2: [BZIP2, (bytes) => decodeBzip2(bytes, { maxBytes: 1 << 22 })],
  TOML: [Buffer.from(TOML), text(parseToml)],
  relations: [Buffer.from("a (>= 1) [amd64 !i386] <!nocheck> | b:any, c"), text(parseDebRelations)],
  versions: [
    Buffer.from("1:2.3~rc4+b5-6.7"),
    text((input) => compareDebVersions(input, "1:2.3~rc4+b5-6.7a")),
  ],
};

for (const [name, [valid, decode]] of Object.entries(DECODERS)) {
  test(`damaged ${name} throw nothing but CopseErrors`, () => survive(valid, decode));
}
