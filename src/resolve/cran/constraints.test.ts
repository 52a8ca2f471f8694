/** What a request says beside its demands: constraints, suggestions, and who it logs in as. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { CopseError, isCopseError } from "#base";
import type { FixtureRPackage } from "./testing/fixture-cran.ts";
import { openRWorld, words } from "./testing/r-world.ts";

const packages: readonly FixtureRPackage[] = [
  { name: "aa", fields: { Imports: "cc", Suggests: "dd, gone, R (>= 9.0), dplyr" } },
  { name: "cc", version: "2.0" },
  { name: "dd", fields: { Imports: "ee", Suggests: "ff" } },
  { name: "ee" },
  { name: "ff" },
];

test("a constraint holds for what is taken, and brings nothing by itself", async (t) => {
  const { cran, resolve, lockText } = await openRWorld(t, []);
  cran.publish([{ name: "cc", version: "1.5" }]);
  cran.publish(packages);
  assert.deepEqual(words(await resolve(["aa"])), ["cc 2.0", "aa 1.0"]);
  const constraints = ["cc (< 2.0)", "ee (== 9)"].slice(0, 1);
  assert.deepEqual(words(await resolve(["aa"], { constraints })), ["cc 1.5", "aa 1.0"]);
  assert.deepEqual(words(await resolve(["ff"], { constraints })), ["ff 1.0"]);
  assert.match(
    lockText(),
    /\{"demands":\["aa"\],"constraints":\["cc \(< 2\.0\)"\],"answer":\["cc=1\.5","aa"\]\}/,
  );
  // Each question has its own answer.
  assert.deepEqual(words(await resolve(["aa"], { frozen: true })), ["cc 2.0", "aa 1.0"]);
  assert.deepEqual(words(await resolve(["aa"], { frozen: true, constraints })), ["cc 1.5", "aa 1.0"]);
});

test("a constraint that nothing satisfies is told as one", async (t) => {
  const { resolve } = await openRWorld(t, packages);
  await assert.rejects(resolve(["aa"], { constraints: ["cc (> 3.0)"] }), (error) => {
    assert.ok(isCopseError(error, "r-unsatisfiable"));
    assert.match((error as CopseError).message, /you limit cc \(> 3\.0\)\nthere is cc 2\.0 of CRAN/);
    return true;
  });
});

test("suggestions of the packages that are named, as far as anybody has them", async (t) => {
  const { resolve, lockText } = await openRWorld(t, packages);
  const answer = await resolve(["aa"], { suggests: ["aa"] });
  assert.deepEqual(words(answer).sort(), [
    "aa 1.0",
    "cc 2.0",
    "dd 1.0",
    "ee 1.0",
    "r-cran-dplyr",
    "r-cran-rcpp",
  ]);
  // To be built, a package needs what it imports; what it suggests may even need it.
  assert.deepEqual(answer.packages.find(({ name }) => name === "aa")?.dependencies, ["cc"]);
  assert.match(lockText(), /"demands":\["aa"\],"suggests":\["aa"\]/);
  const both = await resolve(["aa"], { suggests: ["aa", "dd"] });
  assert.ok(words(both).includes("ff 1.0"));
});

test("suggestions of one of Debian's binaries are those that the repository tells of", async (t) => {
  const { resolve } = await openRWorld(t, [
    { name: "Rcpp", version: "1.0.12", fields: { Suggests: "inline" } },
    { name: "inline", version: "0.3" },
  ]);
  assert.deepEqual(words(await resolve(["Rcpp"], { suggests: ["Rcpp"] })), ["r-cran-rcpp", "inline 0.3"]);
  const { resolve: alone } = await openRWorld(t, undefined);
  await assert.rejects(alone(["Rcpp"], { suggests: ["Rcpp"] }), (error) => {
    assert.ok(isCopseError(error, "cran-unconfigured"));
    return /say what is suggested by/.test((error as CopseError).message);
  });
});

test("a condition has no place among the names whose suggestions are wanted", async (t) => {
  const { resolve } = await openRWorld(t, packages);
  await assert.rejects(resolve(["aa"], { suggests: ["aa (>= 1)"] }), (error) =>
    isCopseError(error, "r-demand-invalid"),
  );
});

test("a repository that wants a login gets it from netrc, and nothing keeps it", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "copse-netrc-"));
  t.after(() => rmSync(home, { recursive: true }));
  writeFileSync(join(home, ".netrc"), "machine 127.0.0.1 login ann password s3cr=t\n", { mode: 0o600 });
  const guard: (typeof cran)["answer"] = (_, response) => {
    const sent = response.req.headers.authorization;
    if (sent === `Basic ${Buffer.from("ann:s3cr=t").toString("base64")}`) return false;
    response.writeHead(401, { "www-authenticate": "Basic" }).end();
    return true;
  };
  const { cran, resolve, lockPath, notices } = await openRWorld(t, packages, { env: { HOME: home } });
  cran.answer = guard;
  assert.deepEqual(words(await resolve(["aa"])), ["cc 2.0", "aa 1.0"]);
  for (const entry of readdirSync(dirname(lockPath), { recursive: true, withFileTypes: true }))
    if (entry.isFile())
      assert.ok(!readFileSync(join(entry.parentPath, entry.name), "latin1").includes("s3cr"), entry.name);
  assert.doesNotMatch(notices.join("\n"), /s3cr/);
  writeFileSync(join(home, ".netrc"), "machine 127.0.0.1 login ann password wr0ng\n", { mode: 0o600 });
  const other = await openRWorld(t, packages, { env: { HOME: home } });
  other.cran.answer = guard;
  await assert.rejects(other.resolve(["aa"]), (error) => {
    assert.ok(error instanceof CopseError && /401/.test(error.message), String(error));
    assert.doesNotMatch(`${error.message} ${error.hint}`, /wr0ng/);
    return true;
  });
});

test("an index is asked again where that is wanted, also while it is fresh", async (t) => {
  const { cran, resolve } = await openRWorld(t, packages);
  cran.answer = (path, response) => {
    response.setHeader("cache-control", "max-age=600");
    const contents = cran.files.get(path);
    if (contents) response.end(contents);
    return contents !== undefined;
  };
  const asked = () => cran.requests.filter((path) => path.endsWith("PACKAGES.gz")).length;
  await resolve(["ee"]);
  await resolve(["ff"]);
  assert.equal(asked(), 1);
  await resolve(["cc"], { refresh: true });
  assert.equal(asked(), 2);
});
