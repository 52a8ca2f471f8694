import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStanzas, Stanza } from "./deb-control.ts";
import { Random } from "./testing/random.ts";

const INDEX = `Package: a
Version: 1.0
Depends: b (>= 1),
 c | d
Description: first
 A longer text: with a colon.
 .
 Package: not a field

Package: b
Version:2
Tag: 

`;

test("fields are found, with the lines that continue them", () => {
  const [a, b, ...more] = [...parseStanzas(Buffer.from(INDEX))];
  assert.equal(more.length, 0);
  assert.equal(a?.get("Package"), "a");
  assert.equal(a?.get("Depends"), "b (>= 1),\n c | d");
  assert.equal(a?.get("Description"), "first\n A longer text: with a colon.\n .\n Package: not a field");
  assert.equal(b?.get("Package"), "b");
  assert.equal(b?.get("Version"), "2");
  assert.equal(b?.get("Tag"), "");
  assert.equal(b?.get("Depends"), undefined);
  assert.equal(b?.get("Packag"), undefined);
  assert.equal(b?.get("ersion"), undefined);
  assert.deepEqual(
    [...a!.fields()].map(([name]) => name),
    ["Package", "Version", "Depends", "Description"],
  );
  assert.deepEqual(
    [...b!.fields()],
    [
      ["Package", "b"],
      ["Version", "2"],
      ["Tag", ""],
    ],
  );
});

test("stanzas and fields come back from any text", () => {
  const random = new Random(15);
  for (let i = 0; i < 200; i++) {
    const stanzas = random
      .list(random.below(5), () => {
        const names = new Set(
          random
            .list(1 + random.below(5), () => random.text(1 + random.below(4), "AbC-"))
            .filter((name) => !name.startsWith("-")),
        );
        const value = () =>
          random.list(1 + random.below(3), () => random.text(1 + random.below(5), "ab:.\xe4")).join("\n ");
        const byLowerCase = new Map(
          Array.from(names, (name) => [name.toLowerCase(), [name, value()] as const]),
        );
        return [...byLowerCase.values()];
      })
      .filter((stanza) => stanza.length > 0);
    const texts = stanzas.map((stanza) => stanza.map(([name, value]) => `${name}: ${value}\n`).join(""));
    for (const text of [
      texts.join("\n"),
      texts.join("\n").replaceAll("\n", "\r\n"),
      `\n${texts.join("\n\n\n")}\n\n`,
    ]) {
      const parsed = [...parseStanzas(Buffer.from(text, "latin1"))];
      assert.deepEqual(
        parsed.map((stanza) => [...stanza.fields()]),
        stanzas,
        JSON.stringify(text),
      );
      for (const [at, stanza] of stanzas.entries()) {
        for (const [name, value] of stanza) assert.equal(parsed[at]?.get(name), value, JSON.stringify(text));
      }
    }
  }
});

test("files written by hand may have comments, blanks in empty lines and any case", () => {
  const text =
    "# first\n\nTypes: deb\n#URIs: x\nsuites: bookworm\n# in a value\n  trixie\n \t \n# between\nTypes: deb-src";
  const [first, second, ...more] = [...parseStanzas(text, { handwritten: true })];
  assert.equal(more.length, 0);
  assert.equal(first?.get("types"), "deb");
  assert.equal(first?.get("URIs"), undefined);
  assert.equal(first?.get("Suites"), "bookworm\n  trixie");
  assert.equal(second?.get("TYPES"), "deb-src");
});

test("malformed and repeated fields are refused", () => {
  for (const text of [
    "Package",
    "Package\nVersion: 1",
    " : a",
    ": a",
    "A: 1\nA: 2",
    "A: 1\na: 2",
    "#A: 1",
    "-A: 1",
    "A B: 1",
    "ä: 1",
  ]) {
    assert.throws(
      () => [...new Stanza(text).fields()],
      { name: "CopseError", code: "deb-control-invalid" },
      text,
    );
  }
});
