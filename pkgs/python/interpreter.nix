# One interpreter as a package, with the environments that can be made with it and its set of packages.
final:
{
  # What there is to know of it: ./interpreter/from-debian.nix, ./interpreter/from-source.nix
  interpreter,
  # self: super: { ... }, an overlay of its set of packages.
  packageOverrides ? (_: _: { }),
}:
let
  inherit (final) lib;
  inherit (interpreter) executable pythonVersion fullVersion;
  wishes = import ./wanted.nix { inherit lib; };

  packageSet = import ./package-set.nix {
    inherit
      final
      interpreter
      wishes
      environments
      python
      packageOverrides
      ;
  };
  environments = import ./environment.nix {
    inherit
      final
      interpreter
      wishes
      python
      ;
    inherit (packageSet) overridden projectOf;
  };
  inherit (environments) sitePackages environmentPackage;

  withPackages =
    select:
    environmentPackage {
      name = "python3-env";
      wanted = wishes.merge (map packageSet.wantedOf (lib.flatten (select packageSet.pythonPackages)));
    };

  withRequirements =
    stated:
    environmentPackage {
      name = stated.name or "python3-env";
      wanted = wishes.read stated;
    };

  python = environments.package {
    pname = "python3";
    version = _: fullVersion;
    wanted = wishes.empty;
    passthru = import ./version-tests.nix { inherit lib pythonVersion; } // {
      inherit
        withPackages
        withRequirements
        pythonVersion
        fullVersion
        sitePackages
        executable
        ;
      pkgs = packageSet.pythonPackages;
      interpreter = "${python}/bin/python3";
      buildEnv = import ./build-env.nix { inherit lib withPackages; };
      # Names by which files of Nixpkgs ask for the same.
      libPrefix = executable;
      sourceVersion = fullVersion;
      implementation = "cpython";
      pythonOnBuildForHost = python;
      # python3.override { packageOverrides = self: super: { ... }; }
      override =
        changes:
        let
          arguments = {
            inherit interpreter packageOverrides;
          };
          changed = removeAttrs (lib.toFunction changes arguments) [ "self" ];
        in
        import ./interpreter.nix final (arguments // changed);
    };
  };
in
python
