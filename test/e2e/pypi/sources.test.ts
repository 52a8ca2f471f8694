/** `[sources]` of copse.toml for Python: in solving, in fetching what is locked, and in keeping it; and asking an index afresh. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { serveFixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { makeWheel } from "../../../src/resolve/python/testing/packages.ts";
import { failure, output, project, write } from "../world.ts";

const alpha = makeWheel({ name: "alpha", version: "1.0" });
/** Whatever would ask pip's own index fails. */
const env = { PIP_CONFIG_FILE: "/dev/null", PIP_INDEX_URL: "http://127.0.0.1:1/simple", PIP_RETRIES: "0" };

test("the project's index is the one that is asked, for everything", async (t) => {
  const index = await serveFixtureIndex({ alpha: [alpha] });
  t.after(() => index.close());
  const cwd = project();
  write(cwd, { "copse.toml": `[python]\npackages = ["alpha"]\n[sources]\npypi = "${index.url}"\n` });
  const call = { cwd, env };
  const said = await output(["run", "python3", "-c", "import alpha; print(alpha.__version__)"], call);
  assert.equal(said, "1.0\n");
  const lock = readFileSync(join(cwd, "copse.lock"), "utf8");
  assert.doesNotMatch(lock, /127\.0\.0\.1/);
  const { version, python } = JSON.parse(lock);
  // Its Python files alone: Debian's are hundreds.
  write(cwd, { "copse.lock": JSON.stringify({ version, debian: {}, python }) });
  const folder = project();
  await output(["fetch", "--output", folder], call);
  assert.ok(existsSync(join(folder, "pypi/alpha", alpha.file)));
});

test("an index is asked again by --refresh and by an update, and not otherwise while it is fresh", async (t) => {
  const index = await serveFixtureIndex(
    { alpha: [alpha], beta: [makeWheel({ name: "beta", version: "1.0", requires: ["alpha"] })] },
    { cacheControl: "max-age=600" },
  );
  t.after(() => index.close());
  const cwd = project();
  write(cwd, { "copse.toml": `[python]\npackages = ["alpha"]\n[sources]\npypi = "${index.url}"\n` });
  const call = { cwd, env };
  await output(["lock"], call);
  index.projects.get("alpha")?.push(makeWheel({ name: "alpha", version: "2.0" }));
  index.takeRequests();
  assert.match(await failure(["add", "alpha>=2"], call), /alpha/);
  assert.deepEqual(index.takeRequests(), []);
  await output(["add", "--refresh", "alpha>=2"], call);
  assert.ok(index.takeRequests().includes("/simple/alpha/"));
  index.projects.get("alpha")?.push(makeWheel({ name: "alpha", version: "3.0" }));
  assert.match(await output(["outdated"], call), /alpha.*2\.0.*3\.0/);
  await output(["update"], call);
  assert.match(readFileSync(join(cwd, "copse.lock"), "utf8"), /"version": ?"3\.0"/);
});

test("what pip's configuration says of versions is said aloud", async (t) => {
  const index = await serveFixtureIndex({ alpha: [alpha, makeWheel({ name: "alpha", version: "2.0" })] });
  t.after(() => index.close());
  const cwd = project();
  write(cwd, {
    "copse.toml": `[python]\npackages = ["alpha"]\n[sources]\npypi = "${index.url}"\n`,
    "limits.txt": "alpha<2\n",
  });
  const limited = { ...env, PIP_CONSTRAINT: join(cwd, "limits.txt") };
  await output(["lock"], { cwd, env: limited });
  assert.match(readFileSync(join(cwd, "copse.lock"), "utf8"), /"version": ?"1\.0"/);
  const refused = await failure(["update"], { cwd, env: { ...env, PIP_NO_DEPS: "1" } });
  assert.match(refused, /error\[pip-setting-unsupported\].*no-deps/);
});
