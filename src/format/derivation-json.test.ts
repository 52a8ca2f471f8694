import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isCopseError } from "#base";
import { formatDerivation, parseDerivation } from "./derivation.ts";
import { derivationFromJson, derivationToJson } from "./derivation-json.ts";
import { formatJson, parseJsonText } from "./json.ts";

const digest = (letter: string): string => letter.repeat(32);
const path = (letter: string, name: string): string => `/nix/store/${digest(letter)}-${name}`;

/** ATerm texts of all kinds of derivations that JSON can tell. */
const SAMPLES: Record<string, string> = {
  plain: `Derive([("dev","${path("a", "x-dev")}","",""),("out","${path("b", "x")}","","")],[("${path("c", "y.drv")}",["dev","out"])],["${path("d", "s.sh")}"],"x86_64-linux","/bin/sh",["-c","echo \\"a\\"\\n"],[("dev","${path("a", "x-dev")}"),("name","x"),("out","${path("b", "x")}")])`,
  fixed: `Derive([("out","","r:sha256","ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")],[],[],"builtin","builtin:fetchurl",[],[("name","x")])`,
  floating: `Derive([("out","","text:sha256","")],[],[],"x86_64-linux","/bin/sh",[],[])`,
  deferred: `Derive([("out","","","")],[("${path("c", "y.drv")}",["out"])],[],"x86_64-linux","/bin/sh",[],[("out","")])`,
  structured: `Derive([("out","${path("b", "x")}","","")],[],[],"x86_64-linux","/bin/sh",[],[("__json","{\\"a\\":[1,1.5,\\"é\\"],\\"b\\":{}}"),("out","${path("b", "x")}")])`,
};

describe("derivations as JSON", () => {
  for (const [name, text] of Object.entries(SAMPLES)) {
    test(`${name}: to JSON text and back`, () => {
      const drv = parseDerivation(Buffer.from(text).toString("latin1"), "x");
      const json = formatJson(derivationToJson(drv));
      assert.equal(formatDerivation(derivationFromJson(parseJsonText(json))), formatDerivation(drv));
    });
  }

  test("structured attributes stand by themselves", () => {
    const drv = parseDerivation(Buffer.from(SAMPLES["structured"] as string).toString("latin1"), "x");
    const json = JSON.parse(Buffer.from(formatJson(derivationToJson(drv)), "latin1").toString());
    assert.deepEqual(json.structuredAttrs, { a: [1, 1.5, "é"], b: {} });
    assert.deepEqual(Object.keys(json.env), ["out"]);
  });

  const good = JSON.parse(formatJson(derivationToJson(parseDerivation(SAMPLES["plain"] as string, "x"))));
  const refused: Record<string, object> = {
    "another version": { ...good, version: 3 },
    "no version": { ...good, version: undefined },
    "a name that is none": { ...good, name: "a/b" },
    "a path outside of the store": { ...good, inputs: { srcs: ["/etc/passwd"], drvs: {} } },
    "an output of no kind": { ...good, outputs: { out: { path: `${digest("b")}-x`, hash: "" } } },
    "an output's name that is none": { ...good, outputs: { "../x": {} } },
    "an unknown algorithm": { ...good, outputs: { out: { method: "nar", hashAlgo: "md6" } } },
    "an unknown method": { ...good, outputs: { out: { method: "tar", hashAlgo: "sha256" } } },
    "arguments that are no texts": { ...good, args: [1] },
    "variables that are no texts": { ...good, env: { a: null } },
    "dynamic outputs": {
      ...good,
      inputs: { srcs: [], drvs: { [`${digest("c")}-y.drv`]: { outputs: [], dynamicOutputs: { out: {} } } } },
    },
    "a list": [],
  };
  for (const [name, json] of Object.entries(refused)) {
    test(`refuses ${name}`, () => {
      assert.throws(
        () => derivationFromJson(parseJsonText(JSON.stringify(json))),
        (error) => isCopseError(error),
      );
    });
  }
});
