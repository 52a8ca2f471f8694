import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHash, hashBytes, parseHash } from "./hash.ts";
import { checkStoreName } from "./store-name.ts";
import {
  isStorePath,
  makeFixedOutputPath,
  parseStorePath,
  storePathBase,
  storePathFromBase,
  storePathHash,
  storePathName,
  storePathOf,
} from "./store-path.ts";
import { findJudge } from "./testing/judges.ts";

const DIGEST = "0123456789abcdfghijklmnpqrsvwxyz";
const HELLO = `/nix/store/${DIGEST}-hello-2.10`;
const nixStore = findJudge("nix-store");
const nixInstantiate = findJudge("nix-instantiate");

test("a path gives its parts", () => {
  const path = parseStorePath(HELLO);
  assert.equal(storePathHash(path), DIGEST);
  assert.equal(storePathName(path), "hello-2.10");
  assert.equal(storePathBase(path), `${DIGEST}-hello-2.10`);
  assert.equal(storePathFromBase(storePathBase(path)), path);
});

test("what is not a store path is refused", () => {
  const refused = [
    "",
    "/nix/store",
    "/nix/store/",
    `/nix/store/${DIGEST}`,
    `/nix/store/${DIGEST}-`,
    `/nix/store/${DIGEST}_hello`,
    `/nix/store/${DIGEST.replace("z", "e")}-hello`,
    `/nix/store/${DIGEST.replace("z", "")}-hello`,
    `/nix/stor/${DIGEST}-hello`,
    `/nix/store//${DIGEST}-hello`,
    `${HELLO}/bin`,
    `${HELLO}\n`,
    `${HELLO} `,
  ];
  for (const text of refused) {
    assert.throws(() => parseStorePath(text), { name: "CopseError", code: /^store-path-/ }, text);
    assert.equal(isStorePath(text), false, text);
  }
});

test("a path inside a store path splits into it and the rest", () => {
  assert.deepEqual(storePathOf(`${HELLO}/bin/hello`), { path: HELLO, rest: "/bin/hello" });
  assert.deepEqual(storePathOf(HELLO), { path: HELLO, rest: "" });
  for (const text of [
    "/nix/store",
    "/nix/store/",
    "/nix/store/x/y",
    `${HELLO.slice(1)}/bin`,
    "/etc/passwd",
  ]) {
    assert.equal(storePathOf(text), undefined, text);
  }
});

const NAMES: readonly [name: string, valid: boolean][] = [
  ["a", true],
  ["A+b-c._?=9", true],
  [".a", true],
  ["..a", true],
  ["...", true],
  [".a-b", true],
  ["-", true],
  ["a".repeat(211), true],
  ["a".repeat(212), false],
  ["", false],
  [".", false],
  ["..", false],
  [".-a", false],
  ["..-a", false],
  ["a b", false],
  ["a/b", false],
  ["a@b", false],
  ["ä", false],
  ["a\n", false],
];

test("names are checked", () => {
  for (const [name, valid] of NAMES) {
    if (valid) checkStoreName(name);
    else assert.throws(() => checkStoreName(name), { code: "store-path-name" }, JSON.stringify(name));
  }
});

test("what is wrong with a store path is said in the words of C++ Nix", () => {
  const cases: readonly [base: string, message: string][] = [
    ["foo", "'foo' is too short to be a valid store path"],
    [
      `${"0".repeat(32)}_x`,
      `'${"0".repeat(32)}_x' can't name a store path because the hash part is not followed by a '-'`,
    ],
    [`${"e".repeat(32)}-x`, `store path '${"e".repeat(32)}-x' contains illegal base-32 character 'e'`],
    [`${DIGEST}-`, `path '${DIGEST}-' is not a valid store path: name must not be empty`],
    [
      `${DIGEST}-a b`,
      `path '${DIGEST}-a b' is not a valid store path: name 'a b' contains illegal character ' '`,
    ],
  ];
  for (const [base, message] of cases) assert.throws(() => storePathFromBase(base), { message });
});

test("C++ Nix takes and refuses the same names", { skip: nixInstantiate.reason }, () => {
  // Older versions had other rules for dots.
  const [major = 0, minor = 0] = nixInstantiate
    .judge!.run(["--version"])
    .toString()
    .match(/[0-9]+/g)!
    .map(Number);
  const isRecent = major > 2 || minor >= 24;
  for (const [name, valid] of NAMES.filter(([name]) => isRecent || !name.startsWith("."))) {
    const literal = `"${name.replaceAll("\n", "\\n")}"`;
    const run = () =>
      nixInstantiate.judge!.run(["--store", "dummy://", "--eval", "-E", `builtins.toFile ${literal} ""`]);
    if (valid) run();
    else assert.throws(run, Error, JSON.stringify(name));
  }
});

test("C++ Nix computes the same fixed-output paths", { skip: nixStore.reason }, () => {
  for (const algorithm of ["md5", "sha1", "sha256", "sha512"] as const) {
    for (const method of ["flat", "nar"] as const) {
      const hash = hashBytes(algorithm, "contents");
      const recursive = method === "nar" ? ["--recursive"] : [];
      const args = [...recursive, "--print-fixed-path", algorithm, formatHash(hash, "nix32"), "some-name"];
      const expected = nixStore
        .judge!.run(["--store", "dummy://", ...args])
        .toString()
        .trim();
      assert.equal(makeFixedOutputPath({ name: "some-name", method, hash }), expected);
    }
  }
});

test("references need a SHA-256 of a NAR", () => {
  const references = [parseStorePath(HELLO)];
  const sha256 = hashBytes("sha256", "x");
  assert.ok(makeFixedOutputPath({ name: "a", method: "nar", hash: sha256, references, self: true }));
  const refused = [
    { name: "a", method: "flat", hash: sha256, references },
    { name: "a", method: "flat", hash: sha256, self: true },
    { name: "a", method: "nar", hash: hashBytes("sha1", "x"), references },
  ] as const;
  for (const input of refused)
    assert.throws(() => makeFixedOutputPath(input), { code: "store-path-references" });
});

// What `nix store make-content-addressed` of C++ Nix 2.34.8 made of a file that mentions `dep` and itself.
test("references and a path's mention of itself enter the path", () => {
  const dep = makeFixedOutputPath({
    name: "dep",
    method: "nar",
    hash: parseHash("sha256:00kjynz8n03652qccs76ivsvark3pr3dfr6w1ba3x7bx83kcknvv"),
  });
  assert.equal(dep, "/nix/store/k0bq3s4hdvxal217l04jr24n8jm5l29g-dep");
  const self = makeFixedOutputPath({
    name: "self",
    method: "nar",
    hash: parseHash("sha256:01axabd7ids4hmvm55rbf2yn0z65z8awswdyf5908g26p3j1xfbf"),
    references: [dep],
    self: true,
  });
  assert.equal(self, "/nix/store/m7lczhpwx9s17lbzlrrvx4zrray15n1r-self");
});
