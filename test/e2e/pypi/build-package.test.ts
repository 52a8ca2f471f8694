/** buildPythonPackage and what belongs to it, on an index on the loopback interface. Debian's packages come from its archive. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type FixtureIndex, serveFixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { failure, output, write } from "../world.ts";
import { flavour, mineProject as mineProjectOf, projects, python } from "./mine-project.ts";

let index: FixtureIndex;
before(async () => {
  index = await serveFixtureIndex(projects);
});
after(() => index.close());

const mineProject = (shell: string, demands?: readonly string[]) => mineProjectOf(index, shell, demands);

describe("buildPythonPackage", () => {
  test("is part of the solve of its environment: stated dependencies, and those of its metadata", async () => {
    const call = mineProject(
      "shell (pkgs.python3.withPackages (ps: [ ps.gamma (ps.buildPythonPackage (mine // { dependencies = [ ps.delta ]; })) ]))",
      ["beta<2"],
    );
    const script = "import mine, beta, gamma, delta; print(mine.__file__, beta.__version__)";
    assert.match(await python(call, script), /^\/nix\/store\/.*\/site-packages\/mine\.py 1\.0\n$/);
    assert.equal(await output(["run", "--frozen", "--", "mine-tool"], call), "mine as written 1.0\n");
  });

  test("takes hooks, variables, and changes of its tree", async () => {
    const call = mineProject(`shell (ps.buildPythonPackage (mine // {
      dependencies = [ ps.beta ];
      postPatch = "substituteInPlace mine.py --replace-fail 'as written' patched";
      preBuild = "export FLAG=$OTHER-hook";
      OTHER = "variable";
      postInstall = "echo added=1 >$out/\${ps.python.sitePackages}/added.py";
    }))`);
    assert.equal(
      await python(call, "import mine, added, mine_built; print(mine.word, added.added, mine_built.flag)"),
      "patched 1 variable-hook\n",
    );
  });

  test("relaxes and removes demands that are wrong", async () => {
    const demands = ["beta>=7", "no-such-project"];
    const call = mineProject(
      'shell (ps.buildPythonPackage (mine // { pythonRelaxDeps = [ "Beta" ]; pythonRemoveDeps = [ "no_such_project" ]; }))',
      demands,
    );
    const script = "import importlib.metadata as m, beta; print(beta.__version__, m.requires('mine'))";
    assert.equal(await python(call, script), "2.0 ['beta']\n");
    const wrong = mineProject("shell (ps.buildPythonPackage mine)", ["beta>=7"]);
    assert.match(await failure(["lock"], wrong), /error\[python-no-solution\]/);
  });

  test("is tested: imports, pytest, a phase of its own", async () => {
    const checked = (stated: string) =>
      mineProject(`shell (ps.buildPythonPackage (mine // { dependencies = [ ps.beta ]; ${stated} }))`);
    const passes = checked(
      'pythonImportsCheck = [ "mine" ]; nativeCheckInputs = [ ps.pytestCheckHook ]; disabledTests = [ "test_never" ];',
    );
    assert.equal(await output(["run", "--", "mine-tool"], passes), "mine as written 2.0\n");
    // What a test needs is no part of the environment.
    assert.match(
      await failure(["run", "--", "python3", "-I", "-c", "import pytest"], passes),
      /No module named 'pytest'/,
    );
    const run = ["run", "--", "true"];
    assert.match(
      await failure(run, checked('pythonImportsCheck = [ "nothing" ];')),
      /No module named 'nothing'/,
    );
    const pytest = "nativeCheckInputs = [ ps.pytestCheckHook ];";
    assert.match(await failure(run, checked(pytest)), /AssertionError/);
    await output(run, checked(`${pytest} doCheck = false;`));
    await output(run, checked("checkPhase = \"runHook preCheck; python3 -c 'import mine, beta'\";"));
    assert.match(await failure(run, checked('checkPhase = "echo own phase; false";')), /own phase/);
  });

  test("has phases of its own as format other, and takes a wheel as it is", async () => {
    const call = mineProject(`shell (pkgs.python3.withPackages (ps: [
      (ps.buildPythonPackage {
        pname = "plain"; version = "1"; src = ./.; format = "other"; dependencies = [ ps.beta ];
        buildPhase = "python3 -c 'import beta; print(f\\"seen = {beta.__version__!r}\\")' >plain.py";
        installPhase = "install -D plain.py $out/\${ps.python.sitePackages}/plain.py";
      })
      (ps.buildPythonPackage {
        pname = "gamma"; version = "1.0"; format = "wheel";
        src = ps.fetchPypi { pname = "gamma"; version = "1.0"; format = "wheel"; python = "py3"; sha256 = "${sha256(projects.gamma[0]?.bytes)}"; };
      })
    ]))`);
    assert.equal(
      await python(call, "import plain, gamma; print(plain.seen, gamma.__version__)"),
      "2.0 1.0\n",
    );
  });

  test("refuses what it would not do", async () => {
    const egg = mineProject('shell (ps.buildPythonPackage (mine // { pyproject = null; format = "egg"; }))');
    assert.match(await failure(["lock"], egg), /knows the formats .*but not: `egg`/);
    const other = mineProject('shell (ps.buildPythonPackage (mine // { pname = "yours"; }))');
    assert.match(await failure(["lock"], other), /calls itself by another name, mine: `yours`/);
    const disabled = mineProject(
      'shell (ps.buildPythonPackage (mine // { disabled = ps.pythonOlder "3.99"; }))',
    );
    assert.match(await failure(["lock"], disabled), /not supported for interpreter python3/);
    const environment = mineProject('shell (pkgs.python3.buildEnv.override { postBuild = "true"; })');
    assert.match(await failure(["lock"], environment), /buildEnv has no such argument.*`postBuild`/);
  });
});

test("buildPythonApplication brings its commands, and nothing else, beside any environment", async () => {
  const call = mineProject(
    'pkgs.mkShell { packages = [ (ps.buildPythonApplication (mine // { dependencies = [ (ps.request "beta<2") ]; })) (pkgs.python3.withPackages (ps: [ ps.beta ])) ]; }',
  );
  assert.equal(await output(["run", "--", "mine-tool"], call), "mine as written 1.0\n");
  assert.equal(await python(call, "import beta; print(beta.__version__)"), "2.0\n");
  assert.match(
    await failure(["run", "--", "python3", "-I", "-c", "import mine"], call),
    /No module named 'mine'/,
  );
});

test("fetchPypi and callPackage: a file of Nixpkgs' kind", async () => {
  const call = mineProject("shell (ps.callPackage ./package.nix { })");
  write(call.cwd, {
    "package.nix": `
      { lib, buildPythonPackage, fetchPypi, gamma, git, withNothing ? false, beta ? "an index has this name, too" }:
      assert builtins.isString beta && !(git ? ofPython);
      buildPythonPackage rec {
        pname = "flavour";
        version = "1.0";
        pyproject = true;
        src = fetchPypi { inherit pname version; hash = "sha256-${createHash("sha256").update(flavour.bytes).digest("base64")}"; };
        dependencies = [ gamma ];
        meta.license = lib.licenses.mit;
      }
    `,
  });
  assert.equal(await python(call, "import flavour, gamma, beta; print(flavour.__version__)"), "1.0\n");
});

describe("packageOverrides", () => {
  test("replace a package for whoever depends on it, and constrain versions", async () => {
    const call = mineProject(`
      let
        python = pkgs.python3.override {
          packageOverrides = self: super: {
            flavour = super.flavour.overridePythonAttrs (old: { postInstall = "echo >$out/\${self.python.sitePackages}/overridden.py"; });
            beta = super.request "beta<2";
            mine = self.buildPythonPackage (mine // { build-system = [ self.tiny-backend ]; });
          };
        };
      in
      shell (python.withPackages (ps: [ ps.delta ps.gamma ps.mine ]))
    `);
    const script = "import delta, overridden, gamma, beta, mine; print(beta.__version__)";
    assert.equal(await python(call, script), "1.0\n");
    const without = mineProject("shell (pkgs.python3.withPackages (ps: [ ps.delta ]))");
    assert.match(
      await failure(["run", "--", "python3", "-I", "-c", "import delta, overridden"], without),
      /No module named 'overridden'/,
    );
  });

  test("and pythonPackagesExtensions of an overlay hold for every interpreter", async () => {
    const call = mineProject(`
      let
        overlay = final: prev: {
          pythonPackagesExtensions = prev.pythonPackagesExtensions ++ [ (self: super: { beta = super.request "beta<2"; }) ];
        };
        changed = import <nixpkgs> { overlays = [ overlay ]; };
      in
      shell (changed.python3.withPackages (ps: [ ps.gamma ]))
    `);
    assert.equal(await python(call, "import gamma, beta; print(beta.__version__)"), "1.0\n");
  });

  test("python.buildEnv.override makes an environment", async () => {
    const call = mineProject("shell (pkgs.python3.buildEnv.override { extraLibs = [ ps.beta ]; })");
    assert.equal(await python(call, "import beta; print(beta.__version__)"), "2.0\n");
  });
});

function sha256(bytes: Buffer | undefined): string {
  assert.ok(bytes);
  return createHash("sha256").update(bytes).digest("hex");
}
