/** The Pythons of Debian's suites, each with a wheel of the real index that has compiled code. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { output, project, write } from "../e2e/world.ts";
import { pythonIndexMissing } from "./real-index.ts";

/** Wheels for the newest come some months after it. */
const PACKAGE = new Map([["3.15", "six"]]);

describe("Python of each suite", { skip: await pythonIndexMissing() }, () => {
  for (const version of ["3.9", "3.11", "3.13", "3.14", "3.15"])
    test(`${version} runs, with packages for it`, async () => {
      const name = PACKAGE.get(version) ?? "numpy";
      const cwd = project();
      write(cwd, {
        "copse.toml": `name = "real"
[python]
version = "${version}"
packages = ["${name}"]
only-binary = [":all:"]
`,
      });
      const script = `import sys, ${name}; print("%d.%d" % sys.version_info[:2], ${name}.__file__.startswith(sys.prefix))`;
      assert.equal(await output(["run", "python3", "-c", script], { cwd }), `${version} True\n`);
    });

  test("several are in one project, each in an environment of its own, with one lock", async () => {
    const cwd = project();
    write(cwd, {
      "copse.toml": `name = "several"
[python]
version = "3.11"
packages = ["six"]
[env.old]
python.version = "3.9"
[env.new]
python.version = "3.13"
`,
    });
    const script = "import six, sys; print('%d.%d' % sys.version_info[:2])";
    const versionOf = (...options: string[]) => output(["run", ...options, "python3", "-c", script], { cwd });
    assert.equal(await versionOf(), "3.11\n");
    assert.equal(await versionOf("-e", "old"), "3.9\n");
    assert.equal(await versionOf("-e", "new"), "3.13\n");
  });
});
