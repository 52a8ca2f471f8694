/** Versions that a repository has replaced, taken where the current ones cannot be used. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { CopseError, isCopseError } from "#base";
import type { FixtureCran, FixtureRPackage } from "../testing/fixture-cran.ts";
import { openRWorld, words } from "../testing/r-world.ts";

/** Published one after the other, so that all but the last are in the archive. */
function publishAll(cran: FixtureCran, ...states: readonly (readonly FixtureRPackage[])[]): void {
  for (const packages of states) cran.publish(packages);
}

const mine = (version: string, fields: Readonly<Record<string, string>> = {}): FixtureRPackage => ({
  name: "mine",
  version,
  fields,
});

test("where the newest version needs a newer R, the newest that does not is taken", async (t) => {
  const { cran, resolve, notices, lockText } = await openRWorld(t, []);
  publishAll(
    cran,
    [mine("1.0")],
    [mine("1.9", { Imports: "Rcpp" })],
    [mine("2.0", { Depends: "R (>= 4.3.0)" })],
    [mine("2.1", { Depends: "R (>= 4.4.0)" })],
  );
  const answer = await resolve(["mine"]);
  assert.deepEqual(words(answer), ["r-cran-rcpp", "mine 1.9"]);
  assert.equal(answer.packages.at(-1)?.url, "cran:CRAN/src/contrib/Archive/mine/mine_1.9.tar.gz");
  assert.match(notices.join("\n"), /mine 1\.9 is from the archive of CRAN: 2\.1 cannot be used here/);
  assert.match(lockText(), /"file":"src\/contrib\/Archive\/mine\/mine_1\.9\.tar\.gz"/);
  // The lock answers without the archive, and 1.0 was never looked at.
  const asked = cran.requests.length;
  assert.deepEqual(words(await resolve(["mine"], { frozen: true })), ["r-cran-rcpp", "mine 1.9"]);
  assert.equal(cran.requests.length, asked);
  assert.ok(!cran.requests.some((path) => path.endsWith("mine_1.0.tar.gz")));
});

for (const [demand, expected] of [
  ["mine (== 1.0)", "mine 1.0"],
  ["mine (< 2.0)", "mine 1.9"],
  ["mine (<= 1.5)", "mine 1.0"],
  ["mine", "mine 2.1"],
] as const)
  test(`a demand for ${demand}`, async (t) => {
    const { cran, resolve } = await openRWorld(t, []);
    publishAll(cran, [mine("1.0")], [mine("1.9")], [mine("2.1")]);
    assert.deepEqual(words(await resolve([demand])), [expected]);
    const looked = cran.requests.some((path) => path.includes("/Archive/"));
    assert.equal(
      looked,
      demand !== "mine",
      "the archive is asked for what the index does not have, and nothing else",
    );
  });

test("what was taken off the repository altogether", async (t) => {
  const { cran, resolve, notices } = await openRWorld(t, []);
  publishAll(cran, [mine("1.0")], [{ name: "other" }]);
  assert.deepEqual(words(await resolve(["mine"])), ["mine 1.0"]);
  assert.match(notices.join("\n"), /archive of CRAN, which has no other any more/);
});

test("of two that exclude each other, an older one is taken that does not", async (t) => {
  const { cran, resolve } = await openRWorld(t, []);
  const state = (version: string, bound: string): FixtureRPackage[] => [
    { name: "aa", version, fields: { Imports: `cc (${bound})` } },
    { name: "bb", version: "1.0", fields: { Imports: "cc (< 2.0)" } },
    { name: "cc", version: version === "1.0" ? "1.5" : "2.1" },
  ];
  publishAll(cran, state("1.0", ">= 1.0"), state("2.0", ">= 2.0"));
  assert.deepEqual(words(await resolve(["aa", "bb"])), ["cc 1.5", "aa 1.0", "bb 1.0"]);
});

test("a server that lists no folders still has what is demanded exactly", async (t) => {
  const { cran, resolve } = await openRWorld(t, []);
  publishAll(cran, [mine("1.0")], [mine("2.1")]);
  cran.answer = (path, response) => {
    if (!path.endsWith("/")) return false;
    response.writeHead(403).end("Directory listing denied");
    return true;
  };
  assert.deepEqual(words(await resolve(["mine (== 1.0)"])), ["mine 1.0"]);
  await assert.rejects(resolve(["mine (< 2.0)"], { update: true }), (error) =>
    isCopseError(error, "r-unsatisfiable"),
  );
});

test("how many sources are looked at has a bound, and the conflict is told in the end", async (t) => {
  const { cran, resolve } = await openRWorld(t, []);
  const newer = (version: string) => mine(version, { Depends: "R (>= 5.0)" });
  publishAll(cran, ...Array.from({ length: 70 }, (_, at) => [newer(`1.${at}`)]));
  await assert.rejects(resolve(["mine"]), (error) => {
    assert.ok(isCopseError(error, "r-unsatisfiable"));
    assert.match((error as CopseError).message, /mine 1\.69 of CRAN needs R \(>= 5\.0\)/);
    return true;
  });
  assert.equal(cran.requests.filter((path) => path.endsWith(".tar.gz")).length, 60);
});

for (const [what, bytes] of [
  ["no gzip", Buffer.from("<html>hello</html>")],
  ["a gzip of nothing", gzipSync(Buffer.alloc(1024))],
  ["half a gzip", gzipSync(Buffer.alloc(100_000, "x")).subarray(0, 60)],
] as const)
  test(`an archived source that is ${what} is refused by its name`, async (t) => {
    const { cran, resolve, lockText } = await openRWorld(t, []);
    publishAll(cran, [mine("1.0")], [mine("2.1", { Depends: "R (>= 5.0)" })]);
    cran.files.set("src/contrib/Archive/mine/mine_1.0.tar.gz", bytes);
    await assert.rejects(resolve(["mine"]), (error) => {
      assert.ok(error instanceof CopseError, String(error));
      assert.equal(error.code, "r-source-invalid");
      assert.match(error.message, /mine_1\.0\.tar\.gz/);
      assert.ok(error.hint);
      return true;
    });
    assert.throws(lockText);
  });
