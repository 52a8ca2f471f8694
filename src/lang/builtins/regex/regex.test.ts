import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findCppNix, NIX_ENVIRONMENT } from "../testing/cases.ts";
import { buildAutomaton } from "./automaton.ts";
import { Regex, RegexSyntaxError } from "./mod.ts";
import { nativeRegex } from "./native.ts";
import { Searcher } from "./search.ts";
import { parseRegex } from "./syntax.ts";

test("dead ends are remembered: no exponential time", () => {
  const text = "a".repeat(5_000);
  for (const source of [
    "(a*)+b",
    "(a|aa)+b",
    "(a|a)*b",
    "((a*)*)*b",
    "(a?){20}a{20}b",
    "(.*)(.*)(.*)(.*)x",
  ]) {
    assert.equal(new Regex(source).matchWhole(text.slice(0, 500)), undefined, source);
  }
  assert.deepEqual([...new Regex("(x+x+)+y").matches("x".repeat(5_000))], []);
});

test("long strings do not overflow the stack", () => {
  const text = "xy".repeat(200_000);
  assert.deepEqual(new Regex("(x|y)*").matchWhole(text), ["y"]);
  assert.deepEqual(new Regex("((x)|(y))*").matchWhole(text), ["y", "x", "y"]);
});

test("expressions that are too large are refused", () => {
  for (const source of ["a{100000}", "(a{1000}){1000}", "a{1001,}{100}"]) {
    assert.throws(() => new Regex(source), { reason: "too-large" }, source);
  }
  assert.ok(new Regex("a{49990}"));
});

interface Generated {
  readonly source: string;
  readonly texts: readonly string[];
}

/** Random expressions from a fixed seed. Small, as C++ Nix may take exponential time. */
function generate(count: number, seed: number): Generated[] {
  let state = seed;
  const random = (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % limit;
  };
  const pick = (items: readonly string[]) => items[random(items.length)] as string;
  const atoms = [
    "a",
    "b",
    "c",
    ".",
    "[ab]",
    "[^a]",
    "[a-c]",
    "\\.",
    "\\+",
    "x",
    "[[:alpha:]]",
    "[]a]",
    "[b-]",
  ];
  const quantifiers = ["*", "+", "?", "{2}", "{1,2}", "{0,1}", "{1,}", "{0}", "**", "+?", "{2,3}"];
  const expression = (depth: number): string => {
    let source = "";
    for (let i = 0; i <= random(3); i++) {
      source += depth > 0 && random(3) === 0 ? `(${expression(depth - 1)})` : pick(atoms);
      if (random(2) === 0) source += pick(quantifiers);
      if (random(14) === 0) source += pick(["^", "$"]);
    }
    return random(4) === 0
      ? `${source}|${random(8) === 0 ? "" : expression(Math.max(0, depth - 1))}`
      : source;
  };
  const text = () =>
    Array.from({ length: random(6) }, () => pick(["a", "b", "c", "a", "b", ".", "+", "x"])).join("");
  return Array.from({ length: count }, () => ({ source: expression(2), texts: [text(), text(), text()] }));
}

function split(regex: Regex, text: string): unknown[] {
  const parts: unknown[] = [];
  let end = 0;
  for (const match of regex.matches(text)) {
    parts.push(
      text.slice(end, match.start),
      match.groups.map((group) => group ?? null),
    );
    end = match.end;
  }
  return [...parts, text.slice(end)];
}

test("JavaScript's engine, where it is used, agrees with the search", () => {
  let used = 0;
  for (const { source, texts } of generate(5_000, 7)) {
    const parsed = parseRegex(source);
    const native = nativeRegex(parsed);
    if (!native) continue;
    used++;
    for (const text of texts) {
      const captures = new Searcher(buildAutomaton(parsed), text).run({ mode: "whole", from: 0 });
      const groups =
        captures &&
        Array.from({ length: parsed.groups }, (_, i) => {
          const start = captures[2 * i + 2] as number;
          return start < 0 ? undefined : text.slice(start, captures[2 * i + 3]);
        });
      assert.deepEqual(native.whole.exec(text)?.slice(1), groups, `${source} on ${text}`);
    }
  }
  assert.ok(used > 1_000, `${used}`);
});

const nix = findCppNix();
const skip = nix === undefined && "no C++ Nix: install nix-bin or set COPSE_CPP_NIX";

function evaluateByCppNix(expression: string): unknown {
  const directory = mkdtempSync(join(tmpdir(), "copse-regex-"));
  const file = join(directory, "fuzz.nix");
  writeFileSync(file, expression);
  try {
    return runCppNix(file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function runCppNix(file: string): unknown {
  const out = execFileSync(`${nix}nix-instantiate`, ["--eval", "--strict", "--json", file], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...NIX_ENVIRONMENT },
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 120_000,
  });
  return JSON.parse(out);
}

function nixString(text: string): string {
  return JSON.stringify(text).replaceAll("${", "\\${");
}

/** C++ Nix takes exponential time for some expressions: those that repeat much are left out. */
function isTame(source: string): boolean {
  return (source.match(/[*+?{]/g)?.length ?? 0) <= 5;
}

test("match and split agree with C++ Nix on random expressions", { skip }, () => {
  const generated = generate(2_400, 1).filter(({ source }) => isTame(source));
  const cases = generated.flatMap(({ source, texts }) => texts.map((text) => ({ source, text })));
  assert.ok(cases.length > 3_000, `${cases.length}`);
  const calls = cases.map(({ source, text }) => `(f ${nixString(source)} ${nixString(text)})`);
  const expression = `let f = r: t: [ (builtins.match r t) (builtins.split r t) ]; in [\n${calls.join("\n")}\n]`;
  const answers = evaluateByCppNix(expression) as [unknown, unknown][];
  cases.forEach(({ source, text }, i) => {
    const regex = new Regex(source);
    const match = regex.matchWhole(text)?.map((group) => group ?? null) ?? null;
    assert.deepEqual([match, split(regex, text)], answers[i], `${source} on ${text}`);
  });
});

test("what is no expression is refused", () => {
  const invalid = [
    "(",
    ")",
    "a)",
    "[",
    "[a",
    "[]",
    "[^]",
    "*",
    "+a",
    "?",
    "{",
    "{1}",
    "a{",
    "a{1",
    "a{x}",
    "a{,1}",
    "a{2,1}",
    "\\",
    "\\d",
    "\\]",
    "(*a)",
    "a|*",
    "^*",
    "$+",
    "[b-a]",
    "[a-c-e]",
    "[[:x:]]",
    "[[:alpha:",
    "[[.xx.]]",
    "[[=xx=]]",
    "[a--b]x[z-a]",
    "[[:alpha:]-z]",
  ];
  for (const source of invalid) assert.throws(() => new Regex(source), RegexSyntaxError, source);
});

test("what looks odd is an expression nevertheless", () => {
  const valid = [
    "",
    "()",
    "a|",
    "|",
    "(|a)",
    "]",
    "}",
    "a}",
    "a]",
    "[]]",
    "[^]]",
    "[a-]",
    "[-a]",
    "[--/]",
    "a**",
    "a+?",
    "a{1}{2}",
    "^^",
    "$$",
    "(^a$)",
    "[\\]",
    "[.]",
    "[[.a.]]",
    "[[=a=]]",
    "\\{",
    "\\$",
  ];
  for (const source of valid) assert.ok(new Regex(source), source);
});
