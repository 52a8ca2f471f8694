# mkShell: an environment, as a derivation that is entered rather than built.
final: prev:
let
  inherit (final)
    lib
    system
    debianTools
    pythonTools
    rTools
    ;

  mkShell =
    {
      name ? "nix-shell",
      packages ? [ ],
      buildInputs ? [ ],
      nativeBuildInputs ? [ ],
      propagatedBuildInputs ? [ ],
      propagatedNativeBuildInputs ? [ ],
      inputsFrom ? [ ],
      shellHook ? "",
      passthru ? { },
      meta ? { },
      ...
    }@attrs:
    let
      own = lib.flatten (packages ++ nativeBuildInputs ++ buildInputs ++ propagatedNativeBuildInputs ++ propagatedBuildInputs);
      inherited = lib.flatten (map (from: from.copseInputs or [ ]) inputsFrom);
      inputs = builtins.filter (input: input != null) (own ++ inherited);
      # R's packages are solved together; where Debian does not have all of them, they come as one library.
      ofR = rTools.compose (builtins.filter rTools.isOfR inputs);
      isComposed = input: ofR != null && rTools.isOfR input && !input.rIsBinary;
      others = pythonTools.mergeForeign (
        debianTools.otherThanDebian (builtins.filter (input: !isComposed input) inputs)
      );
      # What is asked for of Python, in whatever inputs, is one environment.
      pythons = pythonTools.environmentsOf inputs;
      environment = derivation (
        lib.optionalAttrs (ofR != null) ofR.variables
        // builtins.removeAttrs attrs [
          "packages"
          "inputsFrom"
          "passthru"
          "meta"
          "buildInputs"
          "nativeBuildInputs"
          "propagatedBuildInputs"
          "propagatedNativeBuildInputs"
        ]
        // {
          inherit name system;
          builder = "/bin/bash";
          args = [
            "-e"
            ./builder.sh
          ];
          sandboxRoot = debianTools.makeRoot {
            name = lib.sanitizeDerivationName name;
            packages = lib.uniqueStrings (
              debianTools.requestsOf inputs
              ++ lib.optionals (ofR != null) ofR.requests
              ++ builtins.concatMap (python: python.requests) pythons
            );
          };
          copseLauncher = debianTools.launcher;
          requiredSystemFeatures = [ "copse-root" ];
          preferLocalBuild = true;
          # Inputs of their own store paths; what comes from Debian is in the root.
          buildInputs = map (python: python.environment) pythons ++ others;
          shellHook = lib.concatStringsSep "\n" (
            builtins.filter (hook: hook != "") (map (from: from.shellHook or "") inputsFrom ++ [ shellHook ])
          );
        }
      );
    in
    environment
    // {
      inherit meta passthru;
      copseInputs = inputs;
    }
    // passthru;
in
{
  mkShell = lib.setFunctionArgs mkShell { } // {
    override = _: final.mkShell;
  };
  mkShellNoCC = final.mkShell;
}
