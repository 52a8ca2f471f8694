/** `[r]` of copse.toml: constraints, suggestions, `[sources]`, and versions that the repository has replaced, with R as the judge. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FixtureCran, type FixtureRPackage } from "../../../src/resolve/cran/testing/fixture-cran.ts";
import { output, project, write } from "../world.ts";

const says = (
  name: string,
  version: string,
  fields: Readonly<Record<string, string>> = {},
): FixtureRPackage => ({
  ...{ name, version, fields },
});

/** A project whose copse.toml alone says where the repository is. */
async function projectOf(t: { after(end: () => void): void }, toml: string) {
  const cran = new FixtureCran();
  cran.publish([says("needy", "1.0"), says("below", "1.0"), says("gone", "3.1")]);
  cran.publish([
    says("needy", "2.0", { Depends: "R (>= 99.0)" }),
    says("below", "2.0"),
    says("above", "1.0", { Imports: "below", Suggests: "extra, nowhere, crayon, stats" }),
    says("extra", "0.1"),
  ]);
  const uri = await cran.serve(t);
  const cwd = project();
  write(cwd, { "copse.toml": `${toml}\n[sources]\ncran = "${uri}"\n`, "none.R": "" });
  const none = join(cwd, "none.R");
  const env = { R_PROFILE: none, R_PROFILE_USER: none, CRAN: "", R_REPOSITORIES: "NULL" };
  return { cran, uri, cwd, env };
}

test("older versions, constraints and suggestions are built, and R finds them", async (t) => {
  const { cran, uri, cwd, env } = await projectOf(
    t,
    '[r]\npackages = ["needy", "above", "gone", "jsonlite"]\nconstraints = ["below (< 2.0)"]\nsuggests = ["above"]\n',
  );
  const script = `
    names <- c("needy", "above", "below", "gone", "extra", "crayon")
    versions <- vapply(names[-6], function(one) as.character(packageVersion(one)), "")
    loaded <- vapply(names, requireNamespace, NA, quietly = TRUE)
    db <- available.packages(repos = "${uri}", type = "source", filters = list())
    suggested <- tools::package_dependencies("above", db, which = "Suggests")
    cat(jsonlite::toJSON(list(versions = as.list(versions), loaded = all(loaded), suggested = suggested$above), auto_unbox = TRUE))`;
  write(cwd, { "ask.R": script });
  const told = JSON.parse(await output(["run", "--", "Rscript", "ask.R"], { cwd, env }));
  assert.deepEqual(told, {
    versions: { needy: "1.0", above: "1.0", below: "1.0", gone: "3.1", extra: "0.1" },
    loaded: true,
    suggested: ["extra", "nowhere", "crayon", "stats"],
  });
  const lock = readFileSync(join(cwd, "copse.lock"), "utf8");
  assert.doesNotMatch(lock, /127\.0\.0\.1/);
  assert.match(lock, /"file":"src\/contrib\/Archive\/below\/below_1\.0\.tar\.gz"/);
  assert.match(lock, /"constraints":\["below \(< 2\.0\)"\],"suggests":\["above"\]/);
  const asked = cran.requests.length;
  await output(["lock", "--frozen"], { cwd, env });
  assert.equal(cran.requests.length, asked);
});

test("copse lock asks a repository again when it is told to, and an update always does", async (t) => {
  const { cran, cwd, env } = await projectOf(t, '[r]\npackages = ["extra"]\n');
  cran.answer = (path, response) => {
    response.setHeader("cache-control", "max-age=3600");
    const contents = cran.files.get(path);
    if (contents) response.end(contents);
    return contents !== undefined;
  };
  const indexes = () => cran.requests.filter((path) => path.includes("PACKAGES")).length;
  const add = async (name: string, ...options: string[]) => {
    await output(["add", "--r", ...options, name], { cwd, env });
    return indexes();
  };
  await output(["lock"], { cwd, env });
  assert.equal(indexes(), 1);
  assert.equal(await add("below"), 1);
  assert.equal(await add("above", "--refresh"), 2);
  await output(["update"], { cwd, env });
  assert.equal(indexes(), 3);
  await output(["outdated"], { cwd, env });
  assert.equal(indexes(), 4);
});
