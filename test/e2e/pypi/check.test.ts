/** Tests of a package on request: `[python.build.NAME] check`, in its sources, beside what it was solved with. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { serveFixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { makeSdist, makeWheel } from "../../../src/resolve/python/testing/packages.ts";
import { type CallOptions, failure, output, project, write } from "../world.ts";

const index = await serveFixtureIndex({
  tried: [
    makeSdist({ name: "tried", version: "1.0", requires: ["beta<2"], files: { "tried.py": "WORD = 'x'\n" } }),
  ],
  beta: [makeWheel({ name: "beta", version: "1.0" }), makeWheel({ name: "beta", version: "2.0" })],
  tester: [makeWheel({ name: "tester", version: "3.0", requires: ["beta"] })],
});
after(() => index.close());

function projectWith(packages: readonly string[], build: string): CallOptions & { readonly cwd: string } {
  const cwd = project();
  write(cwd, { "copse.toml": `[python]\npackages = ${JSON.stringify(packages)}\n\n${build}` });
  return { cwd, env: { PIP_CONFIG_FILE: "/dev/null", PIP_INDEX_URL: index.url } };
}

const versions = "import importlib.metadata as m; print(m.version('beta'))";

test("runs beside the versions that were solved, and leaves nothing in the environment", async () => {
  const seen = `import tried, tester; assert tried.WORD == 'x'; ${versions.replace("print(m.version('beta'))", "assert m.version('beta') == '1.0'")}`;
  const call = projectWith(
    ["tried"],
    `[python.build.tried]\ncheck = """test -e pyproject.toml; python3 -c "${seen}" """\ncheck-requires = ["tester"]\n`,
  );
  assert.equal(await output(["run", "--", "python3", "-c", versions], call), "1.0\n");
  const missing = await failure(["run", "--", "python3", "-c", "import tester"], call);
  assert.match(missing, /No module named 'tester'/);
  // What the tests need is locked as well.
  assert.equal(await output(["run", "--frozen", "--", "echo", "locked"], call), "locked\n");
});

test("where it fails, there is no environment", async () => {
  const call = projectWith(["tried"], '[python.build.tried]\ncheck = "echo about to fail; false"\n');
  assert.match(await failure(["run", "true"], call), /about to fail[\s\S]*the tests have failed \(1\)/);
});

test("what cannot be tested says why", async () => {
  const wheel = projectWith(["beta"], '[python.build.beta]\ncheck = "true"\n');
  assert.match(await failure(["run", "true"], wheel), /error\[python-check\].*as it comes as a wheel/);
  const other = projectWith(["beta"], '[python.build.tried]\ncheck = "true"\n');
  assert.match(await failure(["run", "true"], other), /error\[python-check\].*does not have it/);
});
