# One interpreter's set of packages: its own names, those that overlays give, and every name of the index.
{
  final,
  interpreter,
  wishes,
  # ./environment.nix
  environments,
  python,
  # self: super: { ... }, an overlay of this set.
  packageOverrides,
}:
let
  inherit (final) lib engine debianTools;
  inherit (interpreter) executable pythonVersion fullVersion;
  inherit (environments)
    sitePackages
    platform
    sdists
    wheels
    atHand
    resolve
    environmentWith
    package
    ;

  irregular = import ./pypi-names.nix;
  requirementOf = name: irregular.${name} or (engine.pythonName name);
  projectOf = name: if irregular ? ${name} then (engine.pythonRequirement irregular.${name}).name else engine.pythonName name;

  requirementPackage =
    requirement:
    let
      inherit (engine.pythonRequirement requirement) name;
    in
    package {
      pname = name;
      version =
        composed:
        let
          found = lib.findFirst (one: one.name == name) null composed.packages;
        in
        if found == null then fullVersion else found.version;
      wanted = wishes.read [ requirement ];
      meta.mainProgram = name;
      passthru = {
        inherit requirement;
        pythonModule = python;
        overridePythonAttrs = changeSource requirement;
      };
    };

  # A package of the index, with other arguments than it is built with: from its sdist, whatever wheels there are.
  changeSource =
    requirement: changes:
    let
      inherit (engine.pythonRequirement requirement) name;
      sdist = lib.findFirst (one: one.name == name) null (resolve (wishes.read {
        requirements = [ requirement ];
        noBinary = [ name ];
      }));
      attrs = {
        pname = name;
        inherit (sdist) version;
        src = wheels.fetchFile sdist;
        pyproject = true;
        dependencies = [ ];
        doCheck = false;
      };
    in
    building.buildPythonPackage (attrs // lib.toFunction changes attrs);

  building = import ./build-package {
    inherit
      final
      executable
      sitePackages
      wishes
      wantedOf
      environmentWith
      sdists
      atHand
      package
      python
      ;
    inherit (modules) commandsOf;
  };

  packagesBefore = engine.openSet {
    set = {
      inherit python;
      inherit (building) buildPythonPackage buildPythonApplication fetchPypi;
      inherit (python) pythonVersion sitePackages interpreter;
      # Any requirement of PEP 508: ps.request "torch>=2"
      request = requirementPackage;
      callPackage = lib.callPackageWith callable;
      inherit (modules) toPythonModule toPythonApplication hasPythonModule;
      tkinter = final.debian.python3-tk;
    }
    // import ./version-tests.nix { inherit lib pythonVersion; }
    // import ./hooks.nix { inherit final requirementPackage; inherit (building) buildPythonPackage; };
    has = name: engine.pythonHas (platform { }) (projectOf name);
    get = name: requirementPackage (requirementOf name);
    nearest = name: engine.pythonNearest (platform { }) (projectOf name);
  };

  overlay = lib.composeManyExtensions (final.pythonPackagesExtensions ++ [ packageOverrides ]);
  overridden = overlay pythonPackages packagesBefore;
  pythonPackages = packagesBefore // overridden;

  modules = import ./modules.nix {
    inherit
      final
      executable
      sitePackages
      wishes
      wheels
      environmentWith
      package
      ;
  };
  callable = import ./callable.nix { inherit final pythonPackages; };

  # Of what a selection names: Python packages of this interpreter, and packages of the system.
  wantedOf =
    stranger:
    let
      input = builtins.head (debianTools.ofOneUniverse [ stranger ]);
    in
    if stranger ? pythonHook && !(stranger ? ofPython) then
      wishes.empty
    else if !(input ? ofPython) then
      wishes.empty // { requests = debianTools.requestsOf [ input ]; }
    else if input.ofPython.key != fullVersion then
      throw "`${input.name}` is of Python ${input.ofPython.key}, and this environment of ${fullVersion}"
    else
      input.ofPython.wanted;
in
{
  inherit
    pythonPackages
    overridden
    projectOf
    wantedOf
    ;
}
