import assert from "node:assert/strict";
import { test } from "node:test";
import type { ByteString } from "#base";
import { type Derivation, derivationPath, formatDerivation, parseDerivation } from "./derivation.ts";
import { hashBytes } from "./hash.ts";
import { makeTextPath, type StorePath } from "./store-path.ts";
import { Random } from "./testing/random.ts";

const LATIN1 = String.fromCharCode(...Array(256).keys());

function randomPath(random: Random): StorePath {
  const hash = hashBytes("sha256", random.bytes(8));
  return makeTextPath({ name: random.text(1 + random.below(12), "abcXYZ0+_?="), hash, references: [] });
}

function randomString(random: Random): ByteString {
  return random.text(random.below(12), random.chance(0.5) ? LATIN1 : 'ab"\\\n\r\t');
}

function randomDerivation(random: Random): Derivation {
  const names = (limit: number) =>
    new Set(random.list(1 + random.below(limit), () => random.pick(["out", "dev", "lib", "doc"])));
  const fixed = random.chance(0.2);
  return {
    name: `drv-${random.below(1000)}`,
    outputs: fixed
      ? new Map([["out", { path: randomPath(random), hashAlgo: "r:sha256", hash: "ab".repeat(32) }]])
      : new Map(
          Array.from(names(4), (name) => [
            name,
            { path: random.chance(0.5) ? randomPath(random) : "", hashAlgo: "", hash: "" },
          ]),
        ),
    inputDrvs: new Map(random.list(random.below(5), () => [randomPath(random), [...names(3)]])),
    inputSrcs: random.list(random.below(5), () => randomPath(random)),
    system: "x86_64-linux",
    builder: randomString(random),
    args: random.list(random.below(5), () => randomString(random)),
    env: new Map(random.list(random.below(8), () => [randomString(random), randomString(random)])),
  };
}

test("formatting gives back what was parsed, and parsing what was formatted, sorted", () => {
  const random = new Random(5);
  for (let i = 0; i < 500; i++) {
    const drv = randomDerivation(random);
    const text = formatDerivation(drv);
    const parsed = parseDerivation(text, drv.name);
    assert.equal(formatDerivation(parsed), text);
    assert.deepEqual(parsed.outputs, drv.outputs, text);
    assert.deepEqual(parsed.env, drv.env, text);
    assert.deepEqual(parsed.args, drv.args, text);
    assert.deepEqual(new Set(parsed.inputSrcs), new Set(drv.inputSrcs), text);
    assert.deepEqual(new Set(parsed.inputDrvs.keys()), new Set(drv.inputDrvs.keys()), text);
    assert.equal(derivationPath(parsed), derivationPath(drv));
  }
});

const P = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz";
const HEAD = 'Derive([("out","","","")],[],[],"s","b",[],';

test("a text that is not canonical is refused", () => {
  parseDerivation(`${HEAD}[("a","1"),("b","2")])`, "x");
  const refused: readonly [why: string, text: string][] = [
    ["nothing", ""],
    ["a prefix", HEAD],
    ["something behind the end", `${HEAD}[])\n`],
    ["white space", `${HEAD}[ ])`],
    ["a comma too many", `${HEAD}[("a","1"),])`],
    ["unsorted variables", `${HEAD}[("b","2"),("a","1")])`],
    ["a variable twice", `${HEAD}[("a","1"),("a","1")])`],
    ["a needless escape", `${HEAD}[("a","\\x")])`],
    ["a bare newline", `${HEAD}[("a","\n")])`],
    ["a bare tab", `${HEAD}[("a","\t")])`],
    ["a string without end", `${HEAD}[("a","`],
    ["a string that ends in an escape", `${HEAD}[("a","\\"`],
    ["unsorted outputs", 'Derive([("out","","",""),("dev","","","")],[],[],"s","b",[],[])'],
    ["unsorted sources", `Derive([("out","","","")],[],["${P}-b","${P}-a"],"s","b",[],[])`],
    [
      "unsorted inputs",
      `Derive([("out","","","")],[("${P}-b",["out"]),("${P}-a",["out"])],[],"s","b",[],[])`,
    ],
    ["unsorted input outputs", `Derive([("out","","","")],[("${P}-b",["out","dev"])],[],"s","b",[],[])`],
    ["a source that is no store path", 'Derive([("out","","","")],[],["/etc"],"s","b",[],[])'],
    ["an output that is no store path", 'Derive([("out","/etc","","")],[],[],"s","b",[],[])'],
    ["an unknown hash algorithm", 'Derive([("out","","sha3","")],[],[],"s","b",[],[])'],
    ["a hash that is not base 16", 'Derive([("out","","sha256","xx")],[],[],"s","b",[],[])'],
    ["another version's head", 'DrvWithVersion("xp-dyn-drv",[("out","","","")],[],[],"s","b",[],[])'],
  ];
  for (const [why, text] of refused) {
    assert.throws(() => parseDerivation(text, "x"), { name: "CopseError", code: "derivation-invalid" }, why);
  }
});
