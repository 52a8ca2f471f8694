import assert from "node:assert/strict";
import { test } from "node:test";
import { byteStringFromText, CopseError, lineColumn } from "#base";
import { TomlParser } from "#format/toml";
import { readDocument } from "./read.ts";
import { choice, either, flag, integer, list, record, required, table, text } from "./shapes.ts";

const shape = table("A document.", {
  name: required(text("Its name.", { pattern: "[a-z]+", what: "a name" })),
  colour: choice("Its colour.", ["red", "green"]),
  count: integer("How many.", { minimum: 1, maximum: 9 }),
  isOpen: flag("Open."),
  words: list("Words.", text("A word.")),
  sizes: record(
    "Sizes.",
    { pattern: "[a-z]+", what: "a size" },
    integer("Size.", { minimum: 0, maximum: 99 }),
  ),
  mixed: either("Text or table.", text("Text."), table("Table.", { deep: flag("Deep.") })),
});

function read(toml: string) {
  const source = { name: "x.toml", text: byteStringFromText(toml) };
  return readDocument(new TomlParser(source.text).parse(), shape, source);
}

function faults(toml: string): string[] {
  try {
    read(toml);
  } catch (error) {
    assert.ok(error instanceof CopseError);
    return [...error.related, error].map(({ code, message, span, hint }) => {
      assert.ok(span);
      const { line, column } = lineColumn(span.source, span.start);
      return `${line}:${column} ${code}: ${message}${hint === undefined ? "" : ` (${hint})`}`;
    });
  }
  return assert.fail("nothing was wrong");
}

test("what fits is read with its types", () => {
  const found = read(
    'name = "abc"\n' +
      'colour = "red"\ncount = 3\nisOpen = true\nwords = ["ü", "b"]\nsizes.x = 1\nsizes.y = 2\nmixed = { deep = true }\n',
  );
  assert.deepEqual(found, {
    name: "abc",
    colour: "red",
    count: 3,
    isOpen: true,
    words: ["ü", "b"],
    sizes: new Map([
      ["x", 1],
      ["y", 2],
    ]),
    mixed: { deep: true },
  });
});

test("all faults are told, each where it stands, in the order of the document", () => {
  assert.deepEqual(
    faults(
      [
        'nmae = "x"',
        'colour = "gren"',
        "count = 12",
        'isOpen = "yes"',
        'words = ["é", 3]',
        "sizes.Big = 1",
        "mixed = [1]",
        "[other]",
        "a = 1",
      ].join("\n"),
    ),
    [
      "1:1 manifest-key-unknown: Key is not known: `nmae` (did you mean name?)",
      "1:1 manifest-key-missing: A key is missing here: `name`",
      "2:10 manifest-value: Value is not known: `gren` (did you mean green?)",
      "3:9 manifest-value: Number is not between 1 and 9: `12`",
      "4:10 manifest-type: Expected true or false, found: a string",
      "5:16 manifest-type: Expected a string, found: a whole number (write it in quotes)",
      "6:7 manifest-name: Key is not a size: `Big`",
      "7:9 manifest-type: Expected a string or a table, found: a list",
      "8:2 manifest-key-unknown: Key is not known: `other` (known are name, colour, count, isOpen, words, sizes, mixed)",
    ],
  );
});

test("names such as __proto__ are names like others", () => {
  assert.deepEqual(faults('name = "a"\n__proto__ = 1').length, 1);
  assert.deepEqual(faults('name = "a"\nconstructor = 1').length, 1);
});
