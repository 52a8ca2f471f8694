/**
 * A Python package `mine` at hand, with what its build and its tests need in an index on the loopback interface: the ground of the tests of
 * buildPythonPackage. Backends and test runners are small ones of the tests' own.
 */
import type { FixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { makeSdist, makeWheel } from "../../../src/resolve/python/testing/packages.ts";
import { type CallOptions, output, project, write } from "../world.ts";

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

/** Calls the functions of test_*.py, and knows of pytest's options `-k "not NAME"` alone. What it was given is left in the package. */
const PYTEST = `
import glob, json, os, runpy, sys
folder = os.environ["out"] + "/share"
os.makedirs(folder, exist_ok=True)
with open(folder + "/pytest-arguments", "w") as file:
    json.dump(sys.argv[1:], file)
skipped = sys.argv[sys.argv.index("-k") + 1].replace("not ", "").split(" and ") if "-k" in sys.argv else []
for path in glob.glob("test_*.py"):
    for name, test in runpy.run_path(path).items():
        if name.startswith("test_") and name not in skipped:
            test()
`;

/** `setup()` with modules, scripts and demands, and the backend as which setuptools is called for projects without pyproject.toml. */
const SETUPTOOLS = `
import os, zipfile
stated = {}
def setup(**arguments):
    stated.update(arguments)
`;
const SETUPTOOLS_BACKEND = `
import json, os, zipfile, setuptools
class Legacy:
    def build_wheel(self, directory, config_settings=None, metadata_directory=None):
        exec(compile(open("setup.py").read(), "setup.py", "exec"), {"__name__": "__main__", "__file__": "setup.py"})
        stated = setuptools.stated
        stem = "%s-%s" % (stated["name"], stated["version"])
        info = stem + ".dist-info/"
        name = stem + "-py3-none-any.whl"
        with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
            for module in stated["py_modules"]:
                wheel.write(module + ".py", module + ".py")
            wheel.writestr("mine_settings.py", "settings = %r\\n" % (config_settings,))
            demands = "".join("Requires-Dist: %s\\n" % one for one in stated.get("install_requires", []))
            wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n%s" % (stated["name"], stated["version"], demands))
            wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
            wheel.writestr(info + "RECORD", "")
        return name
__legacy__ = Legacy()
`;

export const flavour = makeSdist({ name: "flavour", version: "1.0", files: { NOTE: "" } });
export const projects = {
  "tiny-backend": [
    makeWheel({ name: "tiny-backend", version: "1.0", files: { "tiny_backend/__init__.py": BACKEND } }),
  ],
  setuptools: [
    makeWheel({
      name: "setuptools",
      version: "80.0",
      files: { "setuptools/__init__.py": SETUPTOOLS, "setuptools/build_meta.py": SETUPTOOLS_BACKEND },
    }),
  ],
  wheel: [makeWheel({ name: "wheel", version: "0.45" })],
  pytest: [makeWheel({ name: "pytest", version: "8.0", files: { "pytest/__main__.py": PYTEST } })],
  beta: [makeWheel({ name: "beta", version: "1.0" }), makeWheel({ name: "beta", version: "2.0" })],
  gamma: [makeWheel({ name: "gamma", version: "1.0", requires: ["beta"] })],
  flavour: [flavour, makeWheel({ name: "flavour", version: "1.0" })],
  delta: [makeWheel({ name: "delta", version: "1.0", requires: ["flavour"] })],
};

/** A project with sources of a package `mine` in src, whose shell is an expression over `pkgs` and `mine`, a set of arguments. */
export function mineProject(
  index: FixtureIndex,
  shell: string,
  demands: readonly string[] = [],
): CallOptions & { readonly cwd: string } {
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
export const python = (call: CallOptions, script: string) =>
  output(["run", "--", "python3", "-I", "-c", script], call);
