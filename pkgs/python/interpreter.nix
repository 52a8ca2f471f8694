# One interpreter of Debian's and the environments that can be made with it.
final:
{
  # The Debian package: python3, python3.14
  request,
  # self: super: { ... }, an overlay of its set of packages.
  packageOverrides ? (_: _: { }),
}:
let
  inherit (final)
    lib
    engine
    system
    debianTools
    ;
  wishes = import ./wanted.nix { inherit lib; };

  # --- The interpreter -------------------------------------------------------------------------------------------

  closure = debianTools.resolve (debianTools.basePackages ++ [ request ]);
  debVersion =
    name:
    let
      found = lib.findFirst (deb: deb.name == name) null closure;
    in
    if found == null then throw "Debian's ${request} comes without ${name}" else found.version;

  # python3.11
  executable =
    let
      found = debianTools.pythonOf closure;
    in
    if found == null then throw "Debian's ${request} has no interpreter" else found;
  pythonVersion = lib.removePrefix "python" executable;
  # 3.11.2-6+deb12u5 is 3.11.2, and 3.14.0~rc2-1 is 3.14.0rc2.
  fullVersion =
    let
      parts = builtins.match "([0-9]+:)?([0-9.]+)(~((a|b|rc)[0-9]+))?.*" (debVersion "${executable}-minimal");
      candidate = builtins.elemAt parts 3;
    in
    "${builtins.elemAt parts 1}${if candidate == null then "" else candidate}";
  glibc = builtins.head (builtins.match "([0-9]+[.][0-9]+).*" (debVersion "libc6"));
  sitePackages = "lib/${executable}/site-packages";

  # What wheels may take for granted (PEP 600), and what Debian keeps apart of the standard library.
  rootRequests = [
    request
    "libstdc++6"
  ]
  ++ lib.optional (builtins.compareVersions pythonVersion "3.12" < 0) "python3-distutils";

  # --- From requirements to an environment -----------------------------------------------------------------------

  platform = settings: {
    inherit system settings glibc;
    python = fullVersion;
  };
  sdists = import ./sdists.nix {
    inherit
      final
      fullVersion
      executable
      platform
      rootRequests
      environmentWith
      wishes
      ;
  };
  wheels = import ./wheels.nix { inherit final executable sdists; };

  atHand = import ./at-hand.nix {
    inherit
      final
      executable
      platform
      sdists
      wheels
      ;
  };
  withoutProjects = import ./projects.nix {
    inherit
      final
      sdists
      wheels
      atHand
      ;
  };

  resolve =
    { requirements, settings, ... }@wanted:
    engine.resolvePython (
      platform settings
      // {
        inherit requirements;
        metadataOf = wheels.metadataOf wanted;
      }
    );

  # A solve that comes to a package which the set's overrides change is done again with what they say of it: a package
  # that was built takes the place of the index's, and a requirement constrains it. { split; packages; }
  solve =
    asked: pending:
    let
      split = withoutProjects asked;
      packages = resolve split.wanted;
      solved = lib.genAttrs (map (one: one.name) packages) (_: null);
      met = builtins.filter (name: solved ? ${projectOf name}) pending;
      changes = map (
        name:
        let
          inherit (overridden.${name}.ofPython) wanted;
        in
        if wanted.projects ? ${projectOf name} then
          wanted
        else
          wishes.empty // { settings.constraints = wanted.requirements; }
      ) (builtins.filter (name: overridden.${name} ? ofPython) met);
    in
    if changes == [ ] then
      { inherit split packages; }
    else
      solve (wishes.merge ([ asked ] ++ changes)) (lib.subtractLists met pending);

  # { environment; requests; packages } of wishes that are to be one.
  environmentWith =
    list:
    let
      inherit (solve (wishes.merge list) (builtins.attrNames overridden)) split packages;
      inherit (split) wanted;
      trees = map (wheels.treeOf wanted) packages;
    in
    {
      inherit packages;
      environment = debianTools.native {
        name = "python3-${fullVersion}-env";
        inherit system;
        builder = "builtin:copse-python-env";
        python = executable;
        pythonVersion = fullVersion;
        packages = trees ++ split.trees;
        bytecode = map wheels.bytecodeOf (trees ++ split.trees);
      };
      requests =
        rootRequests
        ++ wanted.requests
        ++ engine.pythonLibraries (
          platform { }
          // {
            source = final.debianUniverse;
            rootPackages = map (deb: deb.name) (debianTools.resolve (debianTools.basePackages ++ rootRequests));
            packages = lib.zipListsWith (one: tree: {
              inherit (one)
                name
                file
                dependencies
                system
                ;
              tree = "${tree}";
            }) packages trees;
          }
        );
    };

  # As an attribute: an input for mkShell, and, used as a path, a folder of programs that enter a root of their own.
  package =
    {
      pname,
      version,
      wanted,
      passthru ? { },
      meta ? { },
    }:
    let
      composed = environmentWith [ wanted ];
      shape = debianTools.native {
        name = lib.sanitizeDerivationName "${pname}-${version composed}";
        inherit system;
        inherit (debianTools) launcher;
        builder = "builtin:copse-package";
        root = debianTools.makeRoot {
          name = lib.sanitizeDerivationName pname;
          packages = composed.requests;
        };
        packages = [ ];
        inherit (composed) environment;
      };
    in
    shape
    // {
      inherit pname;
      version = version composed;
      debian = {
        requests = rootRequests ++ wanted.requests;
        isPackage = true;
        universe = debianTools.universeKey;
      };
      ofPython = {
        key = fullVersion;
        inherit wanted environmentWith;
        packageWith =
          list:
          environmentPackage {
            name = "python3-env";
            wanted = wishes.merge list;
          };
      };
      # The packages of the environment, as they were solved.
      pythonPackages = composed.packages;
      inherit (composed) environment;
      meta = {
        mainProgram = "python3";
        platforms = lib.platforms.linux;
        available = true;
      }
      // meta;
      override = _: package { inherit pname version wanted passthru meta; };
    }
    // passthru;

  environmentPackage =
    { name, wanted }:
    package {
      pname = name;
      version = _: fullVersion;
      inherit wanted;
      passthru = {
        interpreter = python;
        inherit python pythonVersion sitePackages;
      };
    };

  # --- The set of packages ---------------------------------------------------------------------------------------

  irregular = import ./pypi-names.nix;
  projectOf = name: irregular.${name} or (engine.pythonName name);

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

  building = import ./build-package.nix {
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
  };

  # A hook does nothing by being there; what it stands for is done where it is among the inputs.
  hook = pythonHook: {
    name = "${pythonHook}-hook";
    inherit pythonHook;
  };

  packagesBefore = engine.openSet {
    set = {
      inherit python;
      inherit (building) buildPythonPackage buildPythonApplication fetchPypi;
      inherit (python) pythonVersion sitePackages interpreter;
      # Any requirement of PEP 508: ps.request "torch>=2"
      request = requirementPackage;
      callPackage = lib.callPackageWith callable;
      # Packages as they are; there is nothing else that a Python package could be made to.
      toPythonModule = one: one;
      pythonOlder = version: builtins.compareVersions pythonVersion version < 0;
      pythonAtLeast = version: builtins.compareVersions pythonVersion version >= 0;
      isPy3k = true;
      pytestCheckHook = requirementPackage "pytest" // {
        pythonHook = "pytest";
      };
      unittestCheckHook = hook "unittest";
      pythonRelaxDepsHook = hook "relax";
      pythonImportsCheckHook = hook "imports";
    };
    has = name: engine.pythonHas (platform { }) (projectOf name);
    get = name: requirementPackage (projectOf name);
    nearest = name: engine.pythonNearest (platform { }) (projectOf name);
  };

  overlay = lib.composeManyExtensions (final.pythonPackagesExtensions ++ [ packageOverrides ]);
  overridden = overlay pythonPackages packagesBefore;
  pythonPackages = packagesBefore // overridden;

  # What callPackage looks among: the set's own names, what the package set names, then PyPI, then Debian.
  callable = engine.openSet {
    set = final // builtins.mapAttrs (name: _: pythonPackages.${name}) (pythonPackages // { });
    has = name: pythonPackages ? ${name} || final ? ${name};
    get = name: if pythonPackages ? ${name} then pythonPackages.${name} else final.${name};
    nearest = _: [ ];
  };

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

  withPackages =
    select:
    environmentPackage {
      name = "python3-env";
      wanted = wishes.merge (map wantedOf (lib.flatten (select pythonPackages)));
    };

  withRequirements =
    stated:
    environmentPackage {
      name = stated.name or "python3-env";
      wanted = wishes.read stated;
    };

  python = package {
    pname = "python3";
    version = _: fullVersion;
    wanted = wishes.empty;
    passthru = {
      inherit
        withPackages
        withRequirements
        pythonVersion
        sitePackages
        executable
        ;
      pkgs = pythonPackages;
      interpreter = "${python}/bin/python3";
      buildEnv.override =
        {
          extraLibs ? [ ],
          ...
        }:
        withPackages (_: extraLibs);
      # python3.override { packageOverrides = self: super: { ... }; }
      override =
        changes:
        let
          arguments = {
            inherit request packageOverrides;
          };
          changed = removeAttrs (lib.toFunction changes arguments) [ "self" ];
        in
        import ./interpreter.nix final (arguments // changed);
    };
  };
in
python
