# What Nixpkgs puts among a package's inputs for what it does by being there. These mark the inputs; what they stand for is in
# ./build-package/phases, and done where one of them is found.
{
  final,
  requirementPackage,
  buildPythonPackage,
}:
let
  hook = pythonHook: {
    name = "${pythonHook}-hook";
    inherit pythonHook;
  };
  pytest = requirementPackage "pytest" // {
    pythonHook = "pytest";
  };
in
{
  pytestCheckHook = pytest;
  pytest7CheckHook = requirementPackage "pytest<8" // {
    pythonHook = "pytest";
  };
  pytestForkedHook = pytest;
  unittestCheckHook = hook "unittest";

  # Done for all packages by what they state.
  pythonImportsCheckHook = hook "imports";
  pythonRelaxDepsHook = hook "relax";
  pypaBuildHook = hook "build";
  pypaInstallHook = hook "install";
  pythonRemoveBinBytecodeHook = hook "bytecode";
  pythonRemoveTestsDirHook = hook "tests-dir";
  pythonNamespacesHook = hook "namespaces";
  pythonCatchConflictsHook = hook "conflicts";
  setuptoolsBuildHook = hook "setuptools-build";
  wrapPython = hook "wrap";

  # Takes pytest-cov's options and measures nothing, for packages whose configuration states them.
  pytest-cov-stub = buildPythonPackage {
    pname = "pytest-cov";
    version = "6.0";
    format = "other";
    src = ./pytest-cov-stub;
    installPhase = ''install -D --target-directory "$out/$sitePackages" pytest_cov.py && cp -r pytest_cov-6.0.dist-info "$out/$sitePackages"'';
    doCheck = false;
  };
}
