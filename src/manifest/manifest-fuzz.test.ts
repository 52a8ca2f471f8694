/**
 * Manifests made at random from the definition, with wrong things in wrong places, and valid ones with damaged bytes:
 * each is taken, or refused with errors that have a place in it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CopseError, installedPath } from "#base";
import { damage, fuzzRuns, Random } from "#format/testing";
import { checkManifest } from "./check/mod.ts";
import { manifestShape } from "./definition/manifest.ts";
import { manifestExpression } from "./expression/expression.ts";
import { parseManifest } from "./manifest.ts";
import { type Shape, shapeOf, type TextShape } from "./schema/shapes.ts";

/** Whether it was taken. */
function isTaken(bytes: Buffer): boolean {
  try {
    const manifest = parseManifest("/p/copse.toml", bytes);
    checkManifest(manifest);
    manifestExpression(manifest);
    return true;
  } catch (error) {
    const what = () => `${(error as Error).stack}\n--- of ---\n${bytes.toString("utf8")}`;
    assert.ok(error instanceof CopseError, what());
    for (const { message, span } of [...error.related, error]) {
      assert.ok(span, `without a place: ${message}\n${what()}`);
      assert.equal(span.source.name, "/p/copse.toml", what());
      assert.ok(span.start >= 0 && span.start <= span.end && span.start <= bytes.length, what());
      assert.doesNotMatch(message, /undefined|\[object|NaN|TypeError|internal/, what());
    }
    return false;
  }
}

const TEXTS = [
  ...[
    "",
    " ",
    "a",
    "numpy",
    "numpy<2",
    "x @ https://h/x-1-py3-none-any.whl",
    "b @ git+file:///b",
    "../a",
    "/a",
    "1.2",
  ],
  ...[
    "2024-03-01",
    "3.11",
    "\u0000",
    "\n",
    "${x}",
    "''",
    '"',
    "é\u2028",
    "__proto__",
    "constructor",
    "a.b",
    "-",
    "^1",
  ],
  ...[
    "https://h/x",
    "file:///x",
    "0".repeat(64),
    "default",
    "dev",
    "a b",
    "a; python_version<'3'",
    "x".repeat(3000),
  ],
];

/** Toml's text of a value that fits the shape, or, now and then, of one that does not. */
function valueText(random: Random, shape: Shape, depth: number): string {
  if (random.below(60) === 0) return strayText(random, depth);
  switch (shape.kind) {
    case "text":
      return quoted(random.pick(fittingTexts(random, shape)));
    case "flag":
      return random.pick(["true", "false"]);
    case "integer":
      return String(random.pick([shape.minimum, shape.maximum, 1, -1, 70000, "9223372036854775808"]));
    case "list":
      return `[${times(random, 3, () => valueText(random, shape.item, depth + 1)).join(", ")}]`;
    case "record":
      return inline(
        times(random, 3, () => [
          random.pick(fittingTexts(random, { rule: shape.name })),
          valueText(random, shape.member, depth + 1),
        ]),
      );
    case "table": {
      const wanted = Object.entries(shape.fields).filter(
        ([name]) =>
          random.below(depth === 0 ? 2 : 3) === 0 || (shape.requires.has(name) && random.below(8) > 0),
      );
      const members = wanted.map(([name, field]): [string, string] => [
        random.below(30) === 0 ? `${name}x` : name,
        valueText(random, shapeOf(field), depth + 1),
      ]);
      return depth === 0 ? members.map(([name, text]) => `${name} = ${text}\n`).join("") : inline(members);
    }
    case "either":
      return valueText(random, random.pick(shape.shapes), depth);
  }
}

/** Mostly such as pass the reader, so that what is checked afterwards has something to find. */
function fittingTexts(
  random: Random,
  { choices, rule }: Pick<TextShape, "choices" | "rule">,
): readonly string[] {
  if (random.below(60) === 0) return TEXTS;
  if (choices) return choices;
  const pattern = rule && new RegExp(`^(?:${rule.pattern})$`, "u");
  const fitting = TEXTS.filter((text) => text !== "\u0000" && (pattern?.test(text) ?? true));
  return fitting.length > 0 ? fitting : TEXTS;
}

function strayText(random: Random, depth: number): string {
  const nested =
    depth < 4 ? [`[${strayText(random, depth + 1)}]`, inline([["a", strayText(random, depth + 1)]])] : [];
  return random.pick([
    "1",
    "1.5",
    "true",
    "inf",
    "2024-03-01",
    "[]",
    "{}",
    '""',
    quoted(random.pick(TEXTS)),
    ...nested,
  ]);
}

function inline(members: readonly (readonly [string, string])[]): string {
  const unique = [...new Map(members)];
  return `{ ${unique.map(([name, text]) => `${quoted(name)} = ${text}`).join(", ")} }`;
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

function times<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: random.below(most + 1) }, make);
}

test("what the definition can say wrongly is told with its place", () => {
  const random = new Random(20);
  let taken = 0;
  const rounds = fuzzRuns(1500);
  for (let round = 0; round < rounds; round++) {
    const text = valueText(random, manifestShape, 0);
    if (isTaken(Buffer.from(text))) taken++;
  }
  assert.ok(taken > rounds / 50 && taken < rounds, `${taken} of ${rounds} were taken`);
});

test("a manifest with damaged bytes is taken, or refused with a place", () => {
  const random = new Random(21);
  const page = readFileSync(installedPath("docs/copse-toml.md"), "utf8");
  const samples = [...page.matchAll(/^```toml\n(.*?)^```/gms)].map(([, text = ""]) => Buffer.from(text));
  for (const sample of samples) assert.ok(isTaken(sample));
  for (let round = 0; round < fuzzRuns(1500); round++) isTaken(damage(random, random.pick(samples)));
});

test("nesting without end is refused with a place", () => {
  const deep = 20_000;
  assert.equal(isTaken(Buffer.from(`a = ${"[".repeat(deep)}${"]".repeat(deep)}`)), false);
  assert.equal(isTaken(Buffer.from(`a = ${"{a=".repeat(deep)}1${"}".repeat(deep)}`)), false);
  assert.equal(isTaken(Buffer.from(`${"a.".repeat(deep)}b = 1`)), false);
});
