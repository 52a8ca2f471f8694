/** The phases of buildPythonPackage: their order and hooks, check hooks, programs, outputs. On an index on the loopback interface. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type FixtureIndex, serveFixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { failure, output, write } from "../world.ts";
import { mineProject, projects, python } from "./mine-project.ts";

let index: FixtureIndex;
before(async () => {
  index = await serveFixtureIndex(projects);
});
after(() => index.close());

const mine = (stated: string) => mineProject(index, `shell (ps.buildPythonPackage (mine // { ${stated} }))`);
const SHARE = (name: string) => `import sys; print(open(sys.prefix + "/share/${name}").read(), end="")`;

describe("phases", () => {
  test("run in stdenv's order, in one shell, in the sources; what is installed is there from postInstall on", async () => {
    const hooks = [
      ...["postUnpack", "prePatch", "postPatch", "preConfigure", "postConfigure", "preBuild", "postBuild"],
      ...["preInstall", "postInstall", "preFixup", "postFixup", "preInstallCheck", "postInstallCheck"],
    ];
    const noting = hooks
      .filter((hook) => !["postUnpack", "postInstall", "postInstallCheck"].includes(hook))
      .map((hook) => `${hook} = "order+=' ${hook}'; test -e mine.py";`);
    const call = mine(`${noting.join("\n")}
      dependencies = [ ps.beta ];
      patches = [ ./word.patch ];
      postUnpack = "order=' postUnpack'; test -d $sourceRoot";
      postInstall = ''
        order+=' postInstall'
        python3 -c 'import mine, beta; print(mine.word, beta.__version__)' >word
        mine-tool >>word
      '';
      postInstallCheck = "mkdir -p $out/share; echo $order postInstallCheck | cat - word >$out/share/order";
    `);
    write(call.cwd, {
      "word.patch":
        "--- a/mine.py\n+++ b/mine.py\n@@ -1,2 +1,2 @@\n-word = 'as written'\n+word = 'patched'\n def main():\n",
    });
    assert.equal(await python(call, SHARE("order")), `${hooks.join(" ")}\npatched 2.0\nmine patched 2.0\n`);
  });

  test("may be the package's own, and have further ones beside them", async () => {
    const call = mine(`
      preConfigurePhases = [ "greetPhase" ];
      greetPhase = "export FLAG=from-greetPhase";
      buildPhase = "mkdir built; sed s/written/built/ mine.py >built/mine.py; echo flag=\\\\\\"$FLAG\\\\\\" >built/mine_built.py";
      installPhase = "install -D --target-directory $out/$sitePackages built/*";
      outputs = [ "out" "doc" ];
      postFixup = "mkdir -p $doc && cp pyproject.toml $doc";
      dependencies = [ ps.beta ];
      pythonImportsCheck = [ "mine" "beta" ];
    `);
    assert.equal(
      await python(call, "import mine, mine_built, beta; print(mine.word, mine_built.flag)"),
      "as built from-greetPhase\n",
    );
    const outputs = mineProject(
      index,
      'pkgs.mkShell { DOC = (ps.buildPythonPackage (mine // { outputs = [ "out" "doc" ]; postInstall = "echo words >$doc"; })).doc; }',
    );
    assert.equal(await output(["run", "--", "sh", "-c", "cat $DOC"], outputs), "words\n");
  });

  test("setup.py needs no pyproject.toml, is given flags, and may import at its build what it runs with", async () => {
    const call = mineProject(
      index,
      `shell (ps.buildPythonPackage {
        pname = "mine"; version = "0.1"; src = ./old; format = "setuptools";
        propagatedBuildInputs = [ ps.beta ];
        setupPyGlobalFlags = [ "--quiet" ];
        setupPyBuildFlags = [ "--inplace" ];
        doCheck = false;
      })`,
    );
    mkdirSync(join(call.cwd, "old"));
    write(call.cwd, {
      "old/setup.py":
        "import beta\nfrom setuptools import setup\nsetup(name='mine', version='0.1', py_modules=['mine'], install_requires=['gamma'])\n",
      "old/mine.py": "import beta, gamma\n",
    });
    assert.equal(
      await python(call, "import mine, mine_settings; print(mine_settings.settings)"),
      "{'--global-option': ['--quiet', 'build_ext', '--inplace']}\n",
    );
  });
});

describe("tests", () => {
  test("pytestCheckHook gives pytest what is enabled and disabled", async () => {
    const call = mine(`
      dependencies = [ ps.beta ];
      nativeCheckInputs = [ ps.pytestCheckHook ];
      disabledTests = [ "test_never" ];
      disabledTestPaths = [ "old_*.py" "test_mine.py::test_other" ];
      enabledTestMarks = [ "quick" "small" ];
      disabledTestMarks = [ "network" ];
      enabledTestPaths = [ "test_*.py" ];
      pytestFlags = [ "-x" "-Wdefault" ];
      pytestFlagsArray = [ "--durations='1 2'" ];
    `);
    write(call.cwd, { "old_1.py": "" });
    assert.deepEqual(JSON.parse(await python(call, SHARE("pytest-arguments"))), [
      "--ignore-glob=old_*.py",
      "--deselect=test_mine.py::test_other",
      ...["-k", "not test_never"],
      ...["-m", "(quick or small) and not network"],
      ...["-x", "-Wdefault", "--durations=1 2", "test_mine.py"],
    ]);
    const nothing = mine('nativeCheckInputs = [ ps.pytestCheckHook ]; disabledTestPaths = [ "gone.py" ];');
    assert.match(
      await failure(["run", "--", "true"], nothing),
      /disabledTestPaths has what matches no file: gone.py/,
    );
  });

  test("unittestCheckHook runs unittest, and what it finds wrong ends the build", async () => {
    const tested = (word: string) => {
      const call = mine(
        'dependencies = [ ps.beta ]; nativeCheckInputs = [ ps.unittestCheckHook ]; unittestFlags = [ "-v" "test_unit" ];',
      );
      write(call.cwd, {
        "test_unit.py": `import unittest, mine\nclass Test(unittest.TestCase):\n    def test_word(self):\n        self.assertEqual(mine.word, '${word}')\n`,
      });
      return call;
    };
    await output(["run", "--", "mine-tool"], tested("as written"));
    assert.match(await failure(["run", "--", "true"], tested("otherwise")), /AssertionError.*otherwise/);
  });

  test("see the package installed, its programs, and an interpreter that knows them by its own path", async () => {
    const call = mine(`
      dependencies = [ ps.beta ];
      checkPhase = ''
        runHook preCheck
        cd $HOME
        [ "$(mine-tool)" = "mine as written 2.0" ]
        \${ps.python.interpreter} -c 'import mine, beta, sys; assert mine.__file__.startswith(sys.argv[1])' $out
      '';
    `);
    await output(["run", "--", "mine-tool"], call);
  });
});

describe("programs", () => {
  test("have the environment's interpreter, and makeWrapperArgs before it", async () => {
    const call = mine(`
      dependencies = [ ps.beta ];
      makeWrapperArgs = [ "--set" "WORDS" "'two words'" "--prefix" "PATH" ":" "/wrapped" ];
      postInstall = ''
        printf '#!/usr/bin/env python3\\nimport mine, beta, os; print(os.environ["WORDS"], os.environ["PATH"].split(":")[0])\\n' >$out/bin/further
        chmod +x $out/bin/further
      '';
    `);
    assert.equal(await output(["run", "--", "further"], call), "two words /wrapped\n");
    assert.equal(await output(["run", "--", "mine-tool"], call), "mine as written 2.0\n");
  });

  test("that a phase removes stay away", async () => {
    const call = mine('dependencies = [ ps.beta ]; postInstall = "rm $out/bin/mine-tool";');
    await failure(["run", "--", "mine-tool"], { ...call, code: 127 });
  });
});

describe("modules", () => {
  test("toPythonModule takes what another builder has made, toPythonApplication the commands alone", async () => {
    const call = mineProject(
      index,
      `pkgs.mkShell { packages = [
        (pkgs.python3.withPackages (_: [ (ps.toPythonModule (pkgs.runCommand "plain-1.0" { } "install -D \${./mine.py} $out/\${ps.python.sitePackages}/plain.py")) ]))
        (ps.toPythonApplication (ps.buildPythonPackage (mine // { dependencies = [ ps.beta ]; })))
      ]; }`,
    );
    assert.equal(await python(call, "import plain; print(plain.word)"), "as written\n");
    assert.equal(await output(["run", "--", "mine-tool"], call), "mine as written 2.0\n");
    assert.match(
      await failure(["run", "--", "python3", "-I", "-c", "import mine"], call),
      /No module named 'mine'/,
    );
  });
});
