# Python from Debian: one interpreter per suite, and its packages under the names that PyPI and Nixpkgs use.
final: prev:
let
  inherit (final) lib engine debianUniverse debianTools;

  attributes = import ./interpreter/attributes.nix { inherit (prev) lib; };

  # Names of PyPI and Nixpkgs that Debian's `python3-<name>` does not follow.
  irregular = import ./names.nix;
  debianName = name: irregular.${name} or "python3-${lib.toLower (builtins.replaceStrings [ "_" ] [ "-" ] name)}";

  pythonPackages = engine.openSet {
    set = {
      python = final.python3;
      buildPythonPackage = throw "buildPythonPackage is not part of Debian's universe of Python packages (hint: config.pythonPackages = \"pypi\")";
    };
    has = name: engine.debianHas debianUniverse (debianName name);
    get =
      name:
      debianTools.package {
        pname = name;
        requests = [ (debianName name) ];
      };
    nearest =
      name: map (lib.removePrefix "python3-") (builtins.filter (lib.hasPrefix "python3-") (engine.debianNearest debianUniverse (debianName name)));
  };

  # `python3` is a package of helpers; the interpreter itself is in packages that it depends on.
  isInterpreter = name: builtins.match "python3([.][0-9]+)?(-minimal)?" name != null;

  # All that is there beside a bare interpreter shows: programs of packages that others bring, such as `jupyter`, too.
  withPackages =
    select:
    debianTools.package {
      pname = "python3-env";
      shows =
        closure:
        let
          bare = debianTools.compilerNames closure;
        in
        name: isInterpreter name || !(builtins.elem name bare);
      requests = [ "python3" ] ++ debianTools.requestsOf (debianTools.ofOneUniverse (lib.flatten (select pythonPackages)));
      meta.mainProgram = "python3";
      passthru.interpreter = final.python3;
    };

  withRequirements = throw "python3.withRequirements takes packages from PyPI, and this package set has Debian's (hint: config.pythonPackages = \"pypi\", or python3.withPackages with Debian's versions)";

  python3 = debianTools.package {
    pname = "python3";
    requests = [ "python3" ];
    shows = _: isInterpreter;
    meta.mainProgram = "python3";
    passthru = {
      inherit withPackages withRequirements;
      pkgs = pythonPackages;
      buildEnv.override = { extraLibs ? [ ], ... }: withPackages (_: extraLibs);
    };
  };
  # Debian's modules are for the Python that is its suite's own, and for no other.
  pythonOfVersion =
    version:
    let
      own = debianTools.pythonOf (debianTools.resolve (debianTools.basePackages ++ [ "python3" ]));
      suites = engine.pythonSuites version;
    in
    if own == "python${version}" then
      python3
    else
      throw "Debian's packages of ${final.suite} are for ${own}, and `python${version}` is asked for (hint: ${
        if suites == [ ] then "" else "suite = \"${builtins.head suites}\" has it; or "
      }take packages from PyPI, without from = \"debian\")";
in
attributes.of pythonOfVersion
// {
  inherit python3 pythonOfVersion;
  python3Packages = pythonPackages;
  python3Full = python3;
  python = python3;
  pythonPackages = pythonPackages;
  pythonTools = {
    environmentsOf = _: [ ];
    mergeForeign = inputs: inputs;
  };
}
