/** buildPythonPackage and what belongs to it, on an index on the loopback interface. Debian's packages come from its archive. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type FixtureIndex, serveFixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { makeSdist, makeWheel } from "../../../src/resolve/python/testing/packages.ts";
import { type CallOptions, failure, output, project, write } from "../world.ts";

/** A backend that makes a wheel of a folder's modules and of what pyproject.toml says, with Python's own means. */
const BACKEND = `
import glob, os, tomllib, zipfile
def build_wheel(directory, config_settings=None, metadata_directory=None):
    with open("pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    stem = "%s-%s" % (project["name"], project["version"])
    info = stem + ".dist-info/"
    name = stem + "-py3-none-any.whl"
    demands = "".join("Requires-Dist: %s\\n" % one for one in project.get("dependencies", []))
    scripts = "".join("%s = %s\\n" % one for one in project.get("scripts", {}).items())
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        for module in sorted(glob.glob("*.py")):
            if not module.startswith("test_"):
                wheel.write(module, module)
        wheel.writestr(project["name"] + "_built.py", "flag = %r\\n" % os.environ.get("FLAG"))
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n%s\\nRequires-Dist: no field\\n" % (project["name"], project["version"], demands))
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "entry_points.txt", "[console_scripts]\\n" + scripts + "[other.group]\\nelse = a:b\\n")
        wheel.writestr(info + "RECORD", "".join(one + ",,\\n" for one in wheel.namelist()))
    return name
`;

/** Calls the functions of test_*.py, and knows of pytest's options \`-k "not NAME"\` alone. */
const PYTEST = `
import glob, runpy, sys
skipped = sys.argv[sys.argv.index("-k") + 1].replace("not ", "").split(" and ") if "-k" in sys.argv else []
for path in glob.glob("test_*.py"):
    for name, test in runpy.run_path(path).items():
        if name.startswith("test_") and name not in skipped:
            test()
`;

const flavour = makeSdist({ name: "flavour", version: "1.0", files: { NOTE: "" } });
const projects = {
  "tiny-backend": [
    makeWheel({ name: "tiny-backend", version: "1.0", files: { "tiny_backend/__init__.py": BACKEND } }),
  ],
  pytest: [makeWheel({ name: "pytest", version: "8.0", files: { "pytest/__main__.py": PYTEST } })],
  beta: [makeWheel({ name: "beta", version: "1.0" }), makeWheel({ name: "beta", version: "2.0" })],
  gamma: [makeWheel({ name: "gamma", version: "1.0", requires: ["beta"] })],
  flavour: [flavour, makeWheel({ name: "flavour", version: "1.0" })],
  delta: [makeWheel({ name: "delta", version: "1.0", requires: ["flavour"] })],
};

let index: FixtureIndex;
before(async () => {
  index = await serveFixtureIndex(projects);
});
after(() => index.close());

/** A project with sources of a package `mine` in src, whose shell is an expression over `pkgs` and `mine`, a set of arguments. */
function mineProject(shell: string, demands: readonly string[] = []): CallOptions & { readonly cwd: string } {
  const cwd = project();
  write(cwd, {
    "shell.nix": `
      { pkgs ? import <nixpkgs> { } }:
      let
        ps = pkgs.python3Packages;
        mine = {
          pname = "mine";
          version = "0.1";
          src = ./.;
          pyproject = true;
          build-system = [ ps.tiny-backend ];
        };
        shell = python: pkgs.mkShell { packages = [ python ]; };
      in
      ${shell}
    `,
    "pyproject.toml": [
      '[build-system]\nrequires = []\nbuild-backend = "tiny_backend"',
      `[project]\nname = "mine"\nversion = "0.1"\ndependencies = ${JSON.stringify(demands)}`,
      '[project.scripts]\nmine-tool = "mine:main"\n',
    ].join("\n"),
    "mine.py":
      "word = 'as written'\ndef main():\n    import beta\n    print('mine', word, beta.__version__)\n",
    "test_mine.py":
      "import mine\ndef test_word():\n    assert mine.word == 'as written'\ndef test_never():\n    assert False\n",
  });
  return { cwd, env: { PIP_CONFIG_FILE: "/dev/null", PIP_INDEX_URL: index.url } };
}

// Isolated: the folder, which has the sources, is no place to import from.
const python = (call: CallOptions, script: string) =>
  output(["run", "--", "python3", "-I", "-c", script], call);

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
    const call = mineProject('shell (ps.buildPythonPackage (mine // { buildPhase = "true"; }))');
    assert.match(await failure(["lock"], call), /does not take buildPhase/);
    const other = mineProject('shell (ps.buildPythonPackage (mine // { pname = "yours"; }))');
    assert.match(await failure(["lock"], other), /calls itself by another name: `mine`/);
    const disabled = mineProject(
      'shell (ps.buildPythonPackage (mine // { disabled = ps.pythonOlder "3.99"; }))',
    );
    assert.match(await failure(["lock"], disabled), /not supported for interpreter python3/);
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
      { lib, buildPythonPackage, fetchPypi, gamma, withNothing ? false }:
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
