# From what is asked for to an environment: solved as one, each package unpacked and compiled once, merged, and as an
# attribute of the package set.
{
  final,
  # Of ./interpreter/from-debian.nix or ./interpreter/from-source.nix
  interpreter,
  wishes,
  # The set's packages that overrides have changed, by name, and the projects' names for the set's.
  overridden,
  projectOf,
  # The interpreter as a package, which an environment of it knows.
  python,
}:
let
  inherit (final)
    lib
    engine
    system
    debianTools
    ;
  inherit (interpreter)
    executable
    pythonVersion
    fullVersion
    rootRequests
    ;
  sitePackages = "lib/${executable}/site-packages";

  glibc =
    let
      libc = lib.findFirst (deb: deb.name == "libc6") null interpreter.closure;
    in
    if libc == null then
      throw "Debian's packages for ${executable} come without libc6"
    else
      builtins.head (builtins.match "([0-9]+[.][0-9]+).*" libc.version);

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
    inherit (interpreter) program headers;
  };
  wheels = import ./wheels.nix { inherit final interpreter sdists; };
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
    inherit (interpreter) program;
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

  checksOf = import ./checks.nix {
    inherit
      lib
      engine
      sdists
      wheels
      atHand
      environmentWith
      ;
  };

  # { environment; requests; packages } of wishes that are to be one.
  environmentWith =
    list:
    let
      inherit (solve (wishes.merge list) (builtins.attrNames overridden)) split packages;
      inherit (split) wanted;
      trees = map (wheels.treeOf wanted) packages;
      checks = checksOf (wishes.merge list) packages;
    in
    {
      inherit packages;
      environment = debianTools.native (
        {
          name = "python3-${fullVersion}-env";
          inherit system;
          builder = "builtin:copse-python-env";
          python = executable;
          pythonVersion = fullVersion;
          packages = trees ++ split.trees;
          bytecode = map interpreter.bytecodeOf (trees ++ split.trees);
        }
        # What must have succeeded; nothing of it is in the environment.
        // lib.optionalAttrs (checks != [ ]) { inherit checks; }
        // lib.optionalAttrs (interpreter.program != "/usr/bin/${executable}") { interpreter = interpreter.program; }
      );
      requests =
        rootRequests
        ++ wanted.requests
        ++ engine.pythonLibraries (
          platform { }
          // {
            source = final.debianUniverse;
            rootPackages = map (deb: deb.name) (debianTools.resolve (debianTools.basePackages ++ rootRequests));
            packages =
              lib.zipListsWith (one: tree: {
                inherit (one)
                  name
                  file
                  dependencies
                  system
                  ;
                isAtHand = false;
                tree = "${tree}";
              }) packages trees
              ++ split.compiled;
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
in
{
  inherit
    sitePackages
    platform
    sdists
    wheels
    atHand
    resolve
    environmentWith
    package
    environmentPackage
    ;
}
