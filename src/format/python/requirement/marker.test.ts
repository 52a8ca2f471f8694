import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { fuzzRuns, Random } from "#format/testing";
import { findPackaging } from "../testing/packaging.ts";
import { formatMarker, MARKER_VARIABLES, mentionsExtra, parseMarker } from "./marker.ts";
import { type MarkerEnvironment, markerEnvironment } from "./marker-environment.ts";
import { evaluateMarker } from "./marker-evaluate.ts";

const packaging = findPackaging();
const BOOKWORM = markerEnvironment({ system: "x86_64-linux", python: "3.11.2" });

const ENVIRONMENTS: readonly MarkerEnvironment[] = [
  BOOKWORM,
  markerEnvironment({ system: "aarch64-linux", python: "3.9.2" }),
  markerEnvironment({ system: "aarch64-darwin", python: "3.14.0rc1" }),
  markerEnvironment({
    system: "x86_64-linux",
    python: "3.10.14",
    implementation: { name: "pypy", version: "7.3.17" },
  }),
  {
    ...BOOKWORM,
    platform_release: "6.1.0-18-amd64",
    platform_version: "#1 SMP",
    python_full_version: "3.13.0a1+",
  },
  { ...BOOKWORM, sys_platform: "win32", os_name: "nt", platform_system: "Windows", platform_release: "10" },
];

function holds(text: string, extras: readonly string[] = []): boolean {
  return evaluateMarker(parseMarker(text), BOOKWORM, new Set(extras));
}

test("an environment has the facts of the interpreter, and none of the kernel", () => {
  assert.deepEqual(BOOKWORM, {
    implementation_name: "cpython",
    implementation_version: "3.11.2",
    os_name: "posix",
    platform_machine: "x86_64",
    platform_python_implementation: "CPython",
    platform_release: "",
    platform_system: "Linux",
    platform_version: "",
    python_full_version: "3.11.2",
    python_version: "3.11",
    sys_platform: "linux",
  });
  assert.throws(() => markerEnvironment({ system: "x86_64-windows", python: "3.11.2" }), {
    code: "python-platform-unknown",
  });
});

test("versions are compared as versions, all else as text", () => {
  for (const text of [
    'python_version >= "3.9"',
    'python_version < "3.110"',
    'python_version == "3.*"',
    '"3.9" <= python_version',
    'python_full_version == "3.11.2"',
    'python_version in "3.10, 3.11"',
    'python_version not in "2.7 3.10"',
    "os.name == \"posix\" and sys.platform == 'linux'",
    'python_implementation == "CPython"',
    'platform_machine != "arm64" or python_version < "3"',
    'sys_platform == "win32" and python_version < "3" or os_name == "posix"',
    '"linux" in sys_platform',
    'platform_system >= "Linux"',
    "os_name == 'po\\x73ix'",
  ])
    assert.ok(holds(text), text);
  for (const text of [
    'python_version < "3.9"',
    'python_version >= "3.8.*"',
    'platform_release >= "1"',
    'platform_system > "A"',
    'sys_platform == "win32" and (python_version < "3" or os_name == "posix")',
    'extra == "test"',
  ])
    assert.ok(!holds(text), text);
});

test("an extra is one of those that were asked for", () => {
  assert.ok(holds('extra == "A_b"', ["x", "a-b"]));
  assert.ok(!holds('extra == "a" and extra == "b"', ["a", "b"]));
  assert.ok(holds('"Test" == extra', ["test"]));
  assert.ok(mentionsExtra(parseMarker('os_name == "x" or (os_name == "y" and extra == "a")')));
  assert.ok(!mentionsExtra(parseMarker('os_name == "extra"')));
});

test("sets are those of lock files", () => {
  const environment = { ...BOOKWORM, extras: new Set(["a-b"]), dependency_groups: new Set(["dev"]) };
  assert.ok(evaluateMarker(parseMarker('"A.b" in extras and "test" not in dependency_groups'), environment));
  for (const text of ['"a" in extras', 'extras == "a"', '"a" == extras'])
    assert.throws(() => holds(text), { code: "python-marker-undefined" }, text);
});

test("comparisons without meaning are told from those that do not hold", () => {
  for (const text of ['os_name ~= "1"', 'sys_platform === "linux"', '"a" == "b"'])
    assert.throws(() => holds(text), { code: "python-marker-undefined" }, text);
});

test("what is not a marker is refused", () => {
  for (const text of [
    "",
    "os_name",
    'os_name = "a"',
    'os_name == "a',
    'os_name == "a" and',
    '(os_name == "a"',
    'os_name == "a")',
    'os_name == "a" os_name == "b"',
    'name == "a"',
    'os_namex == "a"',
    "os_name == 'a\\'",
    'os_name == "a\\xg1"',
    'os_name notin "a"',
    `${"(".repeat(5000)}os_name == "a"${")".repeat(5000)}`,
  ])
    assert.throws(() => parseMarker(text), { code: "python-marker-invalid" }, text.slice(0, 50));
});

const VERSIONS = [
  "3.8",
  "3.9",
  "3.11",
  "3.11.2",
  "3.14",
  "3.14.0rc1",
  "3.*",
  "3.8.*",
  "3",
  "7.3",
  "6.1",
  "10",
  "3.13.0a1",
];
const TEXTS = ["linux", "win32", "posix", "CPython", "x86_64", "Linux", "", "a", "cpython", "3.9 3.10 3.11"];
const OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "~=", "===", "in", "not in"];

function randomMarker(random: Random, depth: number): string {
  if (depth > 0 && random.chance(0.5)) {
    const parts = random.list(2 + random.below(2), () => randomMarker(random, depth - 1));
    const text = parts.reduce((left, right) => `${left} ${random.pick(["and", "or"])} ${right}`);
    return random.chance(0.5) ? `(${text})` : text;
  }
  const variable = random.chance(0.6)
    ? random.pick(["python_version", "python_full_version", "implementation_version", "platform_release"])
    : random.pick([...MARKER_VARIABLES, "extra", "os.name", "python_implementation", "extras"]);
  const quote = random.pick(['"', "'"]);
  const value =
    quote + random.pick(random.chance(0.7) ? VERSIONS : [...TEXTS, ...VERSIONS, "\\x61", "A_a"]) + quote;
  const operator = random.pick(random.chance(0.7) ? OPERATORS.slice(0, 6) : OPERATORS);
  if (random.chance(0.03)) return `${variable} ${operator} ${random.pick(MARKER_VARIABLES)}`;
  return random.chance(0.8) ? `${variable} ${operator} ${value}` : `${value} ${operator} ${variable}`;
}

function randomNearMarker(random: Random): string {
  const text = randomMarker(random, 2);
  if (random.chance(0.9)) return text;
  const at = random.below(text.length + 1);
  return (
    text.slice(0, at) + random.text(random.below(3), " ()'\"=<>!~andor.") + text.slice(at + random.below(2))
  );
}

function judged(text: string, environment: MarkerEnvironment, extra: string): unknown {
  try {
    return evaluateMarker(parseMarker(text), environment, new Set(extra === "" ? [] : [extra]));
  } catch (error) {
    if (isCopseError(error, "python-marker-undefined")) return "undefined";
    if (isCopseError(error, "python-marker-invalid")) return null;
    throw error;
  }
}

test("packaging evaluates markers the same", { skip: packaging.reason }, () => {
  const random = new Random(53);
  const questions = random.list(
    fuzzRuns(4000),
    () => [randomNearMarker(random), random.pick(ENVIRONMENTS), random.pick(["", "a-a", "a"])] as const,
  );
  const answers = packaging.ask!("marker", questions);
  for (const [i, question] of questions.entries()) {
    const message = `${question[0]} with ${JSON.stringify(question[1])} and extra ${question[2]}`;
    assert.deepEqual(judged(...question), answers[i], message);
  }
});

test("packaging understands what we write", { skip: packaging.reason }, () => {
  const random = new Random(54);
  const texts = random.list(fuzzRuns(500), () => randomMarker(random, 3));
  const written = texts.map((text) => formatMarker(parseMarker(text)));
  const questions = (list: readonly string[]): unknown[] => list.map((text) => [text, BOOKWORM, "a"]);
  const asWritten = packaging.ask!("marker", questions(written));
  const answers = packaging.ask!("marker", questions(texts));
  for (const [i, text] of texts.entries())
    assert.deepEqual(asWritten[i], answers[i], `${text} as ${written[i]}`);
});
