/** Literals of the Nix language in all their notations. Texts are byte strings: a program is written as Latin-1. */
import { byteStringFromText } from "#base";
import type { Generator } from "./generator.ts";

const PLAIN = "abcXYZ019 -_=:./,";
const ODD = "\"\\$\n\r\t'{}`#;%&<>|~^*?!@";
const UNICODE = ["é", "ß", "→", "日本", "🦊", "\u0301", "\u200b", "ﷺ"].map(byteStringFromText);

/** Any bytes but NUL, which no string of Nix may hold. */
export function randomText(gen: Generator): string {
  const { random } = gen;
  const length = random.below(14);
  if (random.chance(0.5)) return random.text(length, PLAIN);
  if (random.chance(0.5)) return random.text(length, PLAIN + ODD + ODD);
  if (gen.allowsBytes && random.chance(0.4))
    return random.list(length, () => String.fromCharCode(1 + random.below(255))).join("");
  return random
    .list(length, () => (random.chance(0.3) ? random.pick(UNICODE) : random.pick(PLAIN + ODD)))
    .join("");
}

export function stringLiteral(gen: Generator, text: string = randomText(gen)): string {
  const { random } = gen;
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"' || char === "\\") out += `\\${char}`;
    else if (char === "$") out += text[i + 1] === "{" || random.chance(0.5) ? "\\$" : "$";
    else if (char === "\n") out += random.chance(0.5) ? "\\n" : "\n";
    else if (char === "\t") out += random.chance(0.5) ? "\\t" : "\t";
    // Unescaped, it would be read as an end of line.
    else if (char === "\r") out += "\\r";
    else if (/[b-mo-qsu-z]/i.test(char) && random.chance(0.03)) out += `\\${char}`;
    else out += char;
  }
  return `"${out}"`;
}

/** `''…''` with lines of several depths. What it comes to is for the evaluators to agree on. */
export function indentedLiteral(gen: Generator, insert: () => string): string {
  const { random } = gen;
  const line = () => {
    const indent = random.pick(["", "  ", "    ", "\t", " \t "]);
    const word = random.text(random.below(8), "abc =-");
    const special = random.pick(["", "", "", "''$", "'''", "''\\n", "''\\t", "$", "$$", "\\", '"', "''\\x"]);
    return `${indent}${word}${special}${random.chance(0.2) ? `\${${insert()}}` : ""}`;
  };
  const lines = random.list(1 + random.below(4), line).join("\n");
  // A quote before the end would become part of it.
  return `''${random.chance(0.7) ? "\n" : ""}${lines.replace(/'+$/, "")}${random.chance(0.5) ? "\n  " : " "}''`;
}

const INTEGERS = [
  "0",
  "1",
  "(-1)",
  "42",
  "4294967296",
  "9007199254740993",
  "9223372036854775807",
  "(-9223372036854775807)",
];
const FLOATS = [
  ...[
    "0.0",
    "1.0",
    "(-0.0)",
    "1.5",
    "0.1",
    "3.14159",
    "1.0e20",
    "1.0e100",
    "1.0e-7",
    "123456789.125",
    "(-2.5)",
  ],
  ...[
    "1.7976931348623157e308",
    "2.3e-308",
    "1.0e15",
    "1.0e16",
    "0.30000000000000004",
    "100000.0",
    "1000000.0",
  ],
];

export function integer(gen: Generator): string {
  return gen.random.chance(0.5) ? String(gen.random.below(1000)) : gen.random.pick(INTEGERS);
}

export function float(gen: Generator): string {
  return gen.random.pick(FLOATS);
}

const NAMES = [
  "a",
  "b",
  "foo",
  "x_1",
  "y'",
  "FOO",
  "dash-ed",
  '"a b"',
  '"dot.ted"',
  '"1"',
  '"quo\\"te"',
  '"new\\nline"',
  '"if"',
];

/** `count` different attribute names. */
export function attributeNames(gen: Generator, count: number): string[] {
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const unicode = gen.random.chance(0.05) ? `"${gen.random.pick(UNICODE)}"` : undefined;
    names.add(unicode ?? (gen.random.chance(0.5) ? gen.random.pick(NAMES) : `v${gen.random.below(50)}`));
  }
  return [...names];
}
