import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CopseError } from "#base";
import { normaliseName } from "#format/python";
import { openLock } from "../../lock.ts";
import { parseLock } from "../../lock-reader.ts";
import { formatLock } from "../../lock-writer.ts";
import { checkDamagedLocks } from "../../testing/damaged-locks.ts";
import type { LockedPythonPackage } from "./lock-schema.ts";
import { whoNeeds } from "./lock-schema.ts";

function locked(name: string, version = "1.0", dependencies: readonly string[] = []): LockedPythonPackage {
  return {
    name: normaliseName(name),
    ...{ version, dependencies },
    file: `${name}-${version}-py3-none-any.whl`,
    size: 10,
    sha256: "cd".repeat(32),
  };
}

const asked = (...requirements: string[]) => ({
  ...{ requirements, system: "x86_64-linux", python: "3.11.2", glibc: "2.36", settings: {} },
});

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "copse-lock-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "copse.lock");
}

test("what is recorded is answered, now and from the file", (t) => {
  const lock = openLock(place(t));
  const [b, a] = [locked("b"), locked("a", "1.0", ["b[x,y]"])];
  lock.python.record(asked("a>=1", "a"), [b, a]);
  lock.save();
  for (const one of [lock, openLock(lock.path, { frozen: true })]) {
    assert.deepEqual(
      one.python.answer(asked("a", "a>=1")),
      [b, a],
      "the order of requirements does not matter",
    );
    for (const other of [
      asked("a"),
      { ...asked("a", "a>=1"), glibc: "2.41" },
      { ...asked("a", "a>=1"), python: "3.11.9" },
      { ...asked("a", "a>=1"), system: "aarch64-linux" },
      { ...asked("a", "a>=1"), settings: { prereleases: "allow" } },
    ])
      assert.equal(one.python.answer(other), undefined);
  }
});

test("the order of settings does not matter, and they are kept", (t) => {
  const lock = openLock(place(t));
  const settings = { relax: ["numpy<2"], dependencies: { x: { remove: ["y"], add: ["z"] } } };
  lock.python.record({ ...asked("a"), settings }, [locked("a")]);
  lock.save();
  const turned = { dependencies: { x: { add: ["z"], remove: ["y"] } }, relax: ["numpy<2"] };
  assert.ok(openLock(lock.path).python.answer({ ...asked("a"), settings: turned }));
});

test("one package to a block, whoever needs it beside it, the same for any order of recording", (t) => {
  const answers = [
    [asked("a"), [locked("b"), locked("a", "1.0", ["b"])]],
    [asked("c", "b"), [locked("b"), locked("c", "1.0", ["b"])]],
    [asked("b<1"), [locked("b", "0.9")]],
  ] as const;
  const [one, other] = [openLock(place(t)), openLock(place(t))];
  for (const [request, answer] of answers) one.python.record(request, answer);
  for (const [request, answer] of answers.toReversed()) other.python.record(request, answer);
  one.save();
  other.save();
  const text = readFileSync(one.path, "utf8");
  assert.equal(text, readFileSync(other.path, "utf8"));
  assert.equal(formatLock(parseLock("copse.lock", text)), text);
  assert.match(
    text,
    /^ {10}"name": "b",\n {10}"version": "1\.0",\n(?: {10}".*\n)*? {10}"for": \["\.","a","c"\]\n {8}\}/m,
  );
  assert.match(text, /"b==0\.9"\n/);
  const [section] = one.python.data.values();
  assert.ok(section);
  assert.deepEqual([...whoNeeds(section).values()].flat().length, 6);
});

test("what was found out about a file holds for all requests, and later answers keep it", (t) => {
  const lock = openLock(place(t));
  lock.python.record(asked("a"), [locked("a")]);
  lock.python.record(asked("a", "b"), [locked("a"), locked("b")]);
  lock.python.recordFinding(asked(), locked("a").file, { system: ["libgl1"] });
  lock.python.record(asked("c"), [locked("a"), locked("c")]);
  lock.save();
  const again = openLock(lock.path);
  for (const request of [asked("a"), asked("a", "b"), asked("c")])
    assert.deepEqual(again.python.answer(request)?.[0]?.system, ["libgl1"]);
});

test("pruning drops what was not asked for", (t) => {
  const lock = openLock(place(t));
  lock.python.record(asked("a"), [locked("a")]);
  lock.python.record(asked("b"), [locked("b")]);
  lock.save();
  const later = openLock(lock.path);
  later.python.answer(asked("b"));
  later.prune();
  later.save();
  assert.doesNotMatch(readFileSync(lock.path, "utf8"), /"a"/);
  assert.ok(openLock(lock.path).python.answer(asked("b")));
});

test("a new request keeps to the versions of the one that is most like it", (t) => {
  const lock = openLock(place(t));
  lock.python.record(asked("x", "y"), [locked("n", "1.0")]);
  lock.python.record(asked("z"), [locked("n", "2.0"), locked("m", "2.0")]);
  const kept = lock.python.preferences(asked("x", "y", "w"));
  assert.deepEqual(
    [...kept],
    [
      ["n", "1.0"],
      ["m", "2.0"],
    ],
  );
});

const good = formatLock({
  debian: new Map(),
  python: new Map([
    [
      "3.11 x86_64-linux",
      {
        packages: [
          { ...locked("a"), system: ["libgl1"], build: { requires: ["x"], tools: ["gcc"] }, index: "lab" },
        ],
        requests: [
          {
            ...{ requirements: ["a"], python: "3.11.2", glibc: "2.36", settings: { relax: ["q"] } },
            answer: [{ ...locked("a") }],
          },
        ],
      },
    ],
  ]),
});

const broken: readonly (readonly [what: string, from: string | RegExp, to: string, at: string])[] = [
  ["a path as a file", '"a-1.0', '"../a-1.0', '"../a'],
  ["a file of no package", "none-any.whl", "none-any.exe", '"a-1.0'],
  ["a hash that is short", /"sha256": "cd/, '"sha256": "', '"cd'],
  ["a size that is text", '"size": 10', '"size": "10"', '"10"'],
  ["a name that is not normalised", '"name": "a"', '"name": "A"', '"A"'],
  ["a version with a blank", '"version": "1.0"', '"version": "1 0"', '"1 0"'],
  ["an unknown field", '"size": 10', '"host": "x"', '"x"'],
  ["a system package that is an option", '"libgl1"', '"-o"', '"-o"'],
  ["an index that is an address", '"lab"', '"http://lab"', '"http'],
  ["an answer that is not there", '"a==1.0"', '"b==1.0"', '"b=='],
  ["a section of nothing", "3.11 x86_64-linux", "x86_64-linux", "{"],
  ["tools that are none", '"gcc"', "1", "1"],
];

for (const [what, from, to, at] of broken)
  test(`a lock with ${what} is refused where it is`, () => {
    const text = good.replace(from, to);
    assert.notEqual(text, good);
    assert.throws(
      () => parseLock("copse.lock", text),
      (error) => {
        assert.ok(error instanceof CopseError && error.code === "lock-invalid", String(error));
        const shown = error.span?.source.text.slice(error.span.start) ?? "";
        assert.ok(shown.startsWith(at), shown.slice(0, 40));
        return true;
      },
    );
  });

test("random damage never passes for another error", () => {
  checkDamagedLocks(good, { seed: 7, rounds: 1000 });
});
