import assert from "node:assert/strict";
import { test } from "node:test";
import { CopseError, isCopseError } from "#base";
import type { FixtureRPackage } from "./testing/fixture-cran.ts";
import { openRWorld as open, words } from "./testing/r-world.ts";

test("Debian's binaries come first, sources for the rest, each after what it needs", async (t) => {
  const { resolve, lockText } = await open(t, [
    { name: "mine", fields: { Imports: "Rcpp (>= 1.0), other, methods", Depends: "R (>= 3.5)" } },
    { name: "other", version: "0.2-1", fields: { LinkingTo: "Rcpp", NeedsCompilation: "yes" } },
    { name: "Rcpp", version: "1.0.12" },
  ]);
  const answer = await resolve(["mine", "data.table"]);
  assert.equal(answer.version, "4.2.2");
  assert.deepEqual(words(answer), ["r-cran-data.table", "r-cran-rcpp", "other 0.2-1", "mine 1.0"]);
  const mine = answer.packages.at(-1);
  assert.deepEqual(mine?.dependencies, ["Rcpp", "other"]);
  assert.equal(mine?.url, "cran:CRAN/src/contrib/mine_1.0.tar.gz");
  assert.match(lockText(), /"demands":\["Rcpp"\],"compiled":true\}/);
  assert.doesNotMatch(lockText(), /127\.0\.0\.1|http/);
});

test("the lock answers again, and keeps what it has when more is asked for", async (t) => {
  const { cran, resolve, lockText } = await open(t, [{ name: "mine" }]);
  await resolve(["mine"]);
  const text = lockText();
  const before = cran.requests.length;
  await resolve(["mine"]);
  assert.equal(cran.requests.length, before);
  cran.publish([
    { name: "mine", version: "2.0" },
    { name: "more", fields: { Imports: "mine" } },
  ]);
  assert.deepEqual(words(await resolve(["more"])), ["mine 1.0", "more 1.0"]);
  assert.notEqual(lockText(), text);
  assert.deepEqual(words(await resolve(["mine"], { update: true })), ["mine 2.0"]);
  // Two requests with two versions of one package are told apart.
  assert.match(lockText(), /"answer":\["mine=1.0","more"\]/);
  assert.deepEqual(words(await resolve(["more"])), ["mine 1.0", "more 1.0"]);
});

test("a binary is built anew where something below it must be newer", async (t) => {
  const { resolve, notices } = await open(t, [
    { name: "mine", fields: { Imports: "Rcpp (>= 1.0.11), dplyr" } },
    { name: "Rcpp", version: "1.0.12" },
    { name: "dplyr", version: "1.1.0", fields: { Imports: "Rcpp" } },
  ]);
  assert.deepEqual(words(await resolve(["mine"])), ["Rcpp 1.0.12", "dplyr 1.1.0", "mine 1.0"]);
  assert.deepEqual(notices, []);
});

test("a binary that cannot be built for this R stays, and that is said", async (t) => {
  const { resolve, notices } = await open(t, [
    { name: "mine", fields: { Imports: "Rcpp (>= 1.0.11), dplyr" } },
    { name: "Rcpp", version: "1.0.12" },
    { name: "dplyr", version: "1.1.0", fields: { Imports: "Rcpp", Depends: "R (>= 4.3)" } },
  ]);
  assert.deepEqual(words(await resolve(["mine"])), ["Rcpp 1.0.12", "r-cran-dplyr", "mine 1.0"]);
  assert.match(notices.join("\n"), /dplyr 1.0.10 of Debian.* is used with Rcpp 1.0.12 of CRAN/);
});

test("an older version is taken where the newest is for another R, if the index has it", async (t) => {
  const { resolve } = await open(t, [
    { name: "mine", version: "2.0", fields: { Depends: "R (>= 4.4)" } },
    { name: "mine", version: "1.5" },
  ]);
  assert.deepEqual(words(await resolve(["mine"])), ["mine 1.5"]);
});

for (const [what, demands, packages, pattern] of [
  [
    "a newer R",
    ["mine"],
    [{ name: "mine", fields: { Depends: "R (>= 4.4.0)" } }],
    /mine 1.0 of CRAN needs R \(>= 4.4.0\)\nR is 4.2.2 here/,
  ],
  [
    "a version that nobody has",
    ["mine", "dplyr (>= 3.0)"],
    [{ name: "mine" }, { name: "dplyr", version: "1.1" }],
    /you ask for dplyr \(>= 3.0\)\nthere is dplyr 1.0.10 of Debian \(r-cran-dplyr\)\nthere is dplyr 1.1 of CRAN/,
  ],
  [
    "two that exclude each other",
    ["aa", "bb"],
    [
      { name: "aa", fields: { Imports: "cc (>= 2.0)" } },
      { name: "bb", fields: { Imports: "cc (< 2.0)" } },
      { name: "cc", version: "2.1" },
    ],
    /aa 1.0 of CRAN needs cc \(>= 2.0\)\nbb 1.0 of CRAN needs cc \(< 2.0\)\nthere is cc 2.1 of CRAN/,
  ],
  [
    "something that is nowhere",
    ["mine"],
    [{ name: "mine", fields: { Imports: "gone" } }],
    /mine 1.0 of CRAN needs gone\nneither Debian nor a repository has gone/,
  ],
] as const)
  test(`a conflict is told: ${what}`, async (t) => {
    const { resolve } = await open(t, packages as readonly FixtureRPackage[]);
    await assert.rejects(resolve([...demands]), (error) => {
      assert.ok(error instanceof CopseError);
      assert.equal(error.code, "r-unsatisfiable");
      assert.match(error.message, pattern);
      return true;
    });
  });

test("a name that is none is answered with those like it", async (t) => {
  const { resolve } = await open(t, [{ name: "ggplot2" }]);
  await assert.rejects(
    resolve(["ggplot3"]),
    (error) => isCopseError(error, "r-package-unknown") && /ggplot2/.test((error as CopseError).hint ?? ""),
  );
});

test("without a repository, Debian's packages are had, and others say what to write", async (t) => {
  const { resolve, names } = await open(t, undefined);
  assert.deepEqual(words(await resolve(["dplyr"])), ["r-cran-rcpp", "r-cran-dplyr"]);
  assert.equal(await names(), undefined);
  await assert.rejects(resolve(["mine"]), (error) => {
    assert.ok(isCopseError(error, "cran-unconfigured"));
    assert.match((error as CopseError).hint ?? "", /options\(repos = c\(CRAN/);
    return true;
  });
});

test("bytes that are not those of the index are refused, and nothing is locked", async (t) => {
  const { cran, resolve, lockText } = await open(t, [{ name: "mine" }]);
  cran.files.set("src/contrib/mine_1.0.tar.gz", Buffer.from("other bytes"));
  await assert.rejects(resolve(["mine"]), (error) => isCopseError(error, "hash-mismatch"));
  assert.throws(lockText);
});

for (const [what, contents] of [
  ["no gzip behind its magic", Buffer.from([0x1f, 0x8b, 1, 2, 3])],
  ["a page of HTML", Buffer.from("<html><body>captive</body></html>")],
] as const)
  test(`an index that is ${what} is refused by its name`, async (t) => {
    const { cran, resolve } = await open(t, [{ name: "mine" }]);
    cran.files.set("src/contrib/PACKAGES.gz", contents);
    await assert.rejects(resolve(["mine"]), (error) => {
      assert.ok(error instanceof CopseError, String(error));
      assert.match(error.message, /CRAN\/PACKAGES\.gz/);
      return true;
    });
  });

test("a repository without PACKAGES.gz is read from PACKAGES", async (t) => {
  const { cran, resolve } = await open(t, [{ name: "mine" }]);
  cran.files.delete("src/contrib/PACKAGES.gz");
  assert.deepEqual(words(await resolve(["mine"])), ["mine 1.0"]);
});

test("a day of CRAN has a section and addresses of its own", async (t) => {
  const { resolve, lockText } = await open(t, [{ name: "mine", version: "3.0" }], {
    dated: [{ name: "mine", version: "1.2" }],
  });
  assert.deepEqual(words(await resolve(["mine"])), ["mine 3.0"]);
  const answer = await resolve(["mine"], { snapshot: "2024-03-01" });
  assert.deepEqual(words(answer), ["mine 1.2"]);
  assert.equal(answer.packages[0]?.url, "cran:CRAN@2024-03-01/src/contrib/mine_1.2.tar.gz");
  assert.match(lockText(), /"bookworm amd64 2024-03-01": \{/);
  await assert.rejects(resolve(["mine"], { snapshot: "March" }), (error) =>
    isCopseError(error, "r-snapshot-invalid"),
  );
});

test("sources alone, where that is wanted", async (t) => {
  const { resolve } = await open(t, [{ name: "Rcpp", version: "1.0.9" }]);
  assert.deepEqual(words(await resolve(["Rcpp"], { from: "sources" })), ["Rcpp 1.0.9"]);
  assert.deepEqual(words(await resolve(["Rcpp"])), ["r-cran-rcpp"]);
});

test("a frozen lock answers what it has, refuses what it has not, and asks nobody", async (t) => {
  const { cran, resolve } = await open(t, [{ name: "mine" }]);
  await resolve(["mine"]);
  const asked = cran.requests.length;
  assert.deepEqual(words(await resolve(["mine"], { frozen: true })), ["mine 1.0"]);
  await assert.rejects(resolve(["dplyr"], { frozen: true }), (error) => isCopseError(error, "lock-missing"));
  assert.equal(cran.requests.length, asked);
});
