import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CopseError, isCopseError, lineColumn } from "#base";
import { openLock } from "./lock.ts";
import { parseLock } from "./lock-reader.ts";
import type { LockedPackage, LockedRelease } from "./lock-schema.ts";
import { formatLock } from "./lock-writer.ts";
import { checkDamagedLocks } from "./testing/damaged-locks.ts";

const release: LockedRelease = {
  ...{ archive: "debian", suite: "bookworm", origin: "Debian", label: "Debian", codename: "bookworm" },
  ...{ version: "12.1", date: "2026-07-11T10:16:37Z", indexes: ["ab".repeat(32)] },
};

function locked(name: string, version = "1.0"): LockedPackage {
  const file = `pool/main/${name[0]}/${name}/${name}_${version}_amd64.deb`;
  return {
    name,
    version,
    architecture: "amd64",
    archive: "debian",
    file,
    size: 10,
    sha256: "cd".repeat(32),
    python: name.startsWith("python3-"),
  };
}

const request = (...names: string[]) => ({ suite: "bookworm", architecture: "amd64", names });
const answer = (...packages: LockedPackage[]) => ({ packages, releases: [release] });

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "copse-lock-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "copse.lock");
}

test("what is recorded is answered, now and from the file", (t) => {
  const path = place(t);
  const lock = openLock(path);
  assert.equal(lock.answer(request("a")), undefined);
  lock.record(request("b", "a", "b"), answer(locked("c"), locked("a"), locked("b")));
  lock.save();
  for (const one of [lock, openLock(path)]) {
    assert.deepEqual(
      one.answer(request("a", "b"))?.packages.map(({ name }) => name),
      ["c", "a", "b"],
    );
    assert.deepEqual(one.answer(request("a", "b"))?.releases, [release]);
    assert.equal(one.answer(request("a")), undefined);
    assert.equal(one.answer({ ...request("a", "b"), architecture: "arm64" }), undefined);
    assert.equal(one.answer({ ...request("a", "b"), suite: "trixie" }), undefined);
  }
  assert.deepEqual(readdirSync(join(path, "..")), ["copse.lock"]);
});

test("the layout is the same whatever the order of recording", (t) => {
  const answers = [
    [request("z"), answer(locked("python3-z"), locked("z"))],
    [request("a"), answer(locked("a"))],
    [{ ...request("a"), suite: "trixie" }, answer(locked("a", "2"))],
  ] as const;
  const [one, other] = [place(t), place(t)].map((path) => openLock(path));
  for (const [what, how] of answers) one?.record(what, how);
  for (const [what, how] of [...answers].reverse()) other?.record(what, how);
  one?.save();
  other?.save();
  const text = readFileSync(one?.path ?? "", "utf8");
  assert.equal(text, readFileSync(other?.path ?? "", "utf8"));
  assert.equal(formatLock(parseLock("copse.lock", text)), text);
  assert.equal(text.split("\n").filter((line) => line.includes('"sha256"')).length, 4, "one package a line");
  assert.match(text, /"python":true\}/);
});

test("a lock that nothing changed is not written, one that is empty not made", (t) => {
  const path = place(t);
  openLock(path).save();
  assert.throws(() => statSync(path));
  const lock = openLock(path);
  lock.record(request("a"), answer(locked("a")));
  lock.save();
  const before = statSync(path, { bigint: true }).mtimeNs;
  const again = openLock(path, { frozen: true });
  again.save();
  assert.equal(statSync(path, { bigint: true }).mtimeNs, before);
  again.record(request("b"), answer(locked("b")));
  assert.throws(
    () => again.save(),
    (error) => isCopseError(error, "lock-frozen"),
  );
});

test("pruning drops what was not asked for, nothing else does", (t) => {
  const path = place(t);
  const lock = openLock(path);
  lock.record(request("a"), answer(locked("shared"), locked("a")));
  lock.record(request("b"), answer(locked("shared"), locked("b")));
  lock.record({ ...request("c"), suite: "trixie" }, answer(locked("c")));
  lock.save();
  const later = openLock(path);
  later.answer(request("b"));
  later.save();
  assert.notEqual(openLock(path).answer(request("a")), undefined);
  later.prune();
  later.save();
  const text = readFileSync(path, "utf8");
  assert.match(text, /"shared"/);
  assert.doesNotMatch(text, /"name":"a"|trixie/);
});

test("two versions of one package are told apart", (t) => {
  const path = place(t);
  const lock = openLock(path);
  lock.record(request("a"), answer(locked("x", "1"), locked("a")));
  lock.record(request("b"), answer(locked("x", "2"), locked("b")));
  lock.save();
  assert.match(readFileSync(path, "utf8"), /"x=1","a"/);
  const again = openLock(path);
  assert.deepEqual(
    again.answer(request("a"))?.packages.map(({ version }) => version),
    ["1", "1.0"],
  );
  assert.deepEqual(
    again.answer(request("b"))?.packages.map(({ version }) => version),
    ["2", "1.0"],
  );
});

const good = formatLock({
  python: new Map(),
  debian: new Map([
    [
      "bookworm",
      new Map([
        [
          "amd64",
          {
            releases: [release],
            packages: [locked("a")],
            requests: [{ names: ["a"], answer: [locked("a")] }],
            sources: [
              {
                ...{ name: "src", version: "2-1", archive: "debian", format: "3.0 (quilt)" },
                date: "2026-07-11T10:16:37Z",
                files: [{ file: "pool/s/src_2-1.dsc", size: 7, sha256: "ab".repeat(32) }],
              },
            ],
          },
        ],
      ]),
    ],
  ]),
});

// What is changed in a good lock, and where the error must point.
const broken: readonly (readonly [what: string, from: string | RegExp, to: string, at: string])[] = [
  ["a path out of the archive", "pool/main", "../..", '"../..'],
  ["an absolute path", "pool/main", "/etc", '"/etc'],
  ["a host in a path", "pool/main/a", "http://mirror.invalid/a", '"http:'],
  ["a short hash", /"sha256":"cd/, '"sha256":"', '"cd'],
  ["a size that is text", '"size":10', '"size":"10"', '"10"'],
  ["a negative size", '"size":10', '"size":-1', "-1"],
  ["a missing field", '"size":10,', "", '{"name":"a"'],
  ["a field of a newer copse", '"size":10', '"size":10,"build":1', "1"],
  ["an answer that is not there", '"answer":["a"]', '"answer":["b"]', '"b"'],
  ["a source's path out of the archive", "pool/s", "../s", '"../s'],
  ["a source's size that is text", '"size":7', '"size":"7"', '"7"'],
  ["a source of a strange format", "3.0 (quilt)", "3.0;quilt", '"3.0;'],
  ["a date that is none", '"date":"2026-07-11T10:16:37Z","files"', '"date":"yesterday","files"', '"yester'],
  ["a statement that no digest asks for", '"releases"', '"source":{"pins":[]},"releases"', "{"],
  ["a name twice", '"size":10', '"size":10,"size":11', ""],
  ["a trailing comma", '["a"]', '["a",]', ""],
  ["no JSON", '"debian"', "debian", ""],
  ["text behind the end", /\}\n$/, "}\n{}", ""],
  ["a merge's marks", '        "packages"', '<<<<<<< ours\n        "packages"', "<<<<<<<"],
  ["a name with a newline", '"name":"a"', '"name":"a\\nb"', '"a\\n'],
  ["a version with a blank", '"version":"1.0"', '"version":"1 0"', '"1 0"'],
  [
    "an archive with a slash",
    /("version":"1.0".*)"archive":"debian"/,
    '$1"archive":"debian/x"',
    '"debian/x"',
  ],
];

for (const [what, from, to, at] of broken)
  test(`a lock with ${what} is refused where it is`, () => {
    const text = good.replace(from, to);
    assert.notEqual(text, good);
    assert.throws(
      () => parseLock("copse.lock", text),
      (error) => {
        assert.ok(error instanceof CopseError && error.code === "lock-invalid", String(error));
        assert.ok(error.span, "there is a place");
        const shown = error.span.source.text.slice(error.span.start);
        assert.ok(
          shown.startsWith(at),
          `${JSON.stringify(shown.slice(0, 30))} at ${JSON.stringify(lineColumn(error.span.source, error.span.start))}`,
        );
        return true;
      },
    );
  });

test("a lock of another version is named as such", () => {
  const text = good.replace('"version": 1', '"version": 2');
  assert.throws(
    () => parseLock("copse.lock", text),
    (error) => isCopseError(error, "lock-version"),
  );
});

test("nesting without end does not exhaust the stack", () => {
  assert.throws(
    () => parseLock("copse.lock", "[".repeat(1_000_000)),
    (error) => isCopseError(error, "lock-invalid"),
  );
});

test("random damage never passes for another error", () => {
  checkDamagedLocks(good, { seed: 1, rounds: 2000 });
});
