/** Editable projects: imported from their folder, and from a build what the folder does not have. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type CallOptions, failure, output, project, write } from "../world.ts";

function projectWith(
  stated: string,
  files: Readonly<Record<string, string>>,
): CallOptions & { readonly cwd: string } {
  const cwd = project();
  write(cwd, { "copse.toml": `[python]\npackages = [\n  ${stated},\n]\n` });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, ".."), { recursive: true });
    write(cwd, { [name]: text });
  }
  return { cwd, env: { PIP_CONFIG_FILE: "/dev/null", PIP_NO_INDEX: "1" } };
}

/** Writes a module that the folder does not have, from a file that it has; `setup.py` tells that something is compiled. */
const files = {
  "setup.py": "# ext_modules\n",
  "pyproject.toml": [
    '[build-system]\nrequires = []\nbackend-path = ["."]\nbuild-backend = "backend"',
    '[tool.setuptools]\npackage-dir = { "" = "python" }\n',
  ].join("\n"),
  "constant.c": "first",
  "python/mine/__init__.py": "from mine.built import VALUE\nfrom mine.plain import WORD\n",
  "python/mine/plain.py": "WORD = 'one'\n",
  "backend.py": [
    "import os, zipfile",
    "def build_wheel(directory, config_settings=None, metadata_directory=None):",
    "    info = 'mine-0.1.dist-info/'",
    "    with zipfile.ZipFile(os.path.join(directory, 'mine-0.1-py3-none-any.whl'), 'w') as wheel:",
    "        for name in ('__init__.py', 'plain.py'):",
    "            wheel.write('python/mine/' + name, 'mine/' + name)",
    "        wheel.writestr('mine/built.py', 'VALUE = %r\\n' % open('constant.c').read())",
    "        wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: mine\\nVersion: 0.1\\n')",
    "        wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')",
    "        wheel.writestr(info + 'entry_points.txt', '[console_scripts]\\nmine-tool = mine.plain:main\\n')",
    "        wheel.writestr(info + 'RECORD', ''.join(n + ',,\\n' for n in wheel.namelist()))",
    "    return 'mine-0.1-py3-none-any.whl'",
    "",
  ].join("\n"),
};

test("what is compiled comes from a build, all else from the folder, at once", async () => {
  const call = projectWith('{ name = "mine", path = ".", editable = true }', files);
  const script = "import mine, mine.built; print(mine.VALUE, mine.WORD, mine.__file__, mine.built.__file__)";
  const run = async () => (await output(["run", "--", "python3", "-c", script], call)).trim().split(" ");
  const [value, word, folder, built] = await run();
  assert.deepEqual([value, word, folder], ["first", "one", `${call.cwd}/python/mine/__init__.py`]);
  assert.match(built ?? "", /^\/nix\/store\/.*\/__editable__\.mine\/mine\/built\.py$/);
  write(call.cwd, {
    "constant.c": "second",
    "python/mine/plain.py": "WORD = 'two'\ndef main(): print(WORD)\n",
  });
  assert.deepEqual((await run()).slice(0, 2), ["second", "two"]);
  // Its commands stand in no pyproject.toml, and are known by the build.
  assert.equal(await output(["run", "--", "mine-tool"], call), "two\n");
});

test("what cannot be a project is told where it is stated", async () => {
  for (const [stated, code] of [
    ['{ name = "mine", path = "." }', "python-project-missing"],
    ['{ name = "mine", path = "nowhere" }', "file-not-found|python-project-missing"],
    ['{ name = "mine", path = "mine-1.0.tar.gz", editable = true }', "python-editable|manifest-package"],
    ['{ name = "other", path = "project" }', "python-project-name"],
  ] as const) {
    const call = projectWith(stated, {
      "project/pyproject.toml": '[project]\nname = "mine"\nversion = "1"\n',
      "mine-1.0.tar.gz": "",
    });
    const said = await failure(["lock"], call);
    assert.match(said, new RegExp(`error\\[(?:${code})\\]`), stated);
    assert.match(said, /copse\.toml:3:/, said);
  }
});
