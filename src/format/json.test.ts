import assert from "node:assert/strict";
import { test } from "node:test";
import { byteStringFromText, CopseError } from "#base";
import { formatJson, parseJsonText } from "./json.ts";
import { findJudge } from "./testing/mod.ts";

const { judge, reason } = findJudge("nix-instantiate", { atLeast: "2.20" });

const TEXTS = [
  '{"b":[1,-2,1.0,1.5,1e20,1E-5,-0.0,9007199254740993,-9223372036854775808],"a":null,"":true}',
  '{"quote":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f\\u00e9\\ud83d\\ude00","é":"grün€😀","Z":{},"z":[[],[{}]]}',
  '{"twice":1,"twice":2,"__proto__":{"x":1},"10":1,"9":2}',
];

test("what is printed is what C++ Nix prints of it", { skip: reason }, () => {
  for (const text of TEXTS) {
    const expression = `builtins.toJSON (builtins.fromJSON ${JSON.stringify(text).replaceAll("${", "\\${")})`;
    const printed = judge?.run(["--eval", "--expr", `${expression} + "\\n"`, "--json"]);
    assert.equal(
      formatJson(parseJsonText(byteStringFromText(text))),
      byteStringFromText((JSON.parse(String(printed)) as string).trimEnd()),
    );
  }
});

test("printing what was read changes nothing once it is canonical", () => {
  for (const text of TEXTS) {
    const canonical = formatJson(parseJsonText(byteStringFromText(text)));
    assert.equal(formatJson(parseJsonText(canonical)), canonical);
  }
});

test("refusals", () => {
  for (const text of [
    "",
    "{",
    "[1,]",
    "nul",
    '"\\ud800"',
    "1e999",
    "\xff",
    '"\x01"',
    "[".repeat(1_000_000),
  ]) {
    assert.throws(() => parseJsonText(text), CopseError, text.slice(0, 20));
  }
});
