# mkShell: an environment, as a derivation that is entered rather than built.
final: prev:
let
  inherit (final) lib system debianTools;

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
      others = debianTools.otherThanDebian inputs;
      environment = derivation (
        builtins.removeAttrs attrs [
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
            packages = debianTools.requestsOf inputs;
          };
          copseLauncher = debianTools.launcher;
          requiredSystemFeatures = [ "copse-root" ];
          preferLocalBuild = true;
          # Inputs of their own store paths; what comes from Debian is in the root.
          buildInputs = others;
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
