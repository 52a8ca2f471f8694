import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../testing/random.ts";
import { TomlArray, type TomlNode, TomlParser, TomlTable } from "./mod.ts";

type Plain = string | boolean | readonly Plain[] | { readonly [name: string]: Plain };

function randomValue(random: Random, depth: number): Plain {
  if (depth === 0 || random.chance(0.5))
    return random.chance(0.2) ? random.chance(0.5) : random.text(random.below(9), "ab \\\"'#=.[]{}\n\té");
  const size = random.below(4);
  if (random.chance(0.5)) return random.list(size, () => randomValue(random, depth - 1));
  return Object.fromEntries(
    random.list(size, (at) => [`${random.text(2, "ab -.")}${at}`, randomValue(random, depth - 1)]),
  );
}

function written(random: Random, value: Plain): string {
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string")
    return random.chance(0.5) || /['\n\t]/.test(value) ? JSON.stringify(value) : `'${value}'`;
  if (Array.isArray(value)) return `[${value.map((item) => `\n ${written(random, item)} ,`).join(" # x")}\n]`;
  return `{ ${Object.entries(value)
    .map(([name, item]) => `${JSON.stringify(name)} = ${written(random, item)}`)
    .join(" , ")} }`;
}

function plain(node: TomlNode): unknown {
  if (node instanceof TomlArray) return node.items.map(plain);
  if (node instanceof TomlTable)
    return Object.fromEntries(Array.from(node.members, ([name, member]) => [name, plain(member)]));
  return node;
}

test("what is written comes back, inline and below headers", () => {
  const random = new Random(41);
  for (let round = 0; round < 500; round++) {
    const tables = random.list(random.below(4), (at) => [
      `t ${at}`,
      Object.fromEntries(random.list(random.below(4), (key) => [`k${key}`, randomValue(random, 3)])),
    ]) as [string, Readonly<Record<string, Plain>>][];
    const text = tables.map(([name, members]) => {
      const lines = Object.entries(members).map(
        ([key, value]) => `${key} = ${written(random, value)} # comment\n`,
      );
      return `["${name}"]\n${lines.join("")}`;
    });
    const document = plain(new TomlParser(text.join("\n")).parse());
    assert.deepEqual(document, Object.fromEntries(tables), text.join("\n"));
  }
});
